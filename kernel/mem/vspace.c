/* SPDX-License-Identifier: MIT */
/* Owns: the walk, and the way back from a mapping word to the entry that it speaks of. */
#include <kernel/vspace.h>

#include <arch/mmu.h>
#include <kernel/cluster.h>
#include <kernel/mapping.h>
#include <kernel/part.h>
#include <kernel/shootdown.h>
#include <kernel/view.h>
#include <lib/hints.h>

#define LEVEL_MASK (UINT64_C(3) << SLOT_LEVEL_SHIFT)

struct vspace_place vspace_walk(const struct pd *pd, uint64_t va, uint8_t level)
{
    uint64_t *table = arch_dmap_ptr(pd->root);
    struct vspace_place at = {.entry = &table[arch_pte_index(va, VSPACE_ROOT_LEVEL)],
                              .level = VSPACE_ROOT_LEVEL};

    while (at.level > level) {
        const uint64_t entry = vspace_load(at.entry);

        if (!arch_pte_is_present(entry) || arch_pte_is_leaf(entry, at.level)) {
            break;
        }
        table = arch_dmap_ptr(arch_pte_paddr(entry, at.level));
        at.level--;
        at.entry = &table[arch_pte_index(va, at.level)];
    }
    return at;
}

struct vspace_run vspace_run(const struct pd *pd, uint64_t va, uint32_t pages)
{
    const uint32_t in_table = (1u << VSPACE_INDEX_BITS) - arch_pte_index(va, 1);

    return (struct vspace_run){.at = vspace_walk(pd, va, 1),
                               .pages = pages < in_table ? pages : in_table};
}

struct pd *vspace_mapped_pd(struct cluster *cl, const struct slot *s)
{
    return asid_find(&cl->asids, mapping_asid_index(s->extra), mapping_generation(s->extra));
}

uint64_t vspace_mapping(const struct pd *pd, uint64_t va)
{
    return mapping_pack(va, pd->asid);
}

/* Whether `entry`, of this level, is what the slot's mapping put there. */
static bool is_its_entry(const struct slot *s, uint64_t entry, uint8_t level)
{
    return arch_pte_is_present(entry) &&
           arch_pte_is_leaf(entry, level) == (slot_type(s) == R4_TYPE_FRAME) &&
           arch_pte_paddr(entry, level).a == s->object;
}

uint64_t vspace_leaf(const struct slot *frame, uint8_t level, uint16_t access)
{
    const struct paddr memory = {frame->object};

    if (UNLIKELY(slot_has(frame, SLOT_DEVICE | SLOT_SHARED))) {
        return arch_pte_leaf(memory, level, access, slot_has(frame, SLOT_DEVICE));
    }
    return arch_pte_leaf(memory, level, access, false) | ARCH_PTE_OWN;
}

/* Of the entry that the mapped frame or page table has. */
static uint8_t entry_level(const struct slot *s)
{
    return slot_type(s) == R4_TYPE_FRAME ? vspace_frame_level(slot_size_bits(s))
                                         : (uint8_t)(slot_level(s) + 1u);
}

static uint64_t *entry_in(const struct pd *pd, const struct slot *s)
{
    const uint8_t level = entry_level(s);
    const struct vspace_place at = vspace_walk(pd, mapping_address(s->extra), level);

    return at.level == level && is_its_entry(s, vspace_load(at.entry), level) ? at.entry : NULL;
}

uint64_t *vspace_entry_of(struct cluster *cl, const struct slot *s)
{
    const struct pd *pd = slot_has(s, SLOT_MAPPED) ? vspace_mapped_pd(cl, s) : NULL;

    return pd == NULL ? NULL : entry_in(pd, s);
}

/* Chains may lead through what stood at this part of the address space, if the window is there. */
static ALWAYS_INLINE void forget_chains(struct core *core, const struct pd *pd, uint64_t start,
                                        uint64_t bytes)
{
    if (UNLIKELY(start < pd->window_base + pd->window_bytes && pd->window_base < start + bytes)) {
        cluster_forget_chains(core->cluster);
    }
}

/* Of a frame of one page: nothing to ask about levels and kinds of entries. */
static ALWAYS_INLINE void clear_page(struct core *core, struct pd *pd, const struct slot *s)
{
    const uint64_t va = mapping_address(s->extra);
    uint64_t *entry = vspace_page(pd, va);
    uint64_t leaf;

    if (UNLIKELY(entry == NULL)) {
        return;
    }
    leaf = vspace_load(entry);
    if (UNLIKELY(!arch_pte_is_present(leaf) || arch_pte_base(leaf) != s->object)) {
        return;
    }
    vspace_store(entry, 0);
    forget_chains(core, pd, va, R4_PAGE_BYTES);
    shootdown_page(core, pd, va);
}

static void clear_entry(struct core *core, struct pd *pd, const struct slot *s)
{
    uint64_t *entry = entry_in(pd, s);

    if (entry == NULL) {
        return;
    }
    vspace_store(entry, 0);
    forget_chains(core, pd, mapping_address(s->extra),
                  UINT64_C(1) << vspace_level_bits(entry_level(s)));
    if (slot_type(s) == R4_TYPE_FRAME) {
        shootdown_page(core, pd, mapping_address(s->extra));
    } else {
        shootdown_all(core, pd);
    }
}

/* Of tables, their views and large frames. */
static NOINLINE void clear_entries(struct core *core, struct pd *pd, const struct slot *s)
{
    if (slot_type(s) == R4_TYPE_CAP_TABLE) {
        view_unmap(core, pd, s);
    } else {
        clear_entry(core, pd, s);
    }
}

NOINLINE void vspace_unmap_slot(struct core *core, struct slot *s)
{
    struct pd *pd;

    if (!slot_has(s, SLOT_MAPPED)) {
        return;
    }
    pd = vspace_mapped_pd(core->cluster, s);
    if (LIKELY(pd != NULL)) {
        if (LIKELY(vspace_is_page(s))) {
            clear_page(core, pd, s);
        } else {
            clear_entries(core, pd, s);
        }
    }
    if (UNLIKELY(slot_has(s, SLOT_PARTS))) {
        part_drop_carrier(core->cluster, s);
    }
    s->extra = 0;
    slot_set_flags(s, 0, SLOT_MAPPED | SLOT_MARKED | LEVEL_MASK);
}
