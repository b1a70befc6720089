/* SPDX-License-Identifier: MIT */
/*
 * syscheck: walks through the system calls from a program with memory of its own, and compares each
 * result, error and detail with what the ABI says.
 */
#include "check.h"

int main(int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        r4_printf("syscheck: expected no arguments\n");
        return 2;
    }
    check_caps();
    check_views();
    check_revoke();
    check_memory();
    check_threads();
    check_pager();
    check_parts();
    check_signals();
    r4_printf("syscheck: %u results, %u wrong\n", checks_made(), checks_wrong());
    return checks_wrong() == 0 ? 0 : 1;
}
