/* SPDX-License-Identifier: MIT */
/*
 * Owns: the command `run`: a program of the boot archive, its output, its end.
 */
#include "command.h"

#include <r4/abi/names.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <string.h>

#define PROGRAM_PRIORITY 100u /* below the root task, so that its output is read at once */
#define NAME_MAX_BYTES   64u
#define STATUS_MAX       255u
#define STATUS_FAULT     128u /* plus the cause */

#define LAB_UNTYPED_BITS 24u
#define MIB_BITS         20u
#define MEMORY_BITS_MAX  39u /* of -m */

/* Folders of the boot archive; what is in the later ones is not for `run`. */
static const char *const folders[] = {"bin/", "lab/", "sys/", "traffic/"};
#define LAB          1u
#define RUN_FOLDERS  2u
#define FOLDERS      (sizeof folders / sizeof folders[0])
#define FOLDER_BYTES 4u /* of one for `run` */

/* What measures and tests domains, peers and many objects; every other program gets by without it. */
static const struct r4_process_gift laboratory_gifts[] = {
    {R4_INIT_SLOT_ASID_CONTROL, R4_PROGRAM_SLOT_FREE, R4_RIGHT_CONTROL},
    {R4_INIT_SLOT_MONITOR, R4_PROGRAM_SLOT_FREE + 1u, R4_RIGHT_READ},
};

/* A command line, taken apart. */
struct program_run {
    uint32_t argc;
    const char *const *argv;
    struct cpio_file file;
    size_t folder;
    uint8_t more_bits; /* log2 of what -m says, 0 without it */
};

const char *program_name(const struct root *root, size_t i)
{
    struct cpio_file file;
    size_t offset = 0;
    while (cpio_next(&root->archive, &offset, &file) == CPIO_OK) {
        for (size_t folder = 0; folder < RUN_FOLDERS; folder++) {
            if (strlen(file.name) > FOLDER_BYTES &&
                memcmp(file.name, folders[folder], FOLDER_BYTES) == 0 && i-- == 0) {
                return file.name + FOLDER_BYTES;
            }
        }
    }
    return NULL;
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

static uint32_t run_image(struct root *root, struct sink *out, const struct program_run *run)
{
    static struct r4_process process;
    const struct r4_bootinfo *info = root->info;
    const char *name = run->argv[0];
    const struct r4_process_spec spec = {
        .image = run->file.data,
        .image_bytes = run->file.bytes,
        .argc = run->argc,
        .argv = run->argv,
        .core = root->next_core,
        .priority = PROGRAM_PRIORITY,
        .untyped_bits = run->folder == LAB ? LAB_UNTYPED_BITS : 0,
        .more_bits = run->more_bits,
        .with_peer = true,
        .gifts = laboratory_gifts,
        .gift_count = run->folder == LAB ? sizeof laboratory_gifts / sizeof laboratory_gifts[0] : 0,
        .cluster = info->cluster,
        .clusters = info->clusters,
        .cores = info->cores,
        .cycles_per_us = info->cycles_per_us,
    };
    enum r4_err err = r4_process_create(&root->env, &spec, &process);
    if (err != R4_OK) {
        return command_failed(out, name, root->env.step, err);
    }
    root->next_core = (root->next_core + 1) % info->cores;
    enum r4_process_end end = r4_process_wait(&root->env, &process, sink_put, out);
    sink_flush(out);
    uint32_t status = report_end(root, out, name, end, &process);
    err = r4_process_destroy(&root->env, &process);
    return err == R4_OK ? status : command_failed(out, name, "taking memory back", err);
}

/* CPIO_E_NOT_FOUND: it is in no folder. */
static enum cpio_err find_program(const struct root *root, struct program_run *run)
{
    char name[NAME_MAX_BYTES];
    enum cpio_err err = CPIO_E_NOT_FOUND;
    for (size_t i = 0; i < FOLDERS && err == CPIO_E_NOT_FOUND; i++) {
        size_t bytes = r4_snprintf(name, sizeof name, "%s%s", folders[i], run->argv[0]);
        err = bytes < sizeof name ? cpio_find(&root->archive, name, &run->file) : CPIO_E_NOT_FOUND;
        run->folder = i;
    }
    return err;
}

/* -m MIB. False: that is no size. */
static bool read_size(const char *word, uint8_t *bits)
{
    uint64_t mib = 0;
    if (word == NULL || !words_number(word, UINT64_C(1) << (MEMORY_BITS_MAX - MIB_BITS), &mib) ||
        mib == 0 || (mib & (mib - 1)) != 0) {
        return false;
    }
    *bits = (uint8_t)(MIB_BITS + (uint32_t)__builtin_ctzll(mib));
    return true;
}

uint32_t command_program(struct root *root, struct sink *out, const struct words *words)
{
    struct program_run run = {.argc = words->count - 1, .argv = words->word + 1};
    if (run.argc > 0 && strcmp(run.argv[0], "-m") == 0) {
        if (!read_size(run.argv[1], &run.more_bits)) {
            return command_usage(out, "run", "expected a power of two, in MiB, after -m");
        }
        run.argc -= 2;
        run.argv += 2;
    }
    if (run.argc == 0) {
        return command_usage(out, "run", "expected the name of a program");
    }
    enum cpio_err err = find_program(root, &run);
    if (err == CPIO_E_NOT_FOUND) {
        sink_printf(out, "run: there is no program `%s` in the boot archive\n", run.argv[0]);
        return STATUS_FAILED;
    }
    if (err != CPIO_OK) {
        sink_printf(out, "run: the boot archive is broken: %s\n", cpio_err_text(err));
        return STATUS_FAILED;
    }
    if (run.folder >= RUN_FOLDERS) {
        sink_printf(out, "run: only boot can start `%s`\n", run.argv[0]);
        return STATUS_FAILED;
    }
    return run_image(root, out, &run);
}
