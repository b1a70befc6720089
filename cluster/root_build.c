/* SPDX-License-Identifier: MIT */
#include <arch/boot.h>
#include <arch/mmu.h>
#include <cluster/root_build.h>
#include <kernel/cap.h>
#include <kernel/derive.h>
#include <kernel/mapping.h>
#include <kernel/untyped.h>
#include <kernel/vspace.h>

#define UNTYPED_BITS_MIN R4_PAGE_BITS

static struct slot *give(struct root_build *r, uint32_t n, uint64_t meta, uint64_t object,
                         uint64_t extra)
{
    struct slot *s = table_slot(r->table, n);
    slot_write(s, table_home(r->table), meta, object, extra);
    derive_insert_child(&r->build->cluster->tour, s);
    return s;
}

static uint32_t take_slot(struct root_build *r)
{
    if (!table_has(r->table, r->next_slot)) {
        arch_boot_fail("the root task needs more slots than its table has", "root task");
    }
    return r->next_slot++;
}

void *root_take_object(struct root_build *r, uint8_t bits)
{
    uint64_t bytes = UINT64_C(1) << bits;
    return build_take(r->build, bytes, bytes < R4_PAGE_BYTES ? R4_PAGE_BYTES : bytes);
}

void root_give_object(struct root_build *r, uint32_t n, uint8_t type, uint16_t rights, void *object)
{
    object_of(give(r, n, slot_meta(type, rights, R4_TTL_MAX, 0), (uintptr_t)object, 0))->caps = 1;
}

void root_give_part(struct root_build *r, uint32_t n, uint8_t type, uint16_t rights, void *part,
                    uint64_t badge)
{
    give(r, n, slot_meta(type, rights, R4_TTL_MAX, 0), (uintptr_t)part, badge);
}

void root_give_control(struct root_build *r, uint32_t n, uint8_t type, uint16_t rights, void *part)
{
    root_give_part(r, n, type, rights, part, 0);
}

struct slot *root_give_memory(struct root_build *r, uint32_t n, uint8_t type, uint16_t rights,
                              uint64_t flags, struct paddr memory, uint8_t bits)
{
    return give(r, n, slot_meta(type, rights, R4_TTL_MAX, bits) | flags, memory.a, 0);
}

void root_begin(struct root_build *r)
{
    struct cluster *cl = r->build->cluster;
    r->table = table_format(root_take_object(r, ROOT_TABLE_BITS + 6), ROOT_TABLE_BITS);
    r->pd = pd_format(root_take_object(r, R4_PD_SIZE_BITS));
    r->next_slot = R4_INIT_SLOT_UNTYPED + R4_BOOT_UNTYPED_MAX;
    root_give_object(r, R4_INIT_SLOT_CAP_TABLE, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_RIGHTS, r->table);
    root_give_object(r, R4_INIT_SLOT_PD, R4_TYPE_PD, R4_PD_RIGHTS, r->pd);
    const struct cap_ref table = cap_ref_own(table_slot(r->table, R4_INIT_SLOT_CAP_TABLE));
    slot_embed(&table, &r->pd->table_slot, SLOT_HOME_PD_TABLE);
    r->pd->window_base = R4_ROOT_WINDOW;
    r->pd->window_bytes = R4_WINDOW_BYTES_MAX;
    r->pd->configured = 1;
    pd_assign_asid(cl, r->pd);
}

static void set_mapping(struct root_build *r, struct slot *s, uint64_t va, uint8_t level)
{
    uint32_t asid = r->pd->asid;
    s->extra = mapping_pack(va, asid);
    slot_set_flags(s, SLOT_MAPPED | (uint64_t)level << SLOT_LEVEL_SHIFT, 0);
}

/* The entry of `level` for the address; missing tables on the way are made, each with its capability. */
static uint64_t *entry_for(struct root_build *r, uint64_t va, uint8_t level)
{
    for (;;) {
        struct vspace_place place = vspace_walk(r->pd, va, level);
        if (place.level == level) {
            return place.entry;
        }
        void *memory = root_take_object(r, R4_PAGE_BITS);
        struct paddr table = arch_dmap_paddr(memory);
        struct slot *s = root_give_memory(r, take_slot(r), R4_TYPE_PAGE_TABLE, R4_PAGE_TABLE_RIGHTS,
                                          0, table, R4_PAGE_BITS);
        *place.entry = arch_pte_table(table);
        set_mapping(r, s, va, (uint8_t)(place.level - 1));
    }
}

static void map_slot(struct root_build *r, struct slot *s, uint64_t va, uint16_t access)
{
    uint8_t level = slot_size_bits(s) == R4_PAGE_BITS ? 1 : 2;
    *entry_for(r, va, level) = vspace_leaf(s, level, access);
    set_mapping(r, s, va, 0);
}

void root_map_frame(struct root_build *r, uint64_t va, struct paddr memory, uint8_t bits,
                    uint16_t access)
{
    map_slot(r, root_give_memory(r, take_slot(r), R4_TYPE_FRAME, R4_FRAME_RIGHTS, 0, memory, bits),
             va, access);
}

void *root_map_page_at(struct root_build *r, uint32_t n, uint64_t va, uint16_t access)
{
    void *page = build_take(r->build, R4_PAGE_BYTES, R4_PAGE_BYTES);
    map_slot(r,
             root_give_memory(r, n, R4_TYPE_FRAME, R4_FRAME_RIGHTS, 0, arch_dmap_paddr(page),
                              R4_PAGE_BITS),
             va, access);
    return page;
}

void *root_map_page(struct root_build *r, uint64_t va, uint16_t access)
{
    return root_map_page_at(r, take_slot(r), va, access);
}

/* log2 of the largest naturally aligned block that starts at `base` and fits into `bytes`. */
static uint8_t block_bits(uint64_t base, uint64_t bytes)
{
    uint8_t bits = UNTYPED_BITS_MIN;
    while (bits < R4_UNTYPED_MAX_BITS && (base & ((UINT64_C(2) << bits) - 1)) == 0 &&
           (UINT64_C(2) << bits) <= bytes) {
        bits++;
    }
    return bits;
}

uint32_t root_give_untyped(struct root_build *r, struct r4_boot_untyped *out)
{
    struct memory_account *account = &r->build->cluster->memory;
    struct boot_pages *pages = &r->build->pages;
    uint32_t count = 0;
    for (uint32_t i = 0; i < pages->count; i++) {
        uint64_t base = pages->run[i].base;
        uint64_t left = pages->run[i].bytes;
        while (left >= R4_PAGE_BYTES && count < R4_BOOT_UNTYPED_MAX) {
            uint8_t bits = block_bits(base, left);
            root_give_memory(r, R4_INIT_SLOT_UNTYPED + count, R4_TYPE_UNTYPED, R4_UNTYPED_RIGHTS, 0,
                             (struct paddr){base}, bits);
            out[count].physical = base;
            out[count].size_bits = bits;
            account->untyped += UINT64_C(1) << bits;
            base += UINT64_C(1) << bits;
            left -= UINT64_C(1) << bits;
            count++;
        }
        account->kernel += left;
    }
    return count;
}
