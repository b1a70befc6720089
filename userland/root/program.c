/* SPDX-License-Identifier: MIT */
/*
 * Owns: the command `run`: a program of the boot archive, its output, its end.
 */
#include "command.h"

#include <r4/abi/names.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <string.h>

#define PROGRAM_PRIORITY   100u /* below the root task, so that its output is read at once */
#define NAME_MAX_BYTES     64u
#define STATUS_INTERRUPTED 254u
#define STATUS_MAX         255u
#define STATUS_FAULT       128u /* plus the cause */

#define LAB_UNTYPED_BITS 24u

/* What measures and tests domains, peers and many objects; every other program gets by without it. */
static const char *const laboratory[] = {
    "proxycheck", "proxy-chain", "proxy-vs-copy", "proxy-storm", "revoke-tree", "link-race",
};
static const struct r4_process_gift laboratory_gifts[] = {
    {R4_INIT_SLOT_ASID_CONTROL, R4_PROGRAM_SLOT_FREE, R4_RIGHT_CONTROL},
    {R4_INIT_SLOT_MONITOR, R4_PROGRAM_SLOT_FREE + 1u, R4_RIGHT_READ},
};

static bool is_laboratory(const char *name)
{
    for (size_t i = 0; i < sizeof laboratory / sizeof laboratory[0]; i++) {
        if (strcmp(name, laboratory[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void report_registers(struct sink *out, const struct r4_fault *fault)
{
    for (uint32_t i = 0; i < R4_REGISTER_COUNT; i++) {
        sink_printf(out, "  %-6s %016lx%s", r4_register_name(i), fault->registers[i],
                    i % 3 == 2 ? "\n" : "");
    }
}

static uint32_t report_fault(struct root *root, struct sink *out, const char *name,
                             const struct r4_fault *fault)
{
    uint64_t ip = fault->registers[R4_REGISTER_RIP];
    uint64_t sp = fault->registers[R4_REGISTER_RSP];
    const struct event event = {
        .kind = EVENT_FAULT,
        .cluster = root->info->cluster,
        .word = {fault->cause, fault->address, fault->code, ip, sp},
    };
    sink_event(out, &event);
    sink_printf(out, "%s: fault %s at address 0x%lx, error code 0x%lx\n", name,
                r4_fault_cause_name((uint32_t)fault->cause), fault->address, fault->code);
    report_registers(out, fault);
    return STATUS_FAULT + (uint32_t)fault->cause;
}

static uint32_t report_end(struct root *root, struct sink *out, const char *name,
                           enum r4_process_end end, const struct r4_process *process)
{
    switch (end) {
    case R4_PROCESS_EXITED:
        return process->status < STATUS_MAX ? process->status : STATUS_MAX;
    case R4_PROCESS_FAULTED:
        return report_fault(root, out, name, &process->fault);
    case R4_PROCESS_BROKEN:
        sink_printf(out, "%s: wrote nonsense into its output page and was ended\n", name);
        return STATUS_FAILED;
    case R4_PROCESS_INTERRUPTED:
        sink_printf(out, "%s: broken off by Ctrl-C\n", name);
        return STATUS_INTERRUPTED;
    case R4_PROCESS_RUNS:
    case R4_PROCESS_STOPPED:
        break;
    }
    sink_printf(out, "%s: its first thread was stopped without an exit status\n", name);
    return STATUS_FAILED;
}

static uint32_t run_image(struct root *root, struct sink *out, const struct words *words,
                          const struct cpio_file *file)
{
    static struct r4_process process;
    const struct r4_bootinfo *info = root->info;
    const bool is_lab = is_laboratory(words->word[1]);
    const struct r4_process_spec spec = {
        .image = file->data,
        .image_bytes = file->bytes,
        .argc = words->count - 1,
        .argv = words->word + 1,
        .core = root->next_core,
        .priority = PROGRAM_PRIORITY,
        .untyped_bits = is_lab ? LAB_UNTYPED_BITS : 0,
        .with_peer = true,
        .gifts = laboratory_gifts,
        .gift_count = is_lab ? sizeof laboratory_gifts / sizeof laboratory_gifts[0] : 0,
        .cluster = info->cluster,
        .clusters = info->clusters,
        .cores = info->cores,
        .cycles_per_us = info->cycles_per_us,
    };
    enum r4_err err = r4_process_create(&root->env, &spec, &process);
    if (err != R4_OK) {
        return command_failed(out, words->word[1], root->env.step, err);
    }
    root->next_core = (root->next_core + 1) % info->cores;
    enum r4_process_end end = r4_process_wait(&root->env, &process, sink_put, out);
    sink_flush(out);
    uint32_t status = report_end(root, out, words->word[1], end, &process);
    err = r4_process_destroy(&root->env, &process);
    return err == R4_OK ? status : command_failed(out, words->word[1], "taking memory back", err);
}

uint32_t command_program(struct root *root, struct sink *out, const struct words *words)
{
    char name[NAME_MAX_BYTES];
    struct cpio_file file;
    if (words->count < 2) {
        return command_usage(out, "run", "expected the name of a program");
    }
    size_t bytes = r4_snprintf(name, sizeof name, "bin/%s", words->word[1]);
    enum cpio_err err =
        bytes < sizeof name ? cpio_find(&root->archive, name, &file) : CPIO_E_NOT_FOUND;
    if (err == CPIO_E_NOT_FOUND) {
        sink_printf(out, "run: there is no program `%s` in the boot archive\n", words->word[1]);
        return STATUS_FAILED;
    }
    if (err != CPIO_OK) {
        sink_printf(out, "run: the boot archive is broken: %s\n", cpio_err_text(err));
        return STATUS_FAILED;
    }
    return run_image(root, out, words, &file);
}
