/* SPDX-License-Identifier: MIT */
/*
 * hello [WORDS]: says hello, where it runs, and the words.
 */
#include <r4/abi/names.h>
#include <r4/abi/stubs.h>
#include <r4/program.h>

int main(int argc, char **argv)
{
    uint64_t core;
    enum r4_err err = r4_thread_state(R4_PROGRAM_SLOT_THREAD, NULL, NULL, NULL, NULL, &core, NULL);
    if (err != R4_OK) {
        r4_printf("hello: reading one's own thread: %s\n", r4_err_name(err));
        return 1;
    }
    r4_printf("hello from cluster %u, core %lu", r4_startup()->cluster, core);
    for (int i = 1; i < argc; i++) {
        r4_printf("%s%s", i == 1 ? ": " : " ", argv[i]);
    }
    r4_printf("\n");
    return 0;
}
