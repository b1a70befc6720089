/* SPDX-License-Identifier: MIT */
/* Owns: what r4.toml says of each call, as tables (abi_facts.py writes them). */
#pragma once

#include <r4/abi/calls.h>
#include <r4/abi/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One reason for a refusal. */
struct abi_cause {
    uint8_t error;
    uint16_t detail;
    const char *when;
};

struct abi_arg {
    const char *name;
    uint8_t bits;
    bool is_index;
};

struct abi_call {
    const char *name; /* NULL: no call has this number */
    uint8_t object;   /* R4_TYPE_NONE, R4_TYPE_ANY, or a type */
    uint16_t rights;
    bool modifies;
    uint8_t arg_count;
    struct abi_arg arg[R4_CALL_WORDS];
    uint8_t result_count;
    uint16_t first_cause; /* in abi_causes, in the order in which they count */
    uint16_t cause_count;
};

extern const struct abi_cause abi_causes[];
extern const struct abi_call abi_calls[R4_CALL_TABLE_SIZE];
