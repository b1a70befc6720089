/* SPDX-License-Identifier: MIT */
#include <arch/mmu.h>
#include <cluster/gather.h>
#include <kernel/boot/acpi.h>
#include <kernel/boot/corrupt.h>
#include <kernel/boot/loader.h>
#include <kernel/boot/memmap.h>
#include <kernel/boot/phys.h>

/* The boot page table's direct map covers this much. */
#define BOOT_DIRECT_BYTES (UINT64_C(1) << 39)

static uint8_t corrupted_table[BOOT_CORRUPT_BYTES];
static struct phys_overlay overlay;

void gather_or_fail(enum boot_err err, const struct boot_problem *problem)
{
    if (err == BOOT_OK) {
        return;
    }
    arch_boot_print("boot: detail is ");
    arch_boot_print_number(problem->detail);
    arch_boot_print("\n");
    arch_boot_fail(boot_err_text(err), problem->where);
}

static const void *map_direct(void *ctx, uint64_t paddr, size_t bytes)
{
    (void)ctx;
    if (paddr == 0 || paddr >= BOOT_DIRECT_BYTES || bytes > BOOT_DIRECT_BYTES - paddr) {
        return NULL;
    }
    return arch_dmap_ptr((struct paddr){paddr});
}

static const struct phys_view direct_view = {.map = map_direct, .ctx = NULL};

void *gather_pointer(uint64_t paddr)
{
    return arch_dmap_ptr((struct paddr){paddr});
}

/* Finds the table that shall be spoiled, copies it, spoils the copy; `view` shows the copy from then on. */
static void spoil_table(struct boot_corruption corruption, const struct boot_facts *facts,
                        struct phys_view *view)
{
    struct boot_problem problem;
    struct acpi_root root;
    gather_or_fail(acpi_open_root(&direct_view, &facts->rsdp, &root, &problem), &problem);
    struct acpi_table table = root.table;
    const char *signature = boot_corrupt_signature(corruption.table);
    if (signature != NULL) {
        gather_or_fail(acpi_find_table(&direct_view, &root, signature, &table, &problem), &problem);
    }
    size_t bytes = table.bytes;
    if (bytes > sizeof corrupted_table) {
        arch_boot_fail("the table to be spoiled is too large to be copied", table.name);
    }
    memcpy(corrupted_table, table.data, bytes);
    enum boot_err err =
        boot_corrupt_apply(corruption, corrupted_table, &bytes, sizeof corrupted_table);
    if (err != BOOT_OK) {
        arch_boot_fail(boot_err_text(err), table.name);
    }
    overlay = (struct phys_overlay){
        .under = &direct_view, .paddr = table.paddr, .copy = corrupted_table, .bytes = bytes};
    *view = (struct phys_view){.map = phys_overlay_map, .ctx = &overlay};
}

static bool is_in_facts(enum boot_corrupt_table table)
{
    return table == BOOT_CORRUPT_RSDP || table == BOOT_CORRUPT_MEMMAP ||
           table == BOOT_CORRUPT_MODULE;
}

void gather_facts(enum boot_protocol protocol, struct paddr info, struct boot_facts *facts,
                  struct boot_options *options)
{
    struct boot_problem problem;
    facts_init(facts);
    if (protocol == BOOT_PROTOCOL_UNKNOWN) {
        arch_boot_fail("the loader speaks neither PVH nor multiboot2", "entry");
    }
    enum boot_err err = protocol == BOOT_PROTOCOL_PVH
                            ? hvm_parse(&direct_view, info.a, facts, &problem)
                            : mb2_parse(&direct_view, info.a, facts, &problem);
    gather_or_fail(err, &problem);
    gather_or_fail(cmdline_parse(facts->cmdline, options, &problem), &problem);

    struct phys_view view = direct_view;
    struct boot_corruption corruption = options->corruption;
    if (is_in_facts(corruption.table)) {
        err = boot_corrupt_facts(corruption, facts);
        if (err != BOOT_OK) {
            arch_boot_fail(boot_err_text(err), "corrupt=");
        }
    } else if (corruption.table != BOOT_CORRUPT_NOTHING) {
        spoil_table(corruption, facts, &view);
    }

    struct paddr image;
    uint64_t image_bytes;
    arch_boot_image(&image, &image_bytes);
    struct boot_span span = {.base = image.a, .bytes = image_bytes};
    gather_or_fail(memmap_settle(facts, span, &problem), &problem);
    gather_or_fail(acpi_gather(&view, arch_boot_hardware_id(), facts, &problem), &problem);
}

void gather_archive(const struct boot_facts *facts, const uint8_t **archive, uint64_t *bytes)
{
    if (facts->module_count == 0) {
        arch_boot_fail("there is no boot archive", "modules");
    }
    *archive = map_direct(NULL, facts->modules[0].paddr, facts->modules[0].bytes);
    *bytes = facts->modules[0].bytes;
    if (*archive == NULL) {
        arch_boot_fail("the boot archive lies beyond the memory that boot can read", "modules");
    }
}
