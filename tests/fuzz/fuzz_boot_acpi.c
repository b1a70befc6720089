/* SPDX-License-Identifier: MIT */
/*
 * From ACPI tables to a partition. The input gives memory ranges and the bodies of up to four
 * tables; names, lengths and checksums are made right unless the input asks otherwise, since no
 * mutation would ever find them. What the parsers accept must satisfy the invariants F2 to F4, T1,
 * T2, D1 and D4.
 */
#include <cluster/granule.h>
#include <cluster/partition.h>
#include <kernel/boot/acpi.h>
#include <kernel/boot/memmap.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TABLES = 4, ROOT_PADDR = 0x1000, TABLE_PADDR = 0x10000, TABLE_STRIDE = 0x10000 };

/* One heap block per table, so that each read past a table's end is seen. */
struct memory {
    uint8_t *blocks[TABLES + 1];
    size_t bytes[TABLES + 1];
    size_t count;
};

struct input {
    const uint8_t *at;
    size_t left;
};

static uint8_t take_byte(struct input *input)
{
    if (input->left == 0) {
        return 0;
    }
    input->left--;
    return *input->at++;
}

static uint64_t take_u64(struct input *input)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value = value << 8 | take_byte(input);
    }
    return value;
}

static uint64_t block_paddr(size_t i)
{
    return i == 0 ? ROOT_PADDR : TABLE_PADDR + i * TABLE_STRIDE;
}

static const void *memory_map(void *ctx, uint64_t paddr, size_t bytes)
{
    const struct memory *memory = ctx;
    for (size_t i = 0; i < memory->count; i++) {
        uint64_t offset = paddr - block_paddr(i);
        if (paddr >= block_paddr(i) && offset <= memory->bytes[i] &&
            bytes <= memory->bytes[i] - offset) {
            return memory->blocks[i] + offset;
        }
    }
    return NULL;
}

static void fix_sum(uint8_t *bytes, size_t length, size_t sum_at)
{
    uint8_t sum = 0;
    bytes[sum_at] = 0;
    for (size_t i = 0; i < length; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    bytes[sum_at] = (uint8_t)(0 - sum);
}

static void put_table(struct memory *memory, const char *name, uint8_t revision,
                      const uint8_t *body, size_t body_bytes, bool is_right)
{
    uint32_t length = (uint32_t)(ACPI_HEADER_BYTES + body_bytes);
    uint8_t *table = calloc(1, length);
    if (body_bytes > 0) {
        memcpy(table + ACPI_HEADER_BYTES, body, body_bytes);
    }
    memcpy(table, name, 4);
    table[8] = revision;
    if (is_right) {
        memcpy(table + 4, &length, sizeof length);
        fix_sum(table, length, 9);
    } else if (body_bytes >= 8) {
        memcpy(table + 4, body, 6); /* length and checksum from the input */
    }
    memory->blocks[memory->count] = table;
    memory->bytes[memory->count++] = length;
}

static void make_rsdp(struct boot_rsdp *rsdp, uint8_t revision)
{
    const uint64_t root = ROOT_PADDR;
    memset(rsdp, 0, sizeof *rsdp);
    memcpy(rsdp->bytes, "RSD PTR ", 8);
    rsdp->bytes[15] = revision;
    memcpy(rsdp->bytes + (revision < 2 ? 16 : 24), &root, revision < 2 ? 4 : 8);
    rsdp->bytes[20] = 36;
    rsdp->byte_count = 36;
    fix_sum(rsdp->bytes, 20, 8);
    fix_sum(rsdp->bytes, 36, 32);
}

static void make_memory(struct memory *memory, struct input *input, uint8_t mode)
{
    static const char *const names[] = {"APIC", "SRAT", "SLIT", "HPET"};
    uint8_t entries[TABLES * 8] = {0};
    size_t entry_bytes = (mode & 1) != 0 ? 8 : 4;
    for (size_t i = 0; i < TABLES; i++) {
        uint64_t paddr = block_paddr(i + 1);
        memcpy(entries + i * entry_bytes, &paddr, entry_bytes);
    }
    put_table(memory, (mode & 1) != 0 ? "XSDT" : "RSDT", 1, entries, TABLES * entry_bytes, true);
    for (size_t i = 0; i < TABLES; i++) {
        uint8_t kind = take_byte(input);
        size_t bytes = (size_t)take_byte(input) << 8 | take_byte(input);
        bytes = bytes > input->left ? input->left : bytes;
        put_table(memory, names[i ^ (kind & 3)], (uint8_t)(kind >> 6), input->at, bytes,
                  (kind & 0x3c) != 0x3c);
        input->at += bytes;
        input->left -= bytes;
    }
}

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void make_ranges(struct boot_facts *facts, struct input *input)
{
    uint8_t count = take_byte(input) % 8;
    facts->firmware_map[facts->firmware_map_count++] =
        (struct boot_range){.base = 0, .bytes = 1u << 27, .kind = BOOT_MEM_USABLE};
    for (uint8_t i = 0; i < count; i++) {
        uint8_t kind = take_byte(input);
        facts->firmware_map[facts->firmware_map_count++] =
            (struct boot_range){.base = take_u64(input) >> (kind & 0x38),
                                .bytes = take_u64(input) >> (kind >> 2 & 0x38),
                                .kind = (enum boot_mem_kind)(1 + kind % 4)};
    }
}

static void check_facts(const struct boot_facts *facts)
{
    uint32_t boots = 0;
    require(facts->cpu_count > 0 && facts->cpu_count <= BOOT_MAX_CPUS);
    require(facts->node_count > 0 && facts->node_count <= BOOT_MAX_NODES);
    for (uint32_t i = 0; i < facts->cpu_count; i++) {
        require(i == 0 || facts->cpus[i - 1].apic_id < facts->cpus[i].apic_id);
        require(facts->cpus[i].node < facts->node_count);
        boots += facts->cpus[i].is_boot ? 1 : 0;
    }
    require(boots == 1);
    for (uint32_t i = 1; i < facts->node_count; i++) {
        require(facts->node_domain[i - 1] < facts->node_domain[i]);
    }
    for (uint32_t i = 0; i < facts->node_range_count; i++) {
        const struct boot_node_range *one = &facts->node_ranges[i];
        for (uint32_t j = 0; j < i; j++) {
            const struct boot_node_range *other = &facts->node_ranges[j];
            require(one->node == other->node || one->base + one->bytes <= other->base ||
                    other->base + other->bytes <= one->base);
        }
    }
}

static void check_partition(const struct boot_facts *facts, const struct topology *topology,
                            const struct partition *partition)
{
    uint64_t granules[BOOT_MAX_NODES];
    uint64_t free_bytes = 0;
    uint64_t owned = 0;
    uint32_t cpus = 0;
    granule_count(facts, granules);
    for (uint32_t node = 0; node < BOOT_MAX_NODES; node++) {
        free_bytes += granules[node] * GRANULE_BYTES;
    }
    for (uint32_t c = 0; c < topology->cluster_count; c++) {
        const struct partition_cluster *cluster = &partition->clusters[c];
        cpus += topology->clusters[c].cpu_count;
        for (uint32_t r = 0; r < cluster->run_count; r++) {
            const struct partition_run *run = &cluster->runs[r];
            require(facts_usable_bytes(facts, run->base, run->bytes) == run->bytes);
            require(r == 0 || run[-1].base + run[-1].bytes < run->base);
            owned += run->bytes;
        }
    }
    require(cpus == facts->cpu_count);
    require(owned == free_bytes);
    require(owned + partition->lost_bytes == facts_usable_bytes(facts, 0, UINT64_MAX));
}

static void plan(const struct boot_facts *facts, uint8_t mode)
{
    static struct topology topology;
    static struct partition partition;
    struct boot_problem problem;
    enum boot_err err = topology_build(facts, (enum boot_policy)(mode >> 1 & 3), mode >> 3 & 7,
                                       &topology, &problem);
    if (err == BOOT_OK) {
        err = partition_build(facts, &topology, 0, &partition, &problem);
    }
    if (err == BOOT_OK) {
        check_partition(facts, &topology, &partition);
    } else {
        require(boot_err_text(err) != NULL && problem.err == err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct boot_facts facts;
    const struct boot_span kernel = {.base = 0x100000, .bytes = 0x100000};
    struct input input = {.at = data, .left = size};
    struct memory memory = {.count = 0};
    const struct phys_view view = {.map = memory_map, .ctx = &memory};
    struct boot_problem problem = {0};
    uint8_t mode = take_byte(&input);
    uint8_t boot_apic_id = take_byte(&input);
    facts_init(&facts);
    make_rsdp(&facts.rsdp, (mode & 1) != 0 ? 2 : 0);
    make_ranges(&facts, &input);
    make_memory(&memory, &input, mode);
    enum boot_err err = memmap_settle(&facts, kernel, &problem);
    if (err == BOOT_OK) {
        err = acpi_gather(&view, boot_apic_id, &facts, &problem);
    }
    require(problem.err == err || err == BOOT_OK);
    if (err == BOOT_OK) {
        check_facts(&facts);
        plan(&facts, mode);
    }
    for (size_t i = 0; i < memory.count; i++) {
        free(memory.blocks[i]);
    }
    return 0;
}
