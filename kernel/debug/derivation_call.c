/* SPDX-License-Identifier: MIT */
/*
 * Owns: the call on the monitor that shows the derivation tree: one capability a call, found by its
 * place in the walk of all descendants of a capability that the caller can name. So nobody sees more
 * of the tree than what hangs under a table that it may read.
 * Between two calls the tree may change: what a program puts together from several calls is a
 * picture, not a state.
 * Not here: the tour (cap/derive.c).
 */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/derive.h>
#include <kernel/irq.h>
#include <kernel/link.h>
#include <r4/abi/enums.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>

struct descendant {
    struct slot *slot; /* NULL: there is none */
    uint32_t depth;
    bool has_next; /* the walk goes on behind it */
};

/*
 * At most two brackets for each capability up to the nth, and one more: bounded by DERIVATION_MAX.
 */
static struct descendant find(struct slot *top, uint32_t nth)
{
    struct derive_walk walk;
    struct descendant found = {.slot = nth == 0 ? top : NULL};
    uint32_t met = 0;
    uint32_t depth = 0;

    derive_walk_begin(&walk, top);
    while (walk.top != NULL) {
        struct slot *s = derive_walk_step(&walk);

        if (s == NULL) {
            depth--; /* behind the closing bracket of `top` nobody looks at it */
            continue;
        }
        if (met == nth) {
            found.has_next = true;
            break;
        }
        met++;
        depth++;
        if (met == nth) {
            found.slot = s;
            found.depth = depth;
        }
    }
    return found;
}

static uint64_t place(enum r4_cap_home home, uint64_t number)
{
    return r4_cap_place_with_number(r4_cap_place_with_home(0, (uint8_t)home), number);
}

static uint64_t place_in_table(struct slot *s, const struct cap_table *named)
{
    uint32_t number = 0;
    const struct cap_table *t = table_of_slot(s, &number);

    return place(t == named ? R4_CAP_HOME_TABLE : R4_CAP_HOME_OTHER_TABLE, number);
}

/* Layout `cap_place`. */
static uint64_t place_of(const struct cluster *cl, struct slot *s, const struct cap_table *named)
{
    switch ((enum slot_home)slot_home(s)) {
    case SLOT_HOME_THREAD_PD:
        return place(R4_CAP_HOME_THREAD_PD, container_of(s, struct thread, pd_slot)->number);
    case SLOT_HOME_THREAD_FAULT:
        return place(R4_CAP_HOME_THREAD_FAULT, container_of(s, struct thread, fault_slot)->number);
    case SLOT_HOME_PD_TABLE:
        return place(R4_CAP_HOME_PD_TABLE, container_of(s, struct pd, table_slot)->asid);
    case SLOT_HOME_LINK:
        return place(R4_CAP_HOME_LINK, container_of(s, struct link, notification_slot)->peer);
    case SLOT_HOME_IRQ:
        return place(R4_CAP_HOME_IRQ,
                     irq_number(cl, container_of(s, struct irq_handler, notification_slot)));
    case SLOT_HOME_GRAVE:
        return place(R4_CAP_HOME_GRAVE, 0);
    case SLOT_HOME_NONE:
    case SLOT_HOME_TABLE_MIN:
        break;
    }
    return place_in_table(s, named);
}

/* Layout `cap_status`. */
static uint64_t status_of(const struct descendant *d)
{
    uint64_t status = r4_cap_status_with_frozen(0, slot_has(d->slot, SLOT_FROZEN));

    status = r4_cap_status_with_revoking(status, slot_has(d->slot, SLOT_REVOKING));
    status = r4_cap_status_with_dying(status, slot_has(d->slot, SLOT_ZOMBIE));
    return r4_cap_status_with_more(status, d->has_next);
}

static enum r4_err find_table(struct call *c, uint32_t index, struct cap_table **out)
{
    struct slot *s;
    enum r4_err err;

    if (index == 0) {
        *out = pd_table(thread_pd(c->thread));
        return *out == NULL ? call_fail(c, R4_E_INDEX, 1) : R4_OK;
    }
    err = call_slot(c, index, 1, R4_TYPE_CAP_TABLE, R4_RIGHT_READ, &s);
    if (err == R4_OK) {
        *out = table_of(s);
    }
    return err;
}

static enum r4_err find_top(struct call *c, struct cap_table *table, uint32_t number,
                            struct slot **out)
{
    if (!table_has(table, number)) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    *out = table_slot_checked(table, number);
    return slot_is_live(*out) ? R4_OK : call_fail(c, R4_E_EMPTY, 2);
}

/* plan.word: the five results. */
enum r4_err decode_monitor_derivation(struct call *c, const struct args_monitor_derivation *a)
{
    struct cap_table *table = NULL;
    struct slot *top = NULL;
    struct descendant found;
    struct slot_view view;
    enum r4_err err = find_table(c, a->table, &table);

    if (err == R4_OK) {
        err = find_top(c, table, a->slot, &top);
    }
    if (err != R4_OK) {
        return err;
    }
    if (a->nth > R4_DERIVATION_MAX) {
        return call_fail(c, R4_E_RANGE, 3);
    }
    found = find(top, a->nth);
    if (found.slot == NULL) {
        return call_fail(c, R4_E_AGAIN, 3);
    }
    view = slot_view_of(found.slot);
    c->plan.word[0] = view.meta;
    c->plan.word[1] = view.badge;
    c->plan.word[2] = place_of(c->cluster, found.slot, table);
    c->plan.word[3] = found.depth;
    c->plan.word[4] = status_of(&found);
    return R4_OK;
}

void commit_monitor_derivation(struct call *c)
{
    for (unsigned i = 0; i < 5; i++) {
        call_result(c, i, c->plan.word[i]);
    }
}
