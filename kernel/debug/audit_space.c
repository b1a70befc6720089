/* SPDX-License-Identifier: MIT */
/*
 * Owns: rule 6: page tables hold what capabilities say and nothing else.
 * First every capability with a mapping marks the entry that it stands for (ARCH_PTE_SEEN), if it
 * is still there; then every address space is walked: an entry without the mark has no capability.
 * The walk takes the marks away again.
 * Locking: the cluster's lock. Other cores use the tables meanwhile; marks are set and cleared
 * atomically.
 */
#include "audit_parts.h"

#include <arch/mmu.h>
#include <kernel/explain.h>
#include <kernel/mapping.h>
#include <kernel/pd.h>
#include <kernel/view.h>
#include <kernel/vspace.h>
#include <r4/abi/limits.h>
#include <r4/abi/objects.h>

#define ENTRIES 512u

/* Entries of a root table below this one belong to the user. */
static unsigned user_entries(void)
{
    return arch_pte_index(R4_USER_TOP - 1u, 4) + 1u;
}

/* Level of the entry that holds the capability's mapping. */
static uint8_t entry_level(const struct slot *s)
{
    if (slot_type(s) == R4_TYPE_PAGE_TABLE) {
        return (uint8_t)(slot_level(s) + 1u);
    }
    return (uint8_t)((slot_size_bits(s) - R4_PAGE_BITS) / 9u + 1u);
}

/* What the frame's capability says of the software bits of its leaf. */
static uint64_t expected_bits(const struct slot *s)
{
    const uint64_t own = slot_has(s, SLOT_DEVICE | SLOT_SHARED) ? 0 : ARCH_PTE_OWN;

    return own | (slot_has(s, SLOT_MARKED) ? ARCH_PTE_MARK : 0);
}

static void mark(struct audit *a, const struct slot *s)
{
    const struct pd *pd = vspace_mapped_pd(a->cluster, s);
    const bool is_frame = slot_type(s) == R4_TYPE_FRAME;

    if (pd == NULL) {
        return;
    }
    const uint8_t level = entry_level(s);
    const struct vspace_place place = vspace_walk(pd, mapping_address(s->extra), level);
    const uint64_t entry = *place.entry;

    if (place.level == level && arch_pte_is_present(entry) &&
        arch_pte_is_leaf(entry, level) == is_frame && arch_pte_paddr(entry, level).a == s->object) {
        arch_pte_or(place.entry, ARCH_PTE_SEEN);
        audit_expect(a, !is_frame || (entry & (ARCH_PTE_OWN | ARCH_PTE_MARK)) == expected_bits(s),
                     AUDIT_SPACE_MARK);
    }
}

/* A page of views is one exactly where the capability says; it can be read, also by no chain. */
static void mark_view(struct audit *a, uint64_t *place, struct paddr page)
{
    const uint64_t entry = *place;

    if (view_is_entry(entry, page)) {
        audit_expect(a,
                     !arch_pte_is_writable(entry) && !arch_pte_is_executable(entry) &&
                         (entry & (ARCH_PTE_OWN | ARCH_PTE_MARK)) == 0,
                     AUDIT_SPACE_VIEW);
        arch_pte_or(place, ARCH_PTE_SEEN);
    }
}

static void mark_views(struct audit *a, const struct slot *s)
{
    const struct pd *pd = vspace_mapped_pd(a->cluster, s);
    const uint64_t start = mapping_address(s->extra);
    const struct paddr memory = view_memory(table_of(s));
    const uint32_t pages = pd == NULL ? 0 : view_pages(table_of(s));

    for (uint32_t i = 0; i < pages;) {
        const struct vspace_run run = vspace_run(pd, start + i * R4_PAGE_BYTES, pages - i);

        for (uint32_t j = 0; run.at.level == 1 && j < run.pages; j++) {
            mark_view(a, &run.at.entry[j], (struct paddr){memory.a + (i + j) * R4_PAGE_BYTES});
        }
        i += run.pages;
    }
}

static void mark_mapping(struct audit *a, const struct slot *s)
{
    switch (slot_type(s)) {
    case R4_TYPE_FRAME:
    case R4_TYPE_PAGE_TABLE:
        mark(a, s);
        break;
    case R4_TYPE_CAP_TABLE:
        mark_views(a, s);
        break;
    default:
        break;
    }
}

/* A present entry of the user half; returns the table below it, NULL if there is none to walk. */
static uint64_t *audit_entry(struct audit *a, uint64_t *place, unsigned level)
{
    const uint64_t entry = *place;
    const bool is_seen = (entry & ARCH_PTE_SEEN) != 0;

    arch_pte_and(place, ~ARCH_PTE_SEEN);
    audit_expect(a, arch_pte_is_user(entry), AUDIT_SPACE_USER);
    if (arch_pte_is_leaf(entry, level)) {
        audit_expect(a, !(arch_pte_is_writable(entry) && arch_pte_is_executable(entry)),
                     AUDIT_SPACE_WX);
        audit_expect(a, is_seen, AUDIT_SPACE_LEAF);
        return NULL;
    }
    return audit_expect(a, is_seen && level > 1, AUDIT_SPACE_TABLE)
               ? arch_dmap_ptr(arch_pte_paddr(entry, level))
               : NULL;
}

static void audit_user_half(struct audit *a, uint64_t *root)
{
    uint64_t *table[5] = {[4] = root};
    unsigned next[5] = {0};
    unsigned level = 4;

    while (level <= 4) {
        uint64_t *place;

        if (next[level] == (level == 4 ? user_entries() : ENTRIES)) {
            level++;
            continue;
        }
        place = &table[level][next[level]++];
        if (arch_pte_is_present(*place)) {
            uint64_t *below = audit_entry(a, place, level);

            if (below != NULL) {
                level--;
                table[level] = below;
                next[level] = 0;
            }
        }
    }
}

/*
 * Whether two entries lead to the same place with the same access, whatever the processor noted in
 * them.
 */
static bool entries_agree(uint64_t a, uint64_t b)
{
    if (!arch_pte_is_present(a) || !arch_pte_is_present(b)) {
        return arch_pte_is_present(a) == arch_pte_is_present(b);
    }
    return arch_pte_paddr(a, 4).a == arch_pte_paddr(b, 4).a &&
           arch_pte_is_writable(a) == arch_pte_is_writable(b) &&
           arch_pte_is_executable(a) == arch_pte_is_executable(b);
}

static void audit_kernel_half(struct audit *a, const uint64_t *root, const uint64_t *kernel_root)
{
    for (unsigned i = user_entries(); i < ENTRIES; i++) {
        audit_expect(a, entries_agree(root[i], kernel_root[i]), AUDIT_SPACE_KERNEL);
        audit_expect(a, !arch_pte_is_present(root[i]) || !arch_pte_is_user(root[i]),
                     AUDIT_SPACE_USER);
    }
}

static void audit_kept_chains(struct audit *a, const struct pd *pd)
{
    for (uint32_t i = 0; i < CHAINS_KEPT; i++) {
        audit_expect(a, proxy_is_kept_rightly(a->cluster, pd, i), AUDIT_SPACE_KEPT);
    }
}

void audit_spaces(struct audit *a)
{
    const struct cluster *cl = a->cluster;
    const uint64_t *kernel_root = arch_dmap_ptr(cl->kernel_root);

    for (const struct slot *s = audit_next_slot(a, NULL); s != NULL; s = audit_next_slot(a, s)) {
        if (slot_has(s, SLOT_MAPPED)) {
            mark_mapping(a, s);
        }
    }
    for (unsigned i = 0; i < user_entries(); i++) {
        audit_expect(a, !arch_pte_is_present(kernel_root[i]), AUDIT_SPACE_USER);
    }
    for (uint32_t i = 1; i < R4_ASIDS_MAX; i++) {
        const struct pd *pd = cl->asids.entry[i].pd;

        if (pd != NULL) {
            uint64_t *root = arch_dmap_ptr(pd->root);

            audit_user_half(a, root);
            audit_kernel_half(a, root, kernel_root);
            audit_kept_chains(a, pd);
        }
    }
}
