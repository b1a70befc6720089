/* SPDX-License-Identifier: MIT */
/*
 * Owns: the check, before the clusters run, that the state of each lies in its own memory and that its direct map reaches that
 * memory and no other. A finding ends the boot: an instance that shares memory by mistake is not what R4 promises.
 */
#include <arch/boot.h>
#include <arch/mmu.h>
#include <cluster/build.h>
#include <kernel/derive.h>
#include <r4/abi/objects.h>

static bool is_owned(const struct cluster *cl, struct paddr address)
{
    for (uint32_t i = 0; i < cl->region_count; i++) {
        if (address.a - cl->regions[i].base.a < cl->regions[i].bytes) {
            return true;
        }
    }
    return false;
}

static void require(const struct cluster *cl, struct paddr address, const char *what)
{
    if (!is_owned(cl, address)) {
        arch_boot_print("boot: cluster ");
        arch_boot_print_number(cl->id);
        arch_boot_print(": address ");
        arch_boot_print_number(address.a);
        arch_boot_print("\n");
        arch_boot_fail("state of a cluster lies in memory that it does not own", what);
    }
}

static struct paddr memory_of(const struct slot *s)
{
    switch (slot_type(s)) {
    case R4_TYPE_UNTYPED:
    case R4_TYPE_FRAME:
    case R4_TYPE_PAGE_TABLE:
        return (struct paddr){s->object};
    default:
        return arch_dmap_paddr((const void *)(uintptr_t)s->object);
    }
}

static void check_state(const struct cluster_build *b)
{
    const struct cluster *cl = b->cluster;
    require(cl, arch_dmap_paddr(cl), "cluster");
    require(cl, cl->kernel_root, "page table");
    require(cl, b->channel_page, "channel page");
    for (uint32_t i = 0; i < cl->core_count; i++) {
        require(cl, arch_dmap_paddr(cl->cores[i]), "per-core block");
        require(cl, arch_dmap_paddr(cl->cores[i]->trace.record), "trace ring");
    }
    for (const struct slot *s = derive_next(&cl->tour, &cl->tour); s != NULL;
         s = derive_next(&cl->tour, s)) {
        if (!slot_has(s, SLOT_SHARED)) {
            require(cl, memory_of(s), r4_type_name(slot_type(s)));
        }
    }
}

static bool is_owned_page(const void *context, struct paddr page)
{
    return is_owned(context, page);
}

/* Text, read-only data, stacks and tables: all that the kernel half shows. */
static void check_kernel_half(const struct cluster *cl)
{
    uint64_t offender;
    if (!arch_boot_root_is_within(cl->kernel_root, is_owned_page, cl, &offender)) {
        arch_boot_print("boot: the page is seen at address ");
        arch_boot_print_number(offender);
        arch_boot_print("\n");
        arch_boot_fail("the kernel of a cluster sees memory that the cluster does not own",
                       "page table");
    }
}

/* Probes the first and last page of every region of every cluster. */
static void check_reach(const struct machine_build *m, const struct cluster *cl)
{
    for (uint32_t c = 0; c < m->cluster_count; c++) {
        const struct cluster *other = m->cluster[c].cluster;
        for (uint32_t i = 0; i < other->region_count; i++) {
            struct paddr first = other->regions[i].base;
            struct paddr last = {first.a + other->regions[i].bytes - R4_PAGE_BYTES};
            bool expected = other == cl;
            if (arch_dmap_reaches(cl->kernel_root, first) != expected ||
                arch_dmap_reaches(cl->kernel_root, last) != expected) {
                arch_boot_fail("the direct map of a cluster does not show exactly its own memory",
                               "direct map");
            }
        }
    }
}

void build_check_ownership(const struct machine_build *m)
{
    for (uint32_t c = 0; c < m->cluster_count; c++) {
        check_state(&m->cluster[c]);
        check_kernel_half(m->cluster[c].cluster);
        check_reach(m, m->cluster[c].cluster);
    }
}
