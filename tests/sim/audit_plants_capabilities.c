/* SPDX-License-Identifier: MIT */
/* Owns: violations of rules 1 to 3: memory, tree, views. */
#include "audit_world.h"

#include <arch/mmu.h>
#include <kernel/derive.h>
#include <kernel/object.h>
#include <kernel/table.h>
#include <kernel/untyped.h>

/* ------------------------------------------------------------------------------------------------
 * Rule 1: memory
 */

static void plant_account(void)
{
    world.cluster->memory.untyped += R4_PAGE_BYTES;
}

static void plant_region(void)
{
    world.cluster->regions[0].base.a += R4_PAGE_BYTES;
}

static void plant_outside(void)
{
    world_slot(R4_INIT_SLOT_UNTYPED)->object = sim.of[1].cluster->regions[0].base.a;
}

static void plant_parent(void)
{
    world_slot(world.second_frame)->object = world_slot(R4_INIT_SLOT_UNTYPED)->object;
}

static void plant_watermark(void)
{
    struct untyped_state state = untyped_unpack(world_slot(world.parent)->extra);

    state.watermark_bytes = R4_PAGE_BYTES;
    world_slot(world.parent)->extra = untyped_pack(state);
}

static void plant_overlap(void)
{
    world_slot(world.page_table)->object = world_slot(world.second_frame)->object;
}

static void plant_memory_flags(void)
{
    slot_set_flags(world_slot(world.second_frame), SLOT_SHARED, 0);
}

/* The smallest object leaves the rest of its page zeroed and free. */
static void plant_dirt(void)
{
    const uint32_t untyped = R4_INIT_SLOT_UNTYPED;

    SIM_ROOT(0, UNTYPED_RETYPE, untyped, R4_TYPE_NOTIFICATION, 0, 0, sim_slots_take(0, 1), 1);
    *(uint8_t *)arch_dmap_ptr((struct paddr){world_slot(untyped)->object + 40}) = 1;
}

/* ------------------------------------------------------------------------------------------------
 * Rule 2: the tree
 */

static void plant_links(void)
{
    world_slot(world.frame)->link[0][0] ^= 0x100;
}

static void plant_home(void)
{
    world_slot(world.frame)->meta ^= UINT64_C(1) << SLOT_HOME_SHIFT;
}

static void plant_grave(void)
{
    slot_set_flags(world_slot(world.notification), SLOT_ZOMBIE, 0);
}

static void plant_lost_slot(void)
{
    struct slot *s = world_slot(world.second_frame);

    derive_remove(s);
    s->link[0][0] = 0;
}

static void plant_empty_in_tour(void)
{
    slot_set_flags(world_slot(world.second_frame), 0, 0xff);
}

static void plant_ttl(void)
{
    slot_set_flags(world_slot(world.badged_copy), UINT64_C(15) << SLOT_TTL_SHIFT, 0);
}

static void plant_carved_ttl(void)
{
    slot_set_flags(world_slot(world.parent), 0, UINT64_C(8) << SLOT_TTL_SHIFT);
}

static void plant_rights(void)
{
    slot_set_flags(world_slot(world.badged), 0, (uint64_t)R4_RIGHT_RECEIVE << SLOT_RIGHTS_SHIFT);
}

static void plant_foreign_right(void)
{
    slot_set_flags(world_slot(world.badged), (uint64_t)R4_RIGHT_EXEC << SLOT_RIGHTS_SHIFT, 0);
}

static void plant_kind(void)
{
    struct slot *s = world_slot(world.second_frame);

    derive_remove(s);
    derive_insert_child(world_slot(world.bare_pd), s);
}

static void plant_badge(void)
{
    world_slot(world.badged_copy)->extra = 4;
    table_view(sim.of[0].table, world.badged_copy)->badge = 4;
}

static void plant_caps(void)
{
    object_of(world_slot(world.notification))->caps++;
}

static void plant_relatives(void)
{
    struct slot *copy = world_slot(world.badged_copy);

    derive_remove(copy);
    derive_insert_child(&world.cluster->tour, copy);
}

static void plant_header(void)
{
    object_of(world_slot(world.notification))->type = R4_TYPE_PD;
}

static void plant_zombies(void)
{
    world.cluster->zombies = world_slot(world.notification);
}

static void plant_revoke(void)
{
    world_slot(world.notification)->meta |= SLOT_REVOKING;
}

/* What the walk has passed is not frozen. */
static void plant_freezing(void)
{
    world_slot(world.notification)->meta |= SLOT_REVOKING;
    derive_walk_begin(&world.cluster->freezing, world_slot(world.notification));
    (void)derive_walk_step(&world.cluster->freezing);
}

/* The walk stands somewhere else. */
static void plant_freezing_elsewhere(void)
{
    struct slot *s = world_slot(world.page_table);

    s->meta |= SLOT_REVOKING;
    derive_walk_begin(&world.cluster->freezing, s);
    world.cluster->freezing.at = (uint64_t)(uintptr_t)world_slot(world.notification);
}

static void plant_freezing_for_nobody(void)
{
    derive_walk_begin(&world.cluster->freezing, world_slot(world.page_table));
}

static void plant_irq(void)
{
    world.cluster->irqs.handler[3].line.has_handler = true;
}

static void plant_unmapped_mark(void)
{
    slot_set_flags(world_slot(world.second_frame), SLOT_MARKED, 0);
}

static void plant_shared_mark(void)
{
    SIM_ROOT(0, CAP_COPY, world.frame, 0, world.empty);
    slot_set_flags(world_slot(world.frame), SLOT_MARKED, 0);
    *world_leaf(WORLD_VA) |= ARCH_PTE_MARK;
}

/* ------------------------------------------------------------------------------------------------
 * Rule 3: views
 */

static void plant_view(void)
{
    table_view(sim.of[0].table, world.frame)->meta ^= UINT64_C(1) << SLOT_TTL_SHIFT;
}

static void plant_view_badge(void)
{
    table_view(sim.of[0].table, world.badged)->badge = 6;
}

static void plant_view_of_null(void)
{
    table_view(sim.of[0].table, 0)->badge = 1;
}

static void plant_view_of_last(void)
{
    table_view(sim.of[0].table, SIM_TABLE_LAST)->meta = 1;
}

static void plant_last(void)
{
    sim.of[0].table->last++;
}

static void plant_stale_slot(void)
{
    world_slot(world.empty)->extra = 1;
}

const struct plant plants_of_capabilities[] = {
    {"account", plant_account, AUDIT_MEMORY_ACCOUNT},
    {"region", plant_region, AUDIT_MEMORY_REGION},
    {"outside", plant_outside, AUDIT_MEMORY_OUTSIDE},
    {"parent", plant_parent, AUDIT_MEMORY_PARENT},
    {"watermark", plant_watermark, AUDIT_MEMORY_WATERMARK},
    {"overlap", plant_overlap, AUDIT_MEMORY_OVERLAP},
    {"memory flags", plant_memory_flags, AUDIT_MEMORY_FLAGS},
    {"dirt", plant_dirt, AUDIT_MEMORY_DIRTY},
    {"links", plant_links, AUDIT_TREE_LINKS},
    {"home", plant_home, AUDIT_TREE_HOME},
    {"table that says the wrong last number", plant_last, AUDIT_TREE_HOME},
    {"zombie outside a grave", plant_grave, AUDIT_TREE_HOME},
    {"filled slot outside the tour", plant_lost_slot, AUDIT_TREE_COUNT},
    {"empty slot in the tour", plant_empty_in_tour, AUDIT_TREE_COUNT},
    {"ttl of a copy", plant_ttl, AUDIT_TREE_TTL},
    {"ttl of a child of untyped", plant_carved_ttl, AUDIT_TREE_TTL},
    {"rights of a copy", plant_rights, AUDIT_TREE_RIGHTS},
    {"right that the type does not have", plant_foreign_right, AUDIT_TREE_RIGHTS},
    {"kind", plant_kind, AUDIT_TREE_KIND},
    {"badge", plant_badge, AUDIT_TREE_BADGE},
    {"caps", plant_caps, AUDIT_TREE_CAPS},
    {"relatives", plant_relatives, AUDIT_TREE_RELATIVES},
    {"header", plant_header, AUDIT_TREE_HEADER},
    {"zombies", plant_zombies, AUDIT_TREE_ZOMBIES},
    {"interrupt line", plant_irq, AUDIT_TREE_IRQ},
    {"child below a revoke that is not frozen", plant_revoke, AUDIT_TREE_REVOKE},
    {"child that the freezing passed by", plant_freezing, AUDIT_TREE_REVOKE},
    {"freezing outside of its top", plant_freezing_elsewhere, AUDIT_TREE_REVOKE},
    {"freezing without a revoke", plant_freezing_for_nobody, AUDIT_TREE_REVOKE},
    {"marked frame that is not mapped", plant_unmapped_mark, AUDIT_TREE_MARKED},
    {"marked frame with another capability", plant_shared_mark, AUDIT_TREE_MARKED},
    {"view", plant_view, AUDIT_VIEW_DIFFERS},
    {"badge in a view", plant_view_badge, AUDIT_VIEW_DIFFERS},
    {"word in an empty slot", plant_stale_slot, AUDIT_VIEW_EMPTY},
    {"view of number 0", plant_view_of_null, AUDIT_VIEW_RESERVED},
    {"view of the last number", plant_view_of_last, AUDIT_VIEW_RESERVED},
    {NULL, NULL, AUDIT_OK},
};
