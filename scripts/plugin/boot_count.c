/* SPDX-License-Identifier: MIT */
/*
 * boot_count: how many instructions each core executes from the kernel's first one until its
 * cluster enters user mode for the first time. A TCG plugin of QEMU.
 *
 *   -plugin FILE,out=FILE,cores=N[,skip=FIRST-END]...
 *
 * `cores` is the number of cores of a cluster; `skip` an interval of addresses (hexadecimal, END is
 * the first one outside) that is not work: measuring a clock takes as long as it takes. Writes a
 * line "CORE COUNT" for each core that executed anything.
 *
 * Invariants
 * (1) The firmware does not count: a core begins with the kernel's first instruction on it, which
 *     is linked above KERNEL_FIRST, lies in the page to which cores are started, or in the image's
 *     head at 1 MiB.
 * (2) Halted time has no instructions. A round of a waiting loop does not count: every such loop
 *     has `pause` (or reads a port), so what lies between two of these and is at most ROUND_MAX
 *     long is such a round.
 * Locking: none. With -icount one host thread runs all cores.
 */
#include "qemu_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT           __attribute__((visibility("default")))
#define KERNEL_FIRST     UINT64_C(0xffff800000000000)
#define HEAD_FIRST       UINT64_C(0x100000)
#define HEAD_END         UINT64_C(0x101000)
#define TRAMPOLINE_FIRST UINT64_C(0x8000)
#define TRAMPOLINE_END   UINT64_C(0x9000)
#define CORES_MAX        256u
#define SKIPS_MAX        32u
#define ROUND_MAX        64u

EXPORT int qemu_plugin_version = PLUGIN_API;

struct core {
    uint64_t counted;
    uint64_t round; /* instructions since the last one that waits */
    bool has_begun;
    bool was_high; /* left the identity-mapped start */
};

static struct core cores[CORES_MAX];
static bool is_in_user[CORES_MAX]; /* by cluster */
static unsigned cores_of_cluster = 1;
static const char *out_path;
static struct {
    uint64_t first;
    uint64_t end;
} skips[SKIPS_MAX];
static unsigned skip_count;

/* What an instruction is, as the data of its callback. */
enum kind {
    KIND_WORK,
    KIND_WAIT, /* pause, or reads a port */
    KIND_SKIP,
    KIND_LOW,   /* below the kernel, outside of its start: firmware or user code */
    KIND_START, /* the kernel's start, mapped at its physical address */
};

static void count(struct core *core)
{
    core->counted++;
    core->round++;
}

static void wait(struct core *core)
{
    count(core);
    if (core->round <= ROUND_MAX) {
        core->counted -= core->round;
    }
    core->round = 0;
}

static void execute(unsigned int vcpu, void *data)
{
    struct core *core = &cores[vcpu % CORES_MAX];
    const enum kind kind = (enum kind)(uintptr_t)data;
    bool *in_user = &is_in_user[vcpu / cores_of_cluster % CORES_MAX];
    if (*in_user) {
        return;
    }
    switch (kind) {
    case KIND_LOW:
        *in_user = core->was_high;
        return;
    case KIND_START:
        core->has_begun = true;
        count(core);
        return;
    case KIND_WORK:
    case KIND_WAIT:
        core->was_high = true;
        (kind == KIND_WORK ? count : wait)(core);
        return;
    case KIND_SKIP:
        return;
    }
}

/* PAUSE is f3 90; IN from the port in dx is ec or ed. */
static bool is_wait(const struct qemu_plugin_insn *insn)
{
    const uint8_t *bytes = qemu_plugin_insn_data(insn);
    const size_t size = qemu_plugin_insn_size(insn);
    return (size == 2 && bytes[0] == 0xf3 && bytes[1] == 0x90) ||
           (size == 1 && (bytes[0] == 0xec || bytes[0] == 0xed));
}

static enum kind kind_of(const struct qemu_plugin_insn *insn)
{
    const uint64_t at = qemu_plugin_insn_vaddr(insn);
    for (unsigned i = 0; i < skip_count; i++) {
        if (at >= skips[i].first && at < skips[i].end) {
            return KIND_SKIP;
        }
    }
    if (at >= KERNEL_FIRST) {
        return is_wait(insn) ? KIND_WAIT : KIND_WORK;
    }
    const bool is_head = at >= HEAD_FIRST && at < HEAD_END;
    const bool is_trampoline = at >= TRAMPOLINE_FIRST && at < TRAMPOLINE_END;
    return is_head || is_trampoline ? KIND_START : KIND_LOW;
}

static void translate(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, execute, QEMU_PLUGIN_CB_NO_REGS,
                                               (void *)(uintptr_t)kind_of(insn));
    }
}

static void finish(uint64_t id, void *unused)
{
    (void)id;
    (void)unused;
    FILE *out = fopen(out_path, "w");
    if (out == NULL) {
        perror(out_path);
        return;
    }
    for (unsigned i = 0; i < CORES_MAX; i++) {
        if (cores[i].counted != 0) {
            fprintf(out, "%u %llu\n", i, (unsigned long long)cores[i].counted);
        }
    }
    (void)fclose(out);
}

static bool take_skip(const char *text)
{
    char *middle;
    char *end;
    if (skip_count == SKIPS_MAX) {
        return false;
    }
    skips[skip_count].first = strtoull(text, &middle, 16);
    if (*middle != '-') {
        return false;
    }
    skips[skip_count].end = strtoull(middle + 1, &end, 16);
    skip_count++;
    return *end == '\0';
}

static bool take_argument(const char *text)
{
    if (strncmp(text, "out=", 4) == 0) {
        out_path = strdup(text + 4);
        return out_path != NULL;
    }
    if (strncmp(text, "cores=", 6) == 0) {
        cores_of_cluster = (unsigned)strtoul(text + 6, NULL, 10);
        return cores_of_cluster > 0 && cores_of_cluster <= CORES_MAX;
    }
    return strncmp(text, "skip=", 5) == 0 && take_skip(text + 5);
}

EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (!take_argument(argv[i])) {
            fprintf(stderr, "boot_count: %s is not an argument\n", argv[i]);
            return -1;
        }
    }
    if (out_path == NULL) {
        fprintf(stderr, "boot_count: expected out=FILE\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, finish, NULL);
    return 0;
}
