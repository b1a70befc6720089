/* SPDX-License-Identifier: MIT */
/* Owns: where each type's grave is, and one step of each type's destruction. */
#include <kernel/delete.h>

#include <kernel/call.h>
#include <kernel/derive.h>
#include <kernel/irq.h>
#include <kernel/notification.h>
#include <kernel/panic.h>
#include <kernel/peer.h>
#include <kernel/vspace.h>
#include <lib/hints.h>

/* What one step on a table may cost: looking at a slot costs 1, emptying one costs EMPTY_COST. */
#define STEP_BUDGET 512
#define EMPTY_COST  32

static struct slot *grave_of(struct cluster *cl, const struct slot *s)
{
    switch (slot_type(s)) {
    case R4_TYPE_CAP_TABLE:
        return table_grave(table_of(s));
    case R4_TYPE_PD:
        return &pd_of(s)->grave;
    case R4_TYPE_THREAD:
        return &thread_of(s)->grave;
    default:
        R4_ASSERT(slot_type(s) == R4_TYPE_NOTIFICATION);
        return &cl->notification_grave;
    }
}

static struct slot *below(const struct slot *zombie)
{
    return (struct slot *)(uintptr_t)zombie->extra;
}

/* Puts a zombie on top, or right below the notification that is there (delete I3). */
static void push(struct cluster *cl, struct slot *zombie)
{
    struct slot *top = cl->zombies;

    if (top != NULL && slot_type(top) == R4_TYPE_NOTIFICATION) {
        zombie->extra = top->extra;
        top->extra = (uint64_t)(uintptr_t)zombie;
    } else {
        zombie->extra = (uint64_t)(uintptr_t)top;
        cl->zombies = zombie;
    }
}

/* The last capability of an object goes into the object's grave. */
static NOINLINE void bury(struct cluster *cl, struct slot *s)
{
    struct slot *grave = grave_of(cl, s);

    R4_ASSERT(slot_is_empty(grave));
    object_of(s)->dying = 1;
    slot_write(grave, (uint64_t)SLOT_HOME_GRAVE << SLOT_HOME_SHIFT, s->meta | SLOT_ZOMBIE,
               s->object, 0);
    derive_walk_move(&cl->freezing, s, grave);
    derive_replace(s, grave);
    slot_clear(s);
    push(cl, grave);
}

/* Tells the owner of an embedded slot that it loses what stands in it. */
static void tell_owner(struct core *core, struct slot *s)
{
    switch (slot_home(s)) {
    case SLOT_HOME_THREAD_PD:
        thread_lose_pd(core, container_of(s, struct thread, pd_slot));
        break;
    case SLOT_HOME_PD_TABLE:
        cluster_forget_chains(core->cluster);
        break;
    case SLOT_HOME_IRQ:
        irq_lose_notification(core->cluster,
                              container_of(s, struct irq_handler, notification_slot));
        break;
    default:
        break;
    }
}

/* What every capability leaves behind: the count of its object, its place in the tour, its slot. */
static ALWAYS_INLINE void leave(struct core *core, struct slot *s, uint64_t meta)
{
    if (object_has_header((uint8_t)meta)) {
        struct object *object = object_of(s);

        if (UNLIKELY(object->caps == 1)) {
            bury(core->cluster, s);
            return;
        }
        object->caps--;
    }
    derive_remove(s);
    slot_clear_of(s, meta);
}

static NOINLINE void leave_walked(struct core *core, struct slot *s)
{
    if (!object_has_header(slot_type(s)) || object_of(s)->caps != 1) {
        derive_walk_leave(&core->cluster->freezing, s);
    }
    leave(core, s, s->meta);
}

/*
 * Tells who has to know first. A handler is no object with a grave: what is embedded in it goes with
 * its last capability at once.
 */
static NOINLINE void delete_special(struct core *core, struct slot *s)
{
    struct slot *embedded = NULL;

    if (slot_type(s) == R4_TYPE_IRQ_HANDLER && !derive_has_relatives(s)) {
        embedded = irq_release(core->cluster, irq_handler_of(s));
    }
    do {
        R4_ASSERT(slot_is_live(s));
        tell_owner(core, s);
        vspace_unmap_slot(core, s);
        if (slot_type(s) == R4_TYPE_PEER) {
            peer_cut(core->cluster, s);
        }
        leave_walked(core, s);
        s = embedded;
        embedded = NULL;
    } while (s != NULL);
}

/* In a table, and nobody but its object has to know that it goes. */
static inline bool is_plain(const struct core *core, uint64_t meta)
{
    const uint64_t types = UINT64_C(1) << R4_TYPE_NONE | UINT64_C(1) << R4_TYPE_IRQ_HANDLER |
                           UINT64_C(1) << R4_TYPE_PEER;

    return (meta & SLOT_MAPPED) == 0 && (meta & SLOT_HOME_IN_TABLE) != 0 &&
           (types >> (meta & 63u) & 1u) == 0 && core->cluster->freezing.top == NULL;
}
_Static_assert(SLOT_TYPE_SHIFT == 0 && R4_TYPE_TABLE_SIZE <= 64, "is_plain finds the type");

void delete_slot(struct core *core, struct slot *s)
{
    const uint64_t meta = s->meta;

    if (UNLIKELY(!is_plain(core, meta))) {
        delete_special(core, s);
        return;
    }
    leave(core, s, meta);
}

/* Takes the topmost zombie off the stack and out of the tour: nothing of its object is left. */
static void finish(struct cluster *cl, struct slot *zombie)
{
    struct object *object = object_of(zombie);

    R4_ASSERT(cl->zombies == zombie && object->caps == 1);
    cl->zombies = below(zombie);
    derive_walk_leave(&cl->freezing, zombie);
    derive_remove(zombie);
    slot_clear(zombie);
    *object = (struct object){0};
}

/*
 * Empties slots of the table until it is empty, the step is long enough, or something died that has
 * to go first.
 */
static void reap_table(struct core *core, struct slot *zombie)
{
    struct cap_table *t = table_of(zombie);
    int budget = STEP_BUDGET;

    if (t->reap_next == 0) {
        t->reap_next = 1;
    }
    while (t->reap_next < t->last) {
        struct slot *s = table_slot(t, t->reap_next);

        t->reap_next++;
        budget--;
        if (!slot_is_empty(s)) {
            budget -= EMPTY_COST * (int)delete_work(core->cluster, s);
            delete_slot(core, s);
        }
        if (budget <= 0 || core->cluster->zombies != zombie) {
            return;
        }
    }
    finish(core->cluster, zombie);
}

/*
 * Finished first, since what dies with it goes on top of the stack; nobody looks at it any more
 * before the step ends.
 */
static void reap_pd(struct core *core, struct slot *zombie)
{
    struct pd *pd = pd_of(zombie);

    finish(core->cluster, zombie);
    pd_retire(core, pd);
    if (!slot_is_empty(&pd->table_slot)) {
        delete_slot(core, &pd->table_slot);
    }
}

static void reap_thread(struct core *core, struct slot *zombie)
{
    struct thread *t = thread_of(zombie);

    finish(core->cluster, zombie);
    thread_retire(core, t);
    R4_ASSERT(slot_is_empty(&t->pd_slot) && slot_is_empty(&t->fault_slot));
}

static void reap_notification(struct core *core, struct slot *zombie)
{
    if (!notification_reap_one(core, notification_of(zombie))) {
        finish(core->cluster, zombie);
    }
}

static void reap_step(struct core *core, struct slot *zombie)
{
    switch (slot_type(zombie)) {
    case R4_TYPE_CAP_TABLE:
        reap_table(core, zombie);
        break;
    case R4_TYPE_PD:
        reap_pd(core, zombie);
        break;
    case R4_TYPE_THREAD:
        reap_thread(core, zombie);
        break;
    default:
        reap_notification(core, zombie);
        break;
    }
}

bool delete_reap(struct core *core)
{
    struct cluster *cl = core->cluster;

    while (cl->zombies != NULL) {
        reap_step(core, cl->zombies);
        if (cl->zombies != NULL && preempt_poll(core)) {
            return false;
        }
    }
    return true;
}
