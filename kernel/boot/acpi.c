/* SPDX-License-Identifier: MIT */
/* Owns: which ACPI tables are needed, which may be absent, and in what order they are read. */
#include <kernel/boot/acpi.h>

static enum boot_err gather_cpus(const struct phys_view *view, const struct acpi_root *root,
                                 uint32_t boot_apic_id, struct boot_facts *facts,
                                 struct boot_problem *problem)
{
    struct acpi_table madt;
    enum boot_err err = acpi_find_table(view, root, "APIC", &madt, problem);
    if (err == BOOT_E_NO_TABLE) {
        return boot_fail(problem, BOOT_E_NO_MADT, "APIC", 0);
    }
    return err == BOOT_OK ? madt_parse(&madt, boot_apic_id, facts, problem) : err;
}

static enum boot_err gather_nodes(const struct phys_view *view, const struct acpi_root *root,
                                  struct boot_facts *facts, struct boot_problem *problem)
{
    struct acpi_table srat;
    enum boot_err err = acpi_find_table(view, root, "SRAT", &srat, problem);
    if (err == BOOT_E_NO_TABLE) {
        boot_warn(&facts->warnings, BOOT_WARN_NO_SRAT, 0, 0);
        srat_assume_one_node(facts);
        return BOOT_OK;
    }
    return err == BOOT_OK ? srat_parse(&srat, facts, problem) : err;
}

static enum boot_err gather_distances(const struct phys_view *view, const struct acpi_root *root,
                                      struct boot_facts *facts, struct boot_problem *problem)
{
    struct acpi_table slit;
    enum boot_err err = acpi_find_table(view, root, "SLIT", &slit, problem);
    if (err == BOOT_E_NO_TABLE) {
        slit_assume_defaults(facts);
        return BOOT_OK;
    }
    return err == BOOT_OK ? slit_parse(&slit, facts, problem) : err;
}

enum boot_err acpi_gather(const struct phys_view *view, uint32_t boot_apic_id,
                          struct boot_facts *facts, struct boot_problem *problem)
{
    struct acpi_root root;
    enum boot_err err = acpi_open_root(view, &facts->rsdp, &root, problem);
    if (err == BOOT_OK) {
        err = gather_cpus(view, &root, boot_apic_id, facts, problem);
    }
    if (err == BOOT_OK) {
        err = gather_nodes(view, &root, facts, problem);
    }
    if (err == BOOT_OK) {
        err = gather_distances(view, &root, facts, problem);
    }
    return err;
}
