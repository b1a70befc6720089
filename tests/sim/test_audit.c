/* SPDX-License-Identifier: MIT */
/*
 * Each finding of the auditor: a world in which it finds nothing, one planted violation, and the finding with its rule.
 * The world is cluster 0 of a machine of two, with something of every kind in it.
 */
#include "sim_test.h"

#include <arch/mmu.h>
#include <kernel/derive.h>
#include <kernel/mapping.h>
#include <kernel/notification.h>
#include <kernel/object.h>
#include <kernel/untyped.h>
#include <kernel/vspace.h>
#include <string.h>

#define VA UINT64_C(0x10000000)

/* What the world holds: slots of the root task's table, and things. */
struct world {
    struct cluster *cluster;
    struct thread *root;
    uint32_t parent;       /* untyped with children */
    uint32_t frame;        /* child of it, mapped read-write at VA */
    uint32_t second_frame; /* the one before it, not mapped */
    uint32_t page_table;   /* not installed */
    uint32_t badged;       /* minted of `notification` */
    uint32_t badged_copy;
    uint32_t notification;
    uint32_t pd; /* with ASID and table */
    uint32_t bare_pd;
    uint32_t empty;
    struct thread *ready;
    struct thread *waiting;
    struct thread *stopped;
};

static struct world w;

static void build_world(void)
{
    const uint16_t rw = R4_RIGHT_READ | R4_RIGHT_WRITE;
    uint32_t stopped;

    w.cluster = sim.of[0].cluster;
    w.root = sim.of[0].root;
    w.parent = sim.of[0].untyped;
    w.second_frame = sim_make(0, R4_TYPE_FRAME, R4_PAGE_BITS, 1);
    w.frame = sim_map_frame(0, R4_INIT_SLOT_PD, R4_PAGE_BITS, VA, rw);
    w.page_table = sim_make(0, R4_TYPE_PAGE_TABLE, 0, 1);
    w.notification = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);
    w.badged = sim_slots_take(0, 1);
    w.badged_copy = sim_slots_take(0, 1);
    w.empty = sim_slots_take(0, 1);
    SIM_ROOT(0, CAP_MINT, w.notification, 0, w.badged, 5);
    SIM_ROOT(0, CAP_DERIVE, w.badged, 0, w.badged_copy, R4_RIGHT_LINK | R4_RIGHT_RECEIVE);
    w.pd = sim_make_pd(0);
    w.bare_pd = sim_make(0, R4_TYPE_PD, 0, 1);
    w.waiting = sim_thread_at(w.root, sim_make_thread(0, R4_INIT_SLOT_PD, 1, 200));
    sim_settle();
    expect_waiting(w.waiting, NOTIFICATION_WAIT, w.badged_copy);
    w.ready = sim_thread_at(w.root, sim_make_thread(0, R4_INIT_SLOT_PD, 0, 50));
    stopped = sim_make_thread(0, w.pd, 0, 60);
    SIM_ROOT(0, THREAD_SUSPEND, stopped);
    w.stopped = sim_thread_at(w.root, stopped);
    assert_int_equal(w.stopped->state, R4_THREAD_STATE_STOPPED);
    assert_int_equal(w.ready->state, R4_THREAD_STATE_READY);
}

static struct slot *at(uint32_t n)
{
    return sim_slot(w.root, n);
}

static uint64_t *leaf_of(uint64_t va)
{
    return vspace_walk(sim.of[0].pd, va, 1).entry;
}

static struct notification *notification_at(uint32_t n)
{
    return container_of(object_of(at(n)), struct notification, object);
}

/* ------------------------------------------------------------------------------------------------
 * Rule 1: memory
 */

static void plant_account(void)
{
    w.cluster->memory.untyped += R4_PAGE_BYTES;
}

static void plant_region(void)
{
    w.cluster->regions[0].base.a += R4_PAGE_BYTES;
}

static void plant_outside(void)
{
    at(R4_INIT_SLOT_UNTYPED)->object = sim.of[1].cluster->regions[0].base.a;
}

static void plant_parent(void)
{
    at(w.second_frame)->object = at(R4_INIT_SLOT_UNTYPED)->object;
}

static void plant_watermark(void)
{
    struct untyped_state state = untyped_unpack(at(w.parent)->extra);

    state.watermark_bytes = R4_PAGE_BYTES;
    at(w.parent)->extra = untyped_pack(state);
}

static void plant_overlap(void)
{
    at(w.page_table)->object = at(w.second_frame)->object;
}

static void plant_memory_flags(void)
{
    slot_set_flags(at(w.second_frame), SLOT_SHARED, 0);
}

static void plant_dirt(void)
{
    const struct untyped_state state = untyped_unpack(at(w.parent)->extra);

    SIM_ROOT(0, UNTYPED_RETYPE, R4_INIT_SLOT_UNTYPED, R4_TYPE_NOTIFICATION, 0, 0,
             sim_slots_take(0, 1), 1);
    assert_true(state.zeroed_bytes >= state.watermark_bytes);
    *(uint8_t *)arch_dmap_ptr((struct paddr){at(R4_INIT_SLOT_UNTYPED)->object + 40}) = 1;
}

/* ------------------------------------------------------------------------------------------------
 * Rule 2: the tree
 */

static void plant_links(void)
{
    at(w.frame)->link_low[0] ^= 0x100;
}

static void plant_home(void)
{
    at(w.frame)->meta ^= UINT64_C(1) << SLOT_HOME_SHIFT;
}

static void plant_grave(void)
{
    slot_set_flags(at(w.notification), SLOT_ZOMBIE, 0);
}

static void plant_lost_slot(void)
{
    struct slot *s = at(w.second_frame);

    derive_remove(s);
    s->link_low[0] = 0;
}

static void plant_empty_in_tour(void)
{
    slot_set_flags(at(w.second_frame), 0, 0xff);
}

static void plant_ttl(void)
{
    slot_set_flags(at(w.badged_copy), UINT64_C(15) << SLOT_TTL_SHIFT, 0);
}

static void plant_carved_ttl(void)
{
    slot_set_flags(at(w.parent), 0, UINT64_C(8) << SLOT_TTL_SHIFT);
}

static void plant_rights(void)
{
    slot_set_flags(at(w.badged), 0, (uint64_t)R4_RIGHT_RECEIVE << SLOT_RIGHTS_SHIFT);
}

static void plant_foreign_right(void)
{
    slot_set_flags(at(w.badged), (uint64_t)R4_RIGHT_EXEC << SLOT_RIGHTS_SHIFT, 0);
}

static void plant_kind(void)
{
    struct slot *s = at(w.second_frame);

    derive_remove(s);
    derive_insert_child(at(w.bare_pd), s);
}

static void plant_badge(void)
{
    at(w.badged_copy)->extra = 4;
    slot_set_flags(at(w.badged_copy), 0, 0);
}

static void plant_caps(void)
{
    object_of(at(w.notification))->caps++;
}

static void plant_relatives(void)
{
    struct slot *copy = at(w.badged_copy);

    derive_remove(copy);
    derive_insert_child(&w.cluster->tour, copy);
}

static void plant_header(void)
{
    object_of(at(w.notification))->type = R4_TYPE_PD;
}

static void plant_zombies(void)
{
    w.cluster->zombies = at(w.notification);
}

/* ------------------------------------------------------------------------------------------------
 * Rule 3: views
 */

static void plant_view(void)
{
    table_view(sim.of[0].table, w.frame)->meta ^= UINT64_C(1) << SLOT_TTL_SHIFT;
}

static void plant_view_badge(void)
{
    table_view(sim.of[0].table, w.badged)->badge = 6;
}

static void plant_stale_slot(void)
{
    at(w.empty)->extra = 1;
}

/* ------------------------------------------------------------------------------------------------
 * Rule 4: threads
 */

static void plant_order(void)
{
    w.stopped->number = w.root->number;
}

static void plant_unlisted(void)
{
    list_remove(&w.stopped->all);
}

static void plant_state(void)
{
    w.stopped->waiting_on = notification_at(w.notification);
}

static void plant_no_state(void)
{
    w.stopped->state = 99;
}

static void plant_wrong_ring(void)
{
    w.ready->priority++;
}

static void plant_unqueued(void)
{
    struct core *core = sim_core(0, 0);

    runq_remove(&core->runq, &w.ready->link, w.ready->priority);
    list_insert_before(&w.stopped->link, &w.ready->link);
    w.stopped->state = R4_THREAD_STATE_READY;
}

static void plant_bitmap(void)
{
    sim_core(0, 1)->runq.words[2] |= 1;
}

static void plant_summary(void)
{
    sim_core(0, 0)->runq.summary = 0;
}

static void plant_two_cores(void)
{
    sim_core(0, 1)->current = w.root;
}

static void plant_no_core(void)
{
    w.stopped->state = R4_THREAD_STATE_RUNNING;
}

static void plant_waiters(void)
{
    notification_at(w.notification)->waiters = NULL;
}

static void plant_signals(void)
{
    notification_at(w.notification)->bits = 1;
}

static void plant_no_pd(void)
{
    struct slot *s = &w.ready->pd_slot;

    object_of(s)->caps--;
    derive_remove(s);
    slot_clear(s);
}

static void plant_space(void)
{
    sim_core(0, 0)->active_pd = NULL;
}

/* ------------------------------------------------------------------------------------------------
 * Rule 6: page tables
 */

static void plant_wx(void)
{
    *leaf_of(VA) |= HOST_PTE_EXEC;
}

static void plant_leaf(void)
{
    *leaf_of(VA + R4_PAGE_BYTES) =
        arch_pte_leaf((struct paddr){at(w.frame)->object}, 1, R4_RIGHT_READ, false);
}

static void plant_other_frame(void)
{
    *leaf_of(VA) =
        arch_pte_leaf((struct paddr){at(w.second_frame)->object}, 1, R4_RIGHT_READ, false);
}

static void plant_table(void)
{
    *vspace_walk(sim.of[0].pd, VA + (UINT64_C(1) << 39), 4).entry =
        arch_pte_table((struct paddr){at(w.second_frame)->object});
}

static void plant_kernel_half(void)
{
    ((uint64_t *)arch_dmap_ptr(sim.of[0].pd->root))[511] = HOST_PTE_PRESENT | HOST_PTE_READ | 1;
}

static void plant_supervisor_leaf(void)
{
    *leaf_of(VA) &= ~HOST_PTE_USER;
}

static void plant_user_in_kernel(void)
{
    ((uint64_t *)arch_dmap_ptr(w.cluster->kernel_root))[0] =
        arch_pte_table((struct paddr){at(w.second_frame)->object});
}

/* ------------------------------------------------------------------------------------------------
 * Rules 8 and 9: ASIDs, canaries
 */

static struct asid_table *asids(void)
{
    return &w.cluster->asids;
}

static void plant_asid(void)
{
    sim.of[0].pd->asid ^= UINT32_C(1) << 12;
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
    sim_pd_at(w.root, w.bare_pd)->asid = 77;
}

static void plant_cluster_canary(void)
{
    w.cluster->canary_high++;
}

static void plant_core_canary(void)
{
    sim_core(0, 1)->canary = 0;
}

static void plant_pd_canary(void)
{
    sim_pd_at(w.root, w.bare_pd)->canary = 0;
}

static void plant_thread_canary(void)
{
    w.waiting->canary = 0;
}

static const struct plant {
    const char *name;
    void (*plant)(void);
    enum audit_detail detail;
} plants[] = {
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
    {"view", plant_view, AUDIT_VIEW_DIFFERS},
    {"badge in a view", plant_view_badge, AUDIT_VIEW_DIFFERS},
    {"word in an empty slot", plant_stale_slot, AUDIT_VIEW_EMPTY},
    {"order of threads", plant_order, AUDIT_THREAD_LIST},
    {"thread outside the list", plant_unlisted, AUDIT_THREAD_LIST},
    {"stopped but waiting", plant_state, AUDIT_THREAD_STATE},
    {"no state", plant_no_state, AUDIT_THREAD_STATE},
    {"wrong ring", plant_wrong_ring, AUDIT_THREAD_QUEUE},
    {"ready in no queue", plant_unqueued, AUDIT_THREAD_QUEUE},
    {"bitmap", plant_bitmap, AUDIT_THREAD_BITMAP},
    {"summary", plant_summary, AUDIT_THREAD_BITMAP},
    {"on two cores", plant_two_cores, AUDIT_THREAD_CURRENT},
    {"running on no core", plant_no_core, AUDIT_THREAD_CURRENT},
    {"waiters", plant_waiters, AUDIT_THREAD_WAITERS},
    {"signals and waiters", plant_signals, AUDIT_THREAD_SIGNALS},
    {"ready without protection domain", plant_no_pd, AUDIT_THREAD_PD},
    {"address space of a core", plant_space, AUDIT_THREAD_SPACE},
    {"writable and executable", plant_wx, AUDIT_SPACE_WX},
    {"leaf without capability", plant_leaf, AUDIT_SPACE_LEAF},
    {"leaf of another frame", plant_other_frame, AUDIT_SPACE_LEAF},
    {"table without capability", plant_table, AUDIT_SPACE_TABLE},
    {"kernel half", plant_kernel_half, AUDIT_SPACE_KERNEL},
    {"leaf without user access", plant_supervisor_leaf, AUDIT_SPACE_USER},
    {"user half of the kernel's own", plant_user_in_kernel, AUDIT_SPACE_USER},
    {"asid of a pd", plant_asid, AUDIT_ASID_ENTRY},
    {"free asid", plant_free_asid, AUDIT_ASID_FREE},
    {"lost asid", plant_lost_asid, AUDIT_ASID_LOST},
    {"asid that the table does not know", plant_unknown_asid, AUDIT_ASID_PD},
    {"canary of the cluster", plant_cluster_canary, AUDIT_CANARY_CLUSTER},
    {"canary of a core", plant_core_canary, AUDIT_CANARY_CORE},
    {"canary of a pd", plant_pd_canary, AUDIT_CANARY_PD},
    {"canary of a thread", plant_thread_canary, AUDIT_CANARY_THREAD},
};

static void test_planted_violation(void **state)
{
    const struct plant *p = *state;
    struct audit_report report;

    sim.seed = 1;
    sim_start(2, 2);
    build_world();
    audit_cluster(w.cluster, &report);
    assert_int_equal(report.violations, 0);
    assert_int_equal(report.first_rule, 0);
    assert_true(report.checked > SIM_TABLE_SLOTS);

    sim.is_checking = false;
    p->plant();
    audit_cluster(w.cluster, &report);
    assert_true(report.violations > 0);
    assert_int_equal(report.first_detail, p->detail);
    assert_int_equal(report.first_rule, p->detail / 100);

    audit_cluster(sim.of[1].cluster, &report);
    assert_int_equal(report.violations, 0);
    sim_end();
}

#define PLANTS (sizeof(plants) / sizeof(plants[0]))

int main(void)
{
    struct CMUnitTest tests[PLANTS];

    for (size_t i = 0; i < PLANTS; i++) {
        union {
            const struct plant *plant;
            void *state;
        } initial = {.plant = &plants[i]};

        tests[i] =
            (struct CMUnitTest){plants[i].name, test_planted_violation, NULL, NULL, initial.state};
    }
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
