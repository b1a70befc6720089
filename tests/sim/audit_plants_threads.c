/* SPDX-License-Identifier: MIT */
/* Owns: violations of rules 4, 6, 8 and 9: threads, page tables, ASIDs, canaries. */
#include "audit_world.h"

#include <arch/mmu.h>
#include <kernel/derive.h>
#include <kernel/object.h>
#include <kernel/part.h>
#include <kernel/peer.h>
#include <kernel/proxy.h>
#include <kernel/table.h>
#include <kernel/vspace.h>
#include <r4/abi/layout.h>

/* ------------------------------------------------------------------------------------------------
 * Rule 4: threads
 */

static void plant_order(void)
{
    world.stopped->number = world.root->number;
}

static void plant_unlisted(void)
{
    list_remove(&world.stopped->all);
}

static void plant_state(void)
{
    world.stopped->waiting_on = world_notification(world.notification);
}

static void plant_no_state(void)
{
    world.stopped->state = 99;
}

static void plant_wrong_ring(void)
{
    world.ready->priority++;
}

static void plant_unqueued(void)
{
    struct core *core = sim_core(0, 0);

    runq_remove(&core->runq, &world.ready->link, world.ready->priority);
    list_insert_before(&world.stopped->link, &world.ready->link);
    world.stopped->state = R4_THREAD_STATE_READY;
}

static void plant_bitmap(void)
{
    sim_core(0, 1)->runq.words[2] |= 1;
}

static void plant_top(void)
{
    sim_core(0, 0)->runq.top++;
}

static void plant_next_in_queue(void)
{
    sim_core(0, 0)->next = world.ready;
}

static void plant_next_behind_the_running(void)
{
    struct core *core = sim_core(0, 0);

    runq_remove(&core->runq, &world.ready->link, world.ready->priority);
    core->next = world.ready;
}

static void plant_next_behind_the_queue(void)
{
    struct core *core = sim_core(0, 1);

    plant_next_behind_the_running();
    sim_core(0, 0)->next = NULL;
    runq_push_back(&core->runq, &world.ready->link, world.ready->priority);
    world.ready->core = 1;
    world.stopped->state = R4_THREAD_STATE_READY;
    world.stopped->core = 1;
    world.stopped->priority = (uint8_t)(world.ready->priority - 1);
    core->next = world.stopped;
}

static void plant_next_stopped(void)
{
    sim_core(0, 0)->next = world.stopped;
    world.stopped->priority = UINT8_MAX;
}

static void plant_two_cores(void)
{
    sim_core(0, 1)->current = world.root;
}

static void plant_no_core(void)
{
    world.stopped->state = R4_THREAD_STATE_RUNNING;
}

static void plant_waiters(void)
{
    world_notification(world.notification)->waiters = NULL;
}

static void plant_signals(void)
{
    world_notification(world.notification)->bits = 1;
}

static void plant_chains(void)
{
    world_notification(world.notification)->chain_waiters++;
}

static void plant_chains_of_nobody(void)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);

    world_notification(n)->chain_waiters = 1;
}

static void plant_no_pd(void)
{
    struct slot *s = &world.ready->pd_slot;

    object_of(s)->caps--;
    derive_remove(s);
    slot_clear(s);
}

static void plant_space(void)
{
    sim_core(0, 0)->active_pd = NULL;
}

/* ------------------------------------------------------------------------------------------------
 * Rule 4: user parts
 */

/* The one of the two parts in `frame` that stands in the tree. */
static struct user_part *first_part(void)
{
    return world.stopped->part.from != NULL ? &world.stopped->part : &world.ready->part;
}

static void plant_part_of_nobody(void)
{
    world.stopped->part.carrier = NULL;
}

static void plant_part_outside_tree(void)
{
    part_tree_remove(&world.stopped->part);
}

static void plant_part_ring(void)
{
    world.ready->part.same_frame.next->prev = &world.waiting->part.same_frame;
}

static void plant_part_place(void)
{
    first_part()->from = &world.root->part.child[0];
}

static void plant_part_of_other_frame(void)
{
    world.stopped->part.frame.a += R4_PAGE_BYTES;
}

static void plant_parts_overlap(void)
{
    world.ready->part.offset = R4_PART_ALIGN;
}

static void plant_part_beyond_frame(void)
{
    world.waiting->part.offset = R4_PAGE_BYTES - R4_PART_ALIGN;
}

static void plant_part_crooked(void)
{
    world.waiting->part.offset += 8;
}

static void plant_carrier_silent(void)
{
    world_slot(world.frame)->meta &= ~SLOT_PARTS;
}

static void plant_carrier_unmapped(void)
{
    world.waiting->part.carrier = world_slot(world.second_frame);
}

/* As after a move that was not told: what the slot looked like lies elsewhere. */
static void plant_carrier_gone(void)
{
    static struct slot old;

    old = *world_slot(world.frame);
    world.stopped->part.carrier = &old;
}

static void plant_carrier_of_nothing(void)
{
    world_slot(world.second_frame)->meta |= SLOT_PARTS;
}

/* ------------------------------------------------------------------------------------------------
 * Rule 6: page tables
 */

static void plant_wx(void)
{
    *world_leaf(WORLD_VA) |= HOST_PTE_EXEC;
}

static void plant_leaf(void)
{
    *world_leaf(WORLD_VA + R4_PAGE_BYTES) =
        arch_pte_leaf((struct paddr){world_slot(world.frame)->object}, 1, R4_RIGHT_READ, false);
}

static void plant_other_frame(void)
{
    *world_leaf(WORLD_VA) = arch_pte_leaf((struct paddr){world_slot(world.second_frame)->object}, 1,
                                          R4_RIGHT_READ, false);
}

static void plant_table(void)
{
    *vspace_walk(sim.of[0].pd, WORLD_VA + (UINT64_C(1) << 39), 4).entry =
        arch_pte_table((struct paddr){world_slot(world.second_frame)->object});
}

/* A page of kernel memory, readable: of the table's block, at the views' pages or behind them. */
static void plant_table_page(uint64_t va, uint64_t page)
{
    const char *block = table_block(sim.of[0].table);

    *world_leaf(va) =
        arch_pte_leaf(arch_dmap_paddr(block + page * R4_PAGE_BYTES), 1, R4_RIGHT_READ, false);
}

static void plant_writable_view(void)
{
    *world_leaf(WORLD_VIEWS_VA + R4_PAGE_BYTES) |= HOST_PTE_WRITE;
}

static void plant_executable_view(void)
{
    *world_leaf(WORLD_VIEWS_VA) |= HOST_PTE_EXEC;
}

static void plant_marked_view(void)
{
    *world_leaf(WORLD_VIEWS_VA) |= ARCH_PTE_OWN | ARCH_PTE_MARK;
}

static void plant_slots_for_views(void)
{
    plant_table_page(WORLD_VIEWS_VA, WORLD_VIEWS);
}

static void plant_slots_behind_views(void)
{
    plant_table_page(WORLD_VIEWS_VA + WORLD_VIEWS * R4_PAGE_BYTES, WORLD_VIEWS);
}

static void plant_view_elsewhere(void)
{
    plant_table_page(WORLD_VIEWS_VA - R4_PAGE_BYTES, 0);
}

static void plant_views_in_disorder(void)
{
    plant_table_page(WORLD_VIEWS_VA, 1);
}

static void plant_view_of_nobody(void)
{
    slot_set_flags(world_slot(R4_INIT_SLOT_CAP_TABLE), 0, SLOT_MAPPED);
}

static void plant_kernel_half(void)
{
    ((uint64_t *)arch_dmap_ptr(sim.of[0].pd->root))[511] = HOST_PTE_PRESENT | HOST_PTE_READ | 1;
}

static void plant_supervisor_leaf(void)
{
    *world_leaf(WORLD_VA) &= ~HOST_PTE_USER;
}

static void plant_mark_bit(void)
{
    *world_leaf(WORLD_VA) |= ARCH_PTE_MARK;
}

static void plant_own_bit(void)
{
    *world_leaf(WORLD_VA) &= ~ARCH_PTE_OWN;
}

static void plant_user_in_kernel(void)
{
    ((uint64_t *)arch_dmap_ptr(world.cluster->kernel_root))[0] =
        arch_pte_table((struct paddr){world_slot(world.second_frame)->object});
}

/* ------------------------------------------------------------------------------------------------
 * Rules 8 and 9: ASIDs, peers, canaries
 */

#define PEER_END 200u /* slots of the root task's table: both ends, the same domain twice */

static struct slot *bound_peer(void)
{
    SIM_ROOT(0, PEER_BIND, sim_make(0, R4_TYPE_PEER, 0, 1), R4_INIT_SLOT_PD, PEER_END,
             R4_INIT_SLOT_PD, PEER_END + 1u);
    return world_slot(PEER_END);
}

static void say_of_peer(struct slot *s, uint64_t extra)
{
    slot_set_extra(s, extra);
}

static void plant_peer_slot(void)
{
    struct slot *s = bound_peer();

    say_of_peer(s, r4_peer_with_slot(s->extra, PEER_END + 2u));
}

static void plant_peer_side(void)
{
    struct slot *s = bound_peer();

    peer_of(s)->end[0] = world_slot(PEER_END + 1u);
}

static void plant_tombstone(void)
{
    struct slot *s = bound_peer();
    const uint64_t extra = s->extra;

    SIM_ROOT(0, CAP_DELETE, PEER_END + 1u);
    say_of_peer(s, extra);
}

static void plant_unbound_peer(void)
{
    say_of_peer(world_slot(sim_make(0, R4_TYPE_PEER, 0, 1)), 1);
}

static struct asid_table *asids(void)
{
    return &world.cluster->asids;
}

static void plant_asid(void)
{
    sim.of[0].pd->asid ^= UINT32_C(1) << 12;
}

/* A chain that was found once, through a word that is gone. */
static void plant_kept_chain(void)
{
    struct kept_chain *k = &sim.of[0].pd->kept[1];

    *k = (struct kept_chain){.start = proxy_key((struct proxy_start){.index = R4_INDEX_WORD}),
                             .epoch = world.cluster->chain_epoch,
                             .end = &k->word[2],
                             .ref = cap_ref_own(sim_slot(sim.of[0].root, R4_INIT_SLOT_PD))};
    k->root_meta = k->ref.slot->meta;
}

static void plant_free_asid(void)
{
    asids()->entry[asids()->free_head].generation = 0;
}

static void plant_lost_asid(void)
{
    asids()->free_head = asids()->entry[asids()->free_head].next_free;
}

static void plant_unknown_asid(void)
{
    sim_pd_at(world.root, world.bare_pd)->asid = 77;
}

static void plant_cluster_canary(void)
{
    world.cluster->canary_high++;
}

static void plant_core_canary(void)
{
    sim_core(0, 1)->canary = 0;
}

static void plant_pd_canary(void)
{
    sim_pd_at(world.root, world.bare_pd)->canary = 0;
}

static void plant_thread_canary(void)
{
    world.waiting->canary = 0;
}

const struct plant plants_of_threads[] = {
    {"order of threads", plant_order, AUDIT_THREAD_LIST},
    {"thread outside the list", plant_unlisted, AUDIT_THREAD_LIST},
    {"stopped but waiting", plant_state, AUDIT_THREAD_STATE},
    {"no state", plant_no_state, AUDIT_THREAD_STATE},
    {"wrong ring", plant_wrong_ring, AUDIT_THREAD_QUEUE},
    {"ready in no queue", plant_unqueued, AUDIT_THREAD_QUEUE},
    {"bitmap", plant_bitmap, AUDIT_THREAD_BITMAP},
    {"top", plant_top, AUDIT_THREAD_BITMAP},
    {"next in a queue", plant_next_in_queue, AUDIT_THREAD_STATE},
    {"next behind the running", plant_next_behind_the_running, AUDIT_THREAD_NEXT},
    {"next behind the queue", plant_next_behind_the_queue, AUDIT_THREAD_NEXT},
    {"next stopped", plant_next_stopped, AUDIT_THREAD_NEXT},
    {"on two cores", plant_two_cores, AUDIT_THREAD_CURRENT},
    {"running on no core", plant_no_core, AUDIT_THREAD_CURRENT},
    {"waiters", plant_waiters, AUDIT_THREAD_WAITERS},
    {"signals and waiters", plant_signals, AUDIT_THREAD_SIGNALS},
    {"waiters through chains", plant_chains, AUDIT_THREAD_CHAINS},
    {"waiters through chains where nobody waits", plant_chains_of_nobody, AUDIT_THREAD_CHAINS},
    {"ready without protection domain", plant_no_pd, AUDIT_THREAD_PD},
    {"address space of a core", plant_space, AUDIT_THREAD_SPACE},
    {"part of no thread", plant_part_of_nobody, AUDIT_THREAD_PARTS},
    {"part outside the tree", plant_part_outside_tree, AUDIT_THREAD_PARTS},
    {"ring of parts", plant_part_ring, AUDIT_THREAD_PARTS},
    {"place of a part", plant_part_place, AUDIT_THREAD_PARTS},
    {"part of another frame", plant_part_of_other_frame, AUDIT_THREAD_PARTS},
    {"parts overlap", plant_parts_overlap, AUDIT_THREAD_RECORD},
    {"part beyond its frame", plant_part_beyond_frame, AUDIT_THREAD_RECORD},
    {"part at an odd place", plant_part_crooked, AUDIT_THREAD_RECORD},
    {"carrier without its flag", plant_carrier_silent, AUDIT_THREAD_CARRIER},
    {"carrier that is not mapped", plant_carrier_unmapped, AUDIT_THREAD_CARRIER},
    {"carrier that is no capability", plant_carrier_gone, AUDIT_THREAD_CARRIER},
    {"carrier of nothing", plant_carrier_of_nothing, AUDIT_THREAD_NO_PART},
    {"writable and executable", plant_wx, AUDIT_SPACE_WX},
    {"leaf without capability", plant_leaf, AUDIT_SPACE_LEAF},
    {"leaf of another frame", plant_other_frame, AUDIT_SPACE_LEAF},
    {"table without capability", plant_table, AUDIT_SPACE_TABLE},
    {"page of views that can be written", plant_writable_view, AUDIT_SPACE_VIEW},
    {"page of views that can be executed", plant_executable_view, AUDIT_SPACE_VIEW},
    {"page of views that counts as marked", plant_marked_view, AUDIT_SPACE_VIEW},
    {"slots in the place of views", plant_slots_for_views, AUDIT_SPACE_LEAF},
    {"slots behind views", plant_slots_behind_views, AUDIT_SPACE_LEAF},
    {"page of views where none is", plant_view_elsewhere, AUDIT_SPACE_LEAF},
    {"pages of views in another order", plant_views_in_disorder, AUDIT_SPACE_LEAF},
    {"views that no capability maps", plant_view_of_nobody, AUDIT_SPACE_LEAF},
    {"kernel half", plant_kernel_half, AUDIT_SPACE_KERNEL},
    {"mark that no capability has", plant_mark_bit, AUDIT_SPACE_MARK},
    {"memory of the cluster that is not said to be", plant_own_bit, AUDIT_SPACE_MARK},
    {"leaf without user access", plant_supervisor_leaf, AUDIT_SPACE_USER},
    {"user half of the kernel's own", plant_user_in_kernel, AUDIT_SPACE_USER},
    {"kept chain", plant_kept_chain, AUDIT_SPACE_KEPT},
    {"asid of a pd", plant_asid, AUDIT_ASID_ENTRY},
    {"free asid", plant_free_asid, AUDIT_ASID_FREE},
    {"lost asid", plant_lost_asid, AUDIT_ASID_LOST},
    {"asid that the table does not know", plant_unknown_asid, AUDIT_ASID_PD},
    {"peer that names another slot", plant_peer_slot, AUDIT_PEER_ENDS},
    {"peer that forgot an end", plant_peer_side, AUDIT_PEER_ENDS},
    {"tombstone that names somebody", plant_tombstone, AUDIT_PEER_ENDS},
    {"peer that is not bound and names somebody", plant_unbound_peer, AUDIT_PEER_ENDS},
    {"canary of the cluster", plant_cluster_canary, AUDIT_CANARY_CLUSTER},
    {"canary of a core", plant_core_canary, AUDIT_CANARY_CORE},
    {"canary of a pd", plant_pd_canary, AUDIT_CANARY_PD},
    {"canary of a thread", plant_thread_canary, AUDIT_CANARY_THREAD},
    {NULL, NULL, AUDIT_OK},
};
