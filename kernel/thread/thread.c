/* SPDX-License-Identifier: MIT */
#include <kernel/thread.h>

#include <kernel/cluster.h>
#include <kernel/delete.h>
#include <kernel/notification.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/shootdown.h>
#include <r4/abi/objects.h>

struct thread *thread_format(struct cluster *cl, void *block)
{
    struct thread *t = block;

    object_format(&t->object, R4_TYPE_THREAD);
    t->state = R4_THREAD_STATE_NEW;
    t->number = cl->next_thread_number++;
    t->canary = R4_CANARY;
    list_init(&t->link);
    list_insert_before(&cl->threads, &t->all);
    return t;
}

void thread_stop(struct core *core, struct thread *t, uint8_t state)
{
    switch ((enum r4_thread_state)t->state) {
    case R4_THREAD_STATE_READY:
        sched_unready(core, t);
        break;
    case R4_THREAD_STATE_RUNNING:
        if (t != core->current) {
            shootdown_leave_thread(core, t);
        }
        break;
    case R4_THREAD_STATE_WAITING:
        notification_cancel(t->waiting_on, t);
        thread_set_reply(t, R4_E_CANCELED);
        break;
    case R4_THREAD_STATE_NEW:
    case R4_THREAD_STATE_STOPPED:
    case R4_THREAD_STATE_FAULTED:
    case R4_THREAD_STATE_DEAD:
        break;
    }
    t->state = state;
}

static void signal_fault_notification(struct core *core, const struct thread *t)
{
    if (slot_is_live(&t->fault_slot)) {
        notification_signal(core, notification_of(&t->fault_slot),
                            notification_badge(&t->fault_slot));
    }
}

void thread_raise_fault(struct core *core, struct thread *t, struct thread_fault fault)
{
    t->fault = fault;
    thread_stop(core, t, R4_THREAD_STATE_FAULTED);
    signal_fault_notification(core, t);
}

void thread_lose_pd(struct core *core, struct thread *t)
{
    thread_stop(core, t, R4_THREAD_STATE_DEAD);
}

/* Searches that came to this thread go on at the next one. */
static void leave_list(struct cluster *cl, struct thread *t)
{
    for (uint32_t i = 0; i < cl->core_count; i++) {
        if (cl->cores[i]->thread_place == &t->all) {
            cl->cores[i]->thread_place = t->all.next;
        }
    }
    list_remove(&t->all);
}

void thread_retire(struct core *core, struct thread *t)
{
    thread_stop(core, t, R4_THREAD_STATE_DEAD);
    if (core->current == t) {
        sched_detach(core);
    }
    sched_forget_fpu(core->cluster, t);
    leave_list(core->cluster, t);
    part_detach(core->cluster, &t->part);
    signal_fault_notification(core, t);
    if (slot_is_live(&t->fault_slot)) {
        delete_slot(core, &t->fault_slot);
    }
    if (slot_is_live(&t->pd_slot)) {
        delete_slot(core, &t->pd_slot);
    }
}
