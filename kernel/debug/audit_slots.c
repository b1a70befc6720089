/* SPDX-License-Identifier: MIT */
/*
 * Owns: rule 2 for where slots stand and how many name each object, rule 3, and rule 9 for PDs and
 * threads. Capabilities are counted in the header of their object (object.seen): set to 0, counted
 * up, compared, in three walks. The first capability met of an object stands for it: with it, the
 * slots that the object holds are looked at.
 * Locking: the cluster's lock.
 */
#include "audit_parts.h"

#include <arch/mmu.h>
#include <kernel/irq.h>
#include <kernel/object.h>
#include <kernel/pd.h>
#include <kernel/table.h>
#include <kernel/thread.h>
#include <r4/abi/objects.h>

/* table_of_slot may be asked only when there is a table of the size that the home says. */
static bool stands_in_table(const struct cluster *cl, struct slot *s)
{
    const uint64_t bytes = UINT64_C(1) << (slot_home(s) + TABLE_SLOT_SHARE_BITS);
    const uintptr_t block = (uintptr_t)s & ~(uintptr_t)(bytes - 1u);
    struct cap_table *t = (struct cap_table *)(block + bytes) - 1;
    uint32_t number = 0;

    return audit_owns(cl, arch_dmap_paddr((const void *)block), bytes) &&
           t->object.type == R4_TYPE_CAP_TABLE && t->slot_bits == slot_home(s) &&
           table_slots(t) == UINT32_C(1) << t->slot_bits && table_of_slot(s, &number) == t &&
           table_has(t, number) && table_slot(t, number) == s;
}

static bool stands_in_link(const struct cluster *cl, const struct slot *s)
{
    for (uint32_t i = 0; i < cl->cluster_count; i++) {
        if (s == &cl->links[i].notification_slot) {
            return true;
        }
    }
    return false;
}

/* `s` lies at the notification slot of one of the lines. */
static bool stands_in_handler(const struct cluster *cl, struct slot *s)
{
    const struct irq_handler *handler = container_of(s, struct irq_handler, notification_slot);

    return irq_number(cl, handler) < R4_IRQ_LINES &&
           handler == &cl->irqs.handler[irq_number(cl, handler)];
}

/* The one grave in which the zombie of this capability may lie. */
static const struct slot *grave_of(struct cluster *cl, const struct slot *s)
{
    switch (slot_type(s)) {
    case R4_TYPE_CAP_TABLE:
        return table_grave(table_of(s));
    case R4_TYPE_PD:
        return &pd_of(s)->grave;
    case R4_TYPE_THREAD:
        return &thread_of(s)->grave;
    case R4_TYPE_NOTIFICATION:
        return &cl->notification_grave;
    default:
        return NULL;
    }
}

/* Whether the slot stands where its home says and is of a type that may stand there. */
static bool stands_at_home(struct cluster *cl, struct slot *s)
{
    const bool is_zombie = slot_has(s, SLOT_ZOMBIE);

    if (is_zombie || slot_home(s) == SLOT_HOME_GRAVE) {
        return is_zombie && slot_home(s) == SLOT_HOME_GRAVE && s == grave_of(cl, s);
    }
    switch (slot_home(s)) {
    case SLOT_HOME_THREAD_PD:
        return slot_type(s) == R4_TYPE_PD &&
               container_of(s, struct thread, pd_slot)->object.type == R4_TYPE_THREAD;
    case SLOT_HOME_PD_TABLE:
        return slot_type(s) == R4_TYPE_CAP_TABLE &&
               container_of(s, struct pd, table_slot)->object.type == R4_TYPE_PD;
    case SLOT_HOME_THREAD_FAULT:
        return slot_type(s) == R4_TYPE_NOTIFICATION &&
               container_of(s, struct thread, fault_slot)->object.type == R4_TYPE_THREAD;
    case SLOT_HOME_LINK:
        return slot_type(s) == R4_TYPE_NOTIFICATION && stands_in_link(cl, s);
    case SLOT_HOME_IRQ:
        return slot_type(s) == R4_TYPE_NOTIFICATION && stands_in_handler(cl, s);
    default:
        return slot_home(s) >= SLOT_HOME_TABLE_MIN && stands_in_table(cl, s);
    }
}

static bool is_clear(const struct slot *s)
{
    uint64_t any = s->meta | s->object | s->extra;

    for (unsigned i = 0; i < 4; i++) {
        any |= (uint64_t)(s->link[i][0] | s->link[i][1] | s->link[i][2]);
    }
    return any == 0;
}

/* A slot in its storage, empty or not; returns 1 if it is filled. */
static uint64_t audit_storage(struct audit *a, const struct slot *s)
{
    if (slot_is_empty(s)) {
        audit_expect(a, is_clear(s), AUDIT_VIEW_EMPTY);
        return 0;
    }
    return 1;
}

static bool is_view(struct cap_table *t, uint32_t n, struct slot_view expected)
{
    const struct slot_view *view = table_view(t, n);

    return view->meta == expected.meta && view->badge == expected.badge;
}

static uint64_t audit_table(struct audit *a, struct cap_table *t)
{
    const struct slot_view empty = {0};
    uint64_t filled = audit_storage(a, table_grave(t));

    audit_expect(a, is_view(t, 0, empty) && is_view(t, t->last, empty), AUDIT_VIEW_RESERVED);
    for (uint32_t n = 1; n < t->last; n++) {
        const struct slot *s = table_slot(t, n);

        audit_expect(a, is_view(t, n, slot_view_of(s)), AUDIT_VIEW_DIFFERS);
        filled += audit_storage(a, s);
    }
    return filled;
}

/* The object that `s` names is met for the first time; returns how many filled slots it holds. */
static uint64_t audit_object(struct audit *a, struct slot *s)
{
    switch (slot_type(s)) {
    case R4_TYPE_CAP_TABLE:
        return audit_table(a, table_of(s));
    case R4_TYPE_PD:
        audit_expect(a, pd_of(s)->canary == R4_CANARY, AUDIT_CANARY_PD);
        return audit_storage(a, &pd_of(s)->table_slot) + audit_storage(a, &pd_of(s)->grave);
    case R4_TYPE_THREAD:
        audit_expect(a, thread_of(s)->canary == R4_CANARY, AUDIT_CANARY_THREAD);
        return audit_storage(a, &thread_of(s)->pd_slot) +
               audit_storage(a, &thread_of(s)->fault_slot) + audit_storage(a, &thread_of(s)->grave);
    default:
        return 0;
    }
}

static bool may_be_marked(const struct slot *s)
{
    return slot_type(s) == R4_TYPE_FRAME && slot_has(s, SLOT_MAPPED) &&
           !slot_has(s, SLOT_DEVICE | SLOT_SHARED) && !derive_has_relatives(s);
}

/* One capability; returns how many filled slots its object holds, if nobody counted them yet. */
static uint64_t audit_slot(struct audit *a, struct slot *s)
{
    const uint8_t type = slot_type(s);
    struct object *object;

    if (!audit_expect(a, type != R4_TYPE_NONE && type < R4_TYPE_TABLE_SIZE, AUDIT_TREE_COUNT)) {
        return 0;
    }
    audit_expect(a, (slot_rights(s) & ~r4_object_facts[type].rights) == 0, AUDIT_TREE_RIGHTS);
    audit_expect(a, stands_at_home(a->cluster, s), AUDIT_TREE_HOME);
    audit_expect(a, !slot_has(s, SLOT_MARKED) || may_be_marked(s), AUDIT_TREE_MARKED);
    object = object_of(s);
    if (object == NULL || !audit_expect(a, object->type == type, AUDIT_TREE_HEADER)) {
        return 0;
    }
    return object->seen++ == 0 ? audit_object(a, s) : 0;
}

static void audit_caps(struct audit *a, const struct slot *s)
{
    const struct object *object = object_of(s);

    if (object != NULL) {
        audit_expect(a, object->seen == (uint16_t)object->caps, AUDIT_TREE_CAPS);
        audit_expect(a, derive_has_relatives(s) == (object->caps > 1), AUDIT_TREE_RELATIVES);
    }
}

/* The stack holds `count` zombies and nothing else. */
static void audit_zombies(struct audit *a, uint64_t count)
{
    const struct slot *s = a->cluster->zombies;

    while (s != NULL && count > 0 && slot_has(s, SLOT_ZOMBIE)) {
        const struct object *object = object_of(s);

        audit_expect(a, object != NULL && object->caps == 1 && object->dying == 1,
                     AUDIT_TREE_ZOMBIES);
        s = (const struct slot *)(uintptr_t)s->extra;
        count--;
    }
    audit_expect(a, s == NULL && count == 0, AUDIT_TREE_ZOMBIES);
}

/* Lines whose handler has a capability in the tour. */
static uint32_t named_lines(const struct audit *a)
{
    uint32_t named = 0;

    for (const struct slot *s = audit_next_slot(a, NULL); s != NULL; s = audit_next_slot(a, s)) {
        if (slot_type(s) == R4_TYPE_IRQ_HANDLER) {
            named |= UINT32_C(1) << irq_number(a->cluster, irq_handler_of(s)) % R4_IRQ_LINES;
        }
    }
    return named;
}

/* Returns how many filled slots the lines hold. */
static uint64_t audit_lines(struct audit *a)
{
    const uint32_t named = named_lines(a);
    uint64_t filled = 0;

    for (uint32_t i = 0; i < R4_IRQ_LINES; i++) {
        const struct irq_handler *handler = &a->cluster->irqs.handler[i];
        const struct slot *s = &handler->notification_slot;

        filled += audit_storage(a, s);
        audit_expect(a,
                     irq_line_is_sound(&handler->line) &&
                         handler->line.has_handler == ((named >> i & 1u) != 0) &&
                         handler->line.is_bound == slot_is_live(s) &&
                         handler->is_open == irq_line_is_open(&handler->line),
                     AUDIT_TREE_IRQ);
    }
    return filled;
}

void audit_slots(struct audit *a)
{
    struct cluster *cl = a->cluster;
    uint64_t met = 0;
    uint64_t filled = audit_storage(a, &cl->notification_grave) + audit_lines(a);
    uint64_t zombies = 0;

    for (const struct slot *s = audit_next_slot(a, NULL); s != NULL; s = audit_next_slot(a, s)) {
        struct object *object = object_of(s);

        if (object != NULL) {
            object->seen = 0;
        }
    }
    for (uint32_t i = 0; i < cl->cluster_count; i++) {
        filled += audit_storage(a, &cl->links[i].notification_slot);
    }
    for (struct slot *s = audit_next_slot(a, NULL); s != NULL; s = audit_next_slot(a, s)) {
        filled += audit_slot(a, s);
        zombies += slot_has(s, SLOT_ZOMBIE);
        met++;
    }
    for (const struct slot *s = audit_next_slot(a, NULL); s != NULL; s = audit_next_slot(a, s)) {
        audit_caps(a, s);
    }
    audit_expect(a, met == filled, AUDIT_TREE_COUNT);
    audit_zombies(a, zombies);
}
