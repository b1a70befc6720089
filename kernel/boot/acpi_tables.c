/* SPDX-License-Identifier: MIT */
/* Owns: finding and checking ACPI tables: RSDP, RSDT, XSDT, headers, entries. */
#include <kernel/boot/acpi.h>

enum {
    RSDP_OLD_BYTES = 20,
    RSDP_NEW_BYTES = 36,
    RSDP_NEW_REVISION = 2,
    RSDP_REVISION_AT = 15,
    RSDP_RSDT_AT = 16,
    RSDP_LENGTH_AT = 20,
    RSDP_XSDT_AT = 24,
    HEADER_LENGTH_AT = 4,
};

static uint8_t sum_bytes(const uint8_t *data, size_t bytes)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes; i++) {
        sum += data[i];
    }
    return (uint8_t)(sum & 0xff);
}

static enum boot_err check_sum(const uint8_t *data, size_t bytes, const char *where,
                               struct boot_problem *problem)
{
    uint8_t sum = sum_bytes(data, bytes);
    return sum == 0 ? BOOT_OK : boot_fail(problem, BOOT_E_CHECKSUM, where, sum);
}

enum boot_err acpi_read_rsdp(const struct phys_view *view, uint64_t paddr, struct boot_rsdp *rsdp,
                             struct boot_problem *problem)
{
    if (!phys_read(view, paddr, rsdp->bytes, RSDP_OLD_BYTES)) {
        return boot_fail(problem, BOOT_E_UNREADABLE, "RSDP", paddr);
    }
    rsdp->byte_count = RSDP_OLD_BYTES;
    if (rsdp->bytes[RSDP_REVISION_AT] < RSDP_NEW_REVISION) {
        return BOOT_OK;
    }
    if (!phys_read(view, paddr, rsdp->bytes, RSDP_NEW_BYTES)) {
        return boot_fail(problem, BOOT_E_UNREADABLE, "RSDP", paddr);
    }
    uint32_t length = load_u32(rsdp->bytes + RSDP_LENGTH_AT);
    if (length < RSDP_NEW_BYTES || length > BOOT_RSDP_BYTES) {
        return boot_fail(problem, BOOT_E_TABLE_LENGTH, "RSDP", length);
    }
    if (!phys_read(view, paddr, rsdp->bytes, length)) {
        return boot_fail(problem, BOOT_E_UNREADABLE, "RSDP", paddr);
    }
    rsdp->byte_count = length;
    return BOOT_OK;
}

static enum boot_err check_rsdp(const struct boot_rsdp *rsdp, struct boot_problem *problem)
{
    if (rsdp->byte_count == 0) {
        return boot_fail(problem, BOOT_E_NO_RSDP, "RSDP", 0);
    }
    if (rsdp->byte_count < RSDP_OLD_BYTES) {
        return boot_fail(problem, BOOT_E_TRUNCATED, "RSDP", rsdp->byte_count);
    }
    if (memcmp(rsdp->bytes, "RSD PTR ", 8) != 0) {
        return boot_fail(problem, BOOT_E_SIGNATURE, "RSDP", 0);
    }
    enum boot_err err = check_sum(rsdp->bytes, RSDP_OLD_BYTES, "RSDP", problem);
    if (err != BOOT_OK || rsdp->bytes[RSDP_REVISION_AT] < RSDP_NEW_REVISION) {
        return err;
    }
    if (rsdp->byte_count < RSDP_NEW_BYTES) {
        return boot_fail(problem, BOOT_E_TRUNCATED, "RSDP", rsdp->byte_count);
    }
    uint32_t length = load_u32(rsdp->bytes + RSDP_LENGTH_AT);
    if (length < RSDP_NEW_BYTES || length > rsdp->byte_count) {
        return boot_fail(problem, BOOT_E_TABLE_LENGTH, "RSDP", length);
    }
    return check_sum(rsdp->bytes, length, "RSDP", problem);
}

/* Maps the whole table at paddr, whose name is known, and checks length and checksum. */
static enum boot_err open_table(const struct phys_view *view, uint64_t paddr, const char *name,
                                struct acpi_table *table, struct boot_problem *problem)
{
    const uint8_t *header = phys_map(view, paddr, ACPI_HEADER_BYTES);
    if (header == NULL) {
        return boot_fail(problem, BOOT_E_UNREADABLE, name, paddr);
    }
    if (memcmp(header, name, 4) != 0) {
        return boot_fail(problem, BOOT_E_SIGNATURE, name, paddr);
    }
    uint32_t bytes = load_u32(header + HEADER_LENGTH_AT);
    if (bytes < ACPI_HEADER_BYTES || bytes > ACPI_MAX_TABLE_BYTES) {
        return boot_fail(problem, BOOT_E_TABLE_LENGTH, name, bytes);
    }
    const uint8_t *data = phys_map(view, paddr, bytes);
    if (data == NULL) {
        return boot_fail(problem, BOOT_E_UNREADABLE, name, paddr);
    }
    enum boot_err err = check_sum(data, bytes, name, problem);
    if (err != BOOT_OK) {
        return err;
    }
    *table = (struct acpi_table){.data = data, .bytes = bytes, .paddr = paddr};
    memcpy(table->name, name, 4);
    return BOOT_OK;
}

enum boot_err acpi_open_root(const struct phys_view *view, const struct boot_rsdp *rsdp,
                             struct acpi_root *root, struct boot_problem *problem)
{
    enum boot_err err = check_rsdp(rsdp, problem);
    if (err != BOOT_OK) {
        return err;
    }
    bool is_new = rsdp->bytes[RSDP_REVISION_AT] >= RSDP_NEW_REVISION;
    uint64_t xsdt = is_new ? load_u64(rsdp->bytes + RSDP_XSDT_AT) : 0;
    uint64_t rsdt = load_u32(rsdp->bytes + RSDP_RSDT_AT);
    struct acpi_table table = {0};
    if (xsdt != 0) {
        err = open_table(view, xsdt, "XSDT", &table, problem);
    } else {
        err = open_table(view, rsdt, "RSDT", &table, problem);
    }
    if (err != BOOT_OK) {
        return err;
    }
    uint32_t entry_bytes = xsdt != 0 ? 8 : 4;
    if ((table.bytes - ACPI_HEADER_BYTES) % entry_bytes != 0) {
        return boot_fail(problem, BOOT_E_TRUNCATED, table.name, table.bytes);
    }
    *root = (struct acpi_root){.table = table, .entry_bytes = entry_bytes};
    return BOOT_OK;
}

enum boot_err acpi_find_table(const struct phys_view *view, const struct acpi_root *root,
                              const char *name, struct acpi_table *table,
                              struct boot_problem *problem)
{
    const uint8_t *data = root->table.data;
    for (uint32_t at = ACPI_HEADER_BYTES; at < root->table.bytes; at += root->entry_bytes) {
        uint64_t paddr = root->entry_bytes == 8 ? load_u64(data + at) : load_u32(data + at);
        if (paddr == 0) {
            continue;
        }
        const uint8_t *header = phys_map(view, paddr, ACPI_HEADER_BYTES);
        if (header == NULL) {
            return boot_fail(problem, BOOT_E_UNREADABLE, root->table.name, paddr);
        }
        if (memcmp(header, name, 4) == 0) {
            return open_table(view, paddr, name, table, problem);
        }
    }
    return boot_fail(problem, BOOT_E_NO_TABLE, name, 0);
}

enum boot_err acpi_next_entry(const struct acpi_table *table, uint32_t *offset,
                              struct acpi_entry *entry, bool *has_entry,
                              struct boot_problem *problem)
{
    uint32_t at = *offset;
    if (at == table->bytes) {
        *has_entry = false;
        return BOOT_OK;
    }
    if (at > table->bytes || table->bytes - at < 2) {
        return boot_fail(problem, BOOT_E_TRUNCATED, table->name, at);
    }
    uint8_t bytes = table->data[at + 1];
    if (bytes < 2) {
        return boot_fail(problem, BOOT_E_ENTRY_LENGTH, table->name, at);
    }
    if (bytes > table->bytes - at) {
        return boot_fail(problem, BOOT_E_TRUNCATED, table->name, at);
    }
    *entry = (struct acpi_entry){
        .data = table->data + at, .offset = at, .type = table->data[at], .bytes = bytes};
    *has_entry = true;
    *offset = at + bytes;
    return BOOT_OK;
}
