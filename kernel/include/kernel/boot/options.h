/* SPDX-License-Identifier: MIT */
/*
 * Owns: the kernel's command line: words `name=value` separated by blanks; what follows the word
 * `--` is not looked at and goes to user space.
 *
 *   clusters=numa|package|single|core   granularity of the clusters (numa)
 *   root=NAME                           file of the root task in the boot archive (sys/root)
 *   slice_us=N                          round-robin time slice, 100..1000000 microseconds (10000)
 *   watchdog_s=N                        end the machine with status WATCHDOG after 1..86400 seconds (never)
 *   fault=POINT:NTH:ACTION              up to BOOT_MAX_FAULTS times: at the NTH passage, NTH >= 1
 *   corrupt=TABLE:KIND                  spoil a copied boot table (corrupt.h)
 *   trace=on|off                        whether trace points record from the start (off)
 *   plant=NAME                          planted violation that a test expects to be caught
 *
 * Not here: whether a fault point, an action or a planted violation of that name exists.
 */
#pragma once

#include <kernel/boot/err.h>
#include <kernel/boot/facts.h>

#include <stdint.h>

#define BOOT_MAX_FAULTS       4
#define BOOT_WORD_BYTES       32
#define BOOT_SLICE_US_MIN     100u
#define BOOT_SLICE_US_MAX     1000000u
#define BOOT_WATCHDOG_S_MAX   86400u
#define BOOT_SLICE_US_DEFAULT 10000u

enum boot_policy {
    BOOT_POLICY_NUMA,    /* a cluster per node */
    BOOT_POLICY_PACKAGE, /* a cluster per processor package */
    BOOT_POLICY_SINGLE,  /* one cluster */
    BOOT_POLICY_CORE     /* a cluster per processor */
};

struct boot_fault {
    char point[BOOT_WORD_BYTES];
    char action[BOOT_WORD_BYTES];
    uint32_t nth;
};

enum boot_corrupt_table {
    BOOT_CORRUPT_NOTHING,
    BOOT_CORRUPT_RSDP,
    BOOT_CORRUPT_XSDT, /* the root table, also where it is an RSDT */
    BOOT_CORRUPT_MADT,
    BOOT_CORRUPT_SRAT,
    BOOT_CORRUPT_SLIT,
    BOOT_CORRUPT_MEMMAP,
    BOOT_CORRUPT_MODULE
};

enum boot_corrupt_kind {
    BOOT_CORRUPT_CHECKSUM,
    BOOT_CORRUPT_LENGTH,
    BOOT_CORRUPT_TRUNCATE,
    BOOT_CORRUPT_OVERLAP,
    BOOT_CORRUPT_TOO_MANY
};

struct boot_corruption {
    enum boot_corrupt_table table;
    enum boot_corrupt_kind kind;
};

struct boot_options {
    enum boot_policy policy;
    uint32_t slice_us;
    uint32_t watchdog_s; /* 0: none */
    char root[BOOT_WORD_BYTES];
    struct boot_fault faults[BOOT_MAX_FAULTS];
    uint32_t fault_count;
    struct boot_corruption corruption;
    char plant[BOOT_WORD_BYTES]; /* empty: none */
    bool trace;
    char args[BOOT_CMDLINE_BYTES];
};

/* Parses `line`, which has its NUL within BOOT_CMDLINE_BYTES. On failure `problem` holds the word
 * and its offset, and the options are undefined: BOOT_E_OPTION (unknown word, or a byte outside
 * printable ASCII), BOOT_E_OPTION_VALUE, BOOT_E_OPTION_TWICE, BOOT_E_STRING_LENGTH (no NUL). */
enum boot_err cmdline_parse(const char *line, struct boot_options *options,
                            struct boot_problem *problem);
