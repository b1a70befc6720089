/* SPDX-License-Identifier: MIT */
/* Owns: the layout of the SLIT: a square matrix of distances, indexed by proximity domain. */
#include <kernel/boot/acpi.h>

enum { SLIT_COUNT_AT = 36, SLIT_MATRIX_AT = 44 };

/* The largest matrix that a table of ACPI_MAX_TABLE_BYTES can hold, and then some. */
#define SLIT_MAX_LOCALITIES 1024u

static bool is_possible(uint32_t from, uint32_t to, uint8_t value)
{
    return from == to ? value == BOOT_DISTANCE_LOCAL : value > BOOT_DISTANCE_LOCAL;
}

void slit_assume_defaults(struct boot_facts *facts)
{
    for (uint32_t from = 0; from < BOOT_MAX_NODES; from++) {
        for (uint32_t to = 0; to < BOOT_MAX_NODES; to++) {
            facts->distance[from][to] = from == to ? BOOT_DISTANCE_LOCAL : BOOT_DISTANCE_REMOTE;
        }
    }
}

/* The row of distances from one node; false at the first impossible value. */
static bool take_row(struct boot_facts *facts, const uint8_t *matrix, uint32_t localities,
                     uint32_t from)
{
    uint32_t row = facts->node_domain[from];
    for (uint32_t to = 0; to < facts->node_count; to++) {
        uint32_t column = facts->node_domain[to];
        if (row >= localities || column >= localities) {
            continue;
        }
        uint8_t value = matrix[row * localities + column];
        if (!is_possible(from, to, value)) {
            boot_warn(&facts->warnings, BOOT_WARN_SLIT_VALUE, BOOT_MAX_NODES * from + to, value);
            return false;
        }
        facts->distance[from][to] = value;
    }
    return true;
}

enum boot_err slit_parse(const struct acpi_table *slit, struct boot_facts *facts,
                         struct boot_problem *problem)
{
    if (slit->bytes < SLIT_MATRIX_AT) {
        return boot_fail(problem, BOOT_E_TABLE_LENGTH, "SLIT", slit->bytes);
    }
    uint64_t count = load_u64(slit->data + SLIT_COUNT_AT);
    if (count == 0 || count > SLIT_MAX_LOCALITIES) {
        return boot_fail(problem, BOOT_E_LOCALITIES, "SLIT", count);
    }
    uint32_t localities = (uint32_t)count;
    if (slit->bytes - SLIT_MATRIX_AT < localities * localities) {
        return boot_fail(problem, BOOT_E_TRUNCATED, "SLIT", slit->bytes);
    }
    slit_assume_defaults(facts);
    for (uint32_t node = 0; node < facts->node_count; node++) {
        if (facts->node_domain[node] >= localities) {
            boot_warn(&facts->warnings, BOOT_WARN_SLIT_DOMAIN, facts->node_domain[node], 0);
        }
    }
    for (uint32_t node = 0; node < facts->node_count; node++) {
        if (!take_row(facts, slit->data + SLIT_MATRIX_AT, localities, node)) {
            slit_assume_defaults(facts);
            break;
        }
    }
    return BOOT_OK;
}
