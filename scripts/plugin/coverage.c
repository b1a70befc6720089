/* SPDX-License-Identifier: MIT */
/*
 * coverage: which instructions of the kernel's image were executed. A TCG plugin of QEMU, so the image is the
 * one that everybody else boots.
 *
 *   -plugin FILE,out=FILE
 *
 * Writes the address of each instruction that was executed at its link address, in hexadecimal, one a line.
 * Locking: none. Cores that run at the same time store the same value.
 */
#include "qemu_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_FIRST UINT64_C(0xffffffff80000000)
#define IMAGE_BYTES (UINT64_C(8) << 20)

QEMU_PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_API;

static unsigned char was_executed[IMAGE_BYTES];
static const char *out_path;

static void execute(unsigned int vcpu, void *data)
{
    (void)vcpu;
    *(unsigned char *)data = 1;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        const uint64_t offset = qemu_plugin_insn_vaddr(insn) - IMAGE_FIRST;

        if (offset < IMAGE_BYTES) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, execute, QEMU_PLUGIN_CB_NO_REGS,
                                                   &was_executed[offset]);
        }
    }
}

static void report(qemu_plugin_id_t id, void *data)
{
    FILE *out = fopen(out_path, "w");

    (void)id;
    (void)data;
    if (out == NULL) {
        perror(out_path);
        return;
    }
    for (uint64_t offset = 0; offset < IMAGE_BYTES; offset++) {
        if (was_executed[offset] != 0) {
            (void)fprintf(out, "%llx\n", (unsigned long long)(IMAGE_FIRST + offset));
        }
    }
    if (fclose(out) != 0) {
        perror(out_path);
    }
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
    (void)info;
    if (argc != 1 || strncmp(argv[0], "out=", 4) != 0) {
        (void)fprintf(stderr, "coverage: expected out=FILE\n");
        return -1;
    }
    out_path = strdup(argv[0] + 4);
    if (out_path == NULL) {
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, report, NULL);
    return 0;
}
