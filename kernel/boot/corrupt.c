/* SPDX-License-Identifier: MIT */
/* Owns: the spoiling of one copied table, see the table in the header. */
#include <kernel/boot/corrupt.h>

#include <kernel/boot/acpi.h>

#include <string.h>

enum {
    HEADER_LENGTH_AT = 4,
    HEADER_CHECKSUM_AT = 9,
    MADT_ENTRIES_AT = 44,
    SRAT_ENTRIES_AT = 48,
    SLIT_COUNT_AT = 36,
    RSDP_CHECKSUM_AT = 8,
    RSDP_REVISION_AT = 15,
    RSDP_LENGTH_AT = 20,
    XAPIC_BYTES = 8,
    SRAT_CPU_BYTES = 16,
    SRAT_MEMORY = 1,
    SRAT_MEMORY_BYTES = 40,
};

static void fix_sum(uint8_t *data, size_t bytes, size_t sum_at)
{
    uint32_t sum = 0;
    data[sum_at] = 0;
    for (size_t i = 0; i < bytes; i++) {
        sum += data[i];
    }
    data[sum_at] = (uint8_t)(0x100 - (sum & 0xff));
}

static void set_length(uint8_t *table, uint32_t bytes)
{
    memcpy(table + HEADER_LENGTH_AT, &bytes, sizeof bytes);
    fix_sum(table, bytes, HEADER_CHECKSUM_AT);
}

/* The next entry of this type at or after `at`, wholly inside the table; 0 if there is none. */
static size_t find_entry(const uint8_t *table, size_t bytes, size_t at, uint8_t type,
                         uint8_t entry_bytes)
{
    while (at < bytes && bytes - at >= 2 && table[at + 1] >= 2 && table[at + 1] <= bytes - at) {
        if (table[at] == type && table[at + 1] == entry_bytes) {
            return at;
        }
        at += table[at + 1];
    }
    return 0;
}

static enum boot_err overlap_madt(uint8_t *table, size_t bytes)
{
    size_t first = find_entry(table, bytes, MADT_ENTRIES_AT, 0, XAPIC_BYTES);
    size_t second = first == 0 ? 0 : find_entry(table, bytes, first + XAPIC_BYTES, 0, XAPIC_BYTES);
    if (second == 0) {
        return BOOT_E_CORRUPTION;
    }
    memcpy(table + second, table + first, XAPIC_BYTES);
    return BOOT_OK;
}

/* Moves the second node's first memory onto the first node's. */
static enum boot_err overlap_srat(uint8_t *table, size_t bytes)
{
    size_t first = find_entry(table, bytes, SRAT_ENTRIES_AT, SRAT_MEMORY, SRAT_MEMORY_BYTES);
    if (first == 0) {
        return BOOT_E_CORRUPTION;
    }
    uint32_t domain = load_u32(table + first + 2);
    for (size_t at = first;;) {
        at = find_entry(table, bytes, at + SRAT_MEMORY_BYTES, SRAT_MEMORY, SRAT_MEMORY_BYTES);
        if (at == 0) {
            return BOOT_E_CORRUPTION;
        }
        bool is_enabled = (load_u32(table + at + 28) & 1) != 0;
        if (is_enabled && load_u64(table + at + 16) != 0 && load_u32(table + at + 2) != domain) {
            memcpy(table + at + 8, table + first + 8, sizeof(uint64_t));
            return BOOT_OK;
        }
    }
}

static enum boot_err crowd_madt(uint8_t *table, size_t *bytes, size_t capacity)
{
    size_t wanted = MADT_ENTRIES_AT + (BOOT_MAX_CPUS + 1) * XAPIC_BYTES;
    if (wanted > capacity) {
        return BOOT_E_CORRUPTION;
    }
    uint8_t *entry = table + MADT_ENTRIES_AT;
    for (uint32_t i = 0; i <= BOOT_MAX_CPUS; i++, entry += XAPIC_BYTES) {
        const uint8_t cpu[XAPIC_BYTES] = {0, XAPIC_BYTES, (uint8_t)i, (uint8_t)i, 1, 0, 0, 0};
        memcpy(entry, cpu, sizeof cpu);
    }
    *bytes = wanted;
    return BOOT_OK;
}

/* One page of memory for each of too many domains. */
static enum boot_err crowd_srat(uint8_t *table, size_t *bytes, size_t capacity)
{
    size_t wanted = SRAT_ENTRIES_AT + (BOOT_MAX_NODES + 1) * SRAT_MEMORY_BYTES;
    if (wanted > capacity) {
        return BOOT_E_CORRUPTION;
    }
    uint8_t *entry = table + SRAT_ENTRIES_AT;
    for (uint32_t i = 0; i <= BOOT_MAX_NODES; i++, entry += SRAT_MEMORY_BYTES) {
        const uint64_t page_bytes = 4096;
        const uint64_t base = i * page_bytes;
        memset(entry, 0, SRAT_MEMORY_BYTES);
        entry[0] = SRAT_MEMORY;
        entry[1] = SRAT_MEMORY_BYTES;
        entry[2] = (uint8_t)i;
        memcpy(entry + 8, &base, sizeof base);
        memcpy(entry + 16, &page_bytes, sizeof page_bytes);
        entry[28] = 1;
    }
    *bytes = wanted;
    return BOOT_OK;
}

static enum boot_err crowd_slit(uint8_t *table, const size_t *bytes)
{
    const uint64_t localities = 1ull << 32;
    if (*bytes < SLIT_COUNT_AT + sizeof localities) {
        return BOOT_E_CORRUPTION;
    }
    memcpy(table + SLIT_COUNT_AT, &localities, sizeof localities);
    return BOOT_OK;
}

static enum boot_err overlap_table(enum boot_corrupt_table which, uint8_t *table, size_t bytes)
{
    if (which == BOOT_CORRUPT_MADT) {
        return overlap_madt(table, bytes);
    }
    return which == BOOT_CORRUPT_SRAT ? overlap_srat(table, bytes) : BOOT_E_CORRUPTION;
}

static enum boot_err crowd_table(enum boot_corrupt_table which, uint8_t *table, size_t *bytes,
                                 size_t capacity)
{
    if (which == BOOT_CORRUPT_MADT) {
        return crowd_madt(table, bytes, capacity);
    }
    if (which == BOOT_CORRUPT_SRAT) {
        return crowd_srat(table, bytes, capacity);
    }
    return which == BOOT_CORRUPT_SLIT ? crowd_slit(table, bytes) : BOOT_E_CORRUPTION;
}

enum boot_err boot_corrupt_apply(struct boot_corruption corruption, uint8_t *table, size_t *bytes,
                                 size_t capacity)
{
    const uint32_t impossible = UINT32_MAX;
    enum boot_err err = BOOT_OK;
    if (*bytes <= ACPI_HEADER_BYTES || *bytes > capacity) {
        return BOOT_E_CORRUPTION;
    }
    switch (corruption.kind) {
    case BOOT_CORRUPT_CHECKSUM:
        table[HEADER_CHECKSUM_AT] ^= 0x5a;
        return BOOT_OK;
    case BOOT_CORRUPT_LENGTH:
        memcpy(table + HEADER_LENGTH_AT, &impossible, sizeof impossible);
        return BOOT_OK;
    case BOOT_CORRUPT_TRUNCATE:
        *bytes -= 1;
        break;
    case BOOT_CORRUPT_OVERLAP:
        err = overlap_table(corruption.table, table, *bytes);
        break;
    case BOOT_CORRUPT_TOO_MANY:
        err = crowd_table(corruption.table, table, bytes, capacity);
        break;
    }
    if (err == BOOT_OK) {
        set_length(table, (uint32_t)*bytes);
    }
    return err;
}

static enum boot_err corrupt_rsdp(enum boot_corrupt_kind kind, struct boot_rsdp *rsdp)
{
    const uint32_t too_short = 20;
    if (rsdp->byte_count < too_short) {
        return BOOT_E_CORRUPTION;
    }
    switch (kind) {
    case BOOT_CORRUPT_CHECKSUM:
        rsdp->bytes[RSDP_CHECKSUM_AT] ^= 0x5a;
        return BOOT_OK;
    case BOOT_CORRUPT_LENGTH: /* revision 0 has no length field: becomes a bad revision 2 */
        rsdp->bytes[RSDP_REVISION_AT] = 2;
        memcpy(rsdp->bytes + RSDP_LENGTH_AT, &too_short, sizeof too_short);
        rsdp->byte_count = ACPI_HEADER_BYTES;
        fix_sum(rsdp->bytes, too_short, RSDP_CHECKSUM_AT);
        return BOOT_OK;
    case BOOT_CORRUPT_TRUNCATE:
        rsdp->byte_count = too_short - 1;
        return BOOT_OK;
    case BOOT_CORRUPT_OVERLAP:
    case BOOT_CORRUPT_TOO_MANY:
        break;
    }
    return BOOT_E_CORRUPTION;
}

static enum boot_err corrupt_memmap(enum boot_corrupt_kind kind, struct boot_facts *facts)
{
    struct boot_range *first = &facts->firmware_map[0];
    switch (kind) {
    case BOOT_CORRUPT_LENGTH:
        *first = (struct boot_range){.base = 4096, .bytes = UINT64_MAX, .kind = first->kind};
        return BOOT_OK;
    case BOOT_CORRUPT_TRUNCATE:
        facts->firmware_map_count = 0;
        return BOOT_OK;
    case BOOT_CORRUPT_OVERLAP: /* everything is also listed as reserved */
        *first = (struct boot_range){.base = 0, .bytes = UINT64_MAX, .kind = BOOT_MEM_RESERVED};
        return BOOT_OK;
    case BOOT_CORRUPT_TOO_MANY:
        facts->firmware_map_count = BOOT_MAX_RANGES + 1;
        return BOOT_OK;
    case BOOT_CORRUPT_CHECKSUM:
        break;
    }
    return BOOT_E_CORRUPTION;
}

static enum boot_err corrupt_module(enum boot_corrupt_kind kind, struct boot_facts *facts)
{
    if (facts->module_count == 0 || facts->module_count >= BOOT_MAX_MODULES) {
        return BOOT_E_CORRUPTION;
    }
    switch (kind) {
    case BOOT_CORRUPT_LENGTH:
        facts->modules[0].bytes = UINT64_MAX - facts->modules[0].paddr;
        return BOOT_OK;
    case BOOT_CORRUPT_TRUNCATE:
        facts->modules[0].bytes = 0;
        return BOOT_OK;
    case BOOT_CORRUPT_OVERLAP: /* the first module a second time */
        facts->modules[facts->module_count++] = facts->modules[0];
        return BOOT_OK;
    case BOOT_CORRUPT_TOO_MANY:
        facts->module_count = BOOT_MAX_MODULES + 1;
        return BOOT_OK;
    case BOOT_CORRUPT_CHECKSUM:
        break;
    }
    return BOOT_E_CORRUPTION;
}

enum boot_err boot_corrupt_facts(struct boot_corruption corruption, struct boot_facts *facts)
{
    switch (corruption.table) {
    case BOOT_CORRUPT_RSDP:
        return corrupt_rsdp(corruption.kind, &facts->rsdp);
    case BOOT_CORRUPT_MEMMAP:
        return corrupt_memmap(corruption.kind, facts);
    case BOOT_CORRUPT_MODULE:
        return corrupt_module(corruption.kind, facts);
    case BOOT_CORRUPT_NOTHING:
    case BOOT_CORRUPT_XSDT:
    case BOOT_CORRUPT_MADT:
    case BOOT_CORRUPT_SRAT:
    case BOOT_CORRUPT_SLIT:
        break;
    }
    return BOOT_E_CORRUPTION;
}

const char *boot_corrupt_signature(enum boot_corrupt_table table)
{
    switch (table) {
    case BOOT_CORRUPT_MADT:
        return "APIC";
    case BOOT_CORRUPT_SRAT:
        return "SRAT";
    case BOOT_CORRUPT_SLIT:
        return "SLIT";
    case BOOT_CORRUPT_NOTHING:
    case BOOT_CORRUPT_RSDP:
    case BOOT_CORRUPT_XSDT:
    case BOOT_CORRUPT_MEMMAP:
    case BOOT_CORRUPT_MODULE:
        break;
    }
    return NULL;
}
