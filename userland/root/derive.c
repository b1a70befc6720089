/* SPDX-License-Identifier: MIT */
/*
 * Owns: the command `derive`: what was made from the capabilities in the root task's own table, as a
 * tree. The kernel is asked for one capability after the other, so what changes meanwhile may be
 * missing or stand at the wrong place.
 */
#include "command.h"
#include "describe.h"

#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <r4/abi/stubs.h>

#define OWN_TABLE 0u
#define INDENT    2u

/* One capability of a tree. */
struct node {
    uint64_t view; /* layout `cap_view` */
    uint64_t badge;
    uint64_t place; /* layout `cap_place` */
    uint64_t depth;
    uint64_t status; /* layout `cap_status` */
};

/* Slots of the own table that hold something made from another one of it. */
static uint64_t below[ROOT_SLOTS_MAX / 64u];

static bool is_below(uint32_t slot)
{
    return (below[slot / 64u] >> slot % 64u & 1u) != 0;
}

/* The nth capability of the tree; false if there is none. */
static bool look(uint32_t slot, uint32_t nth, struct node *n)
{
    return r4_monitor_derivation(R4_INIT_SLOT_MONITOR, OWN_TABLE, slot, nth, &n->view, &n->badge,
                                 &n->place, &n->depth, &n->status) == R4_OK;
}

static void show_place(struct sink *out, uint64_t place)
{
    const uint64_t number = r4_cap_place_number(place);
    switch ((enum r4_cap_home)r4_cap_place_home(place)) {
    case R4_CAP_HOME_TABLE:
        sink_printf(out, "slot %lu", number);
        break;
    case R4_CAP_HOME_OTHER_TABLE:
        sink_printf(out, "slot %lu of another table", number);
        break;
    case R4_CAP_HOME_THREAD_PD:
        sink_printf(out, "domain of thread %lu", number);
        break;
    case R4_CAP_HOME_THREAD_FAULT:
        sink_printf(out, "faults of thread %lu", number);
        break;
    case R4_CAP_HOME_PD_TABLE:
        sink_printf(out, "table of the domain with ASID %u", r4_asid_index((uint32_t)number));
        break;
    case R4_CAP_HOME_LINK:
        sink_printf(out, "doorbell of cluster %lu", number);
        break;
    case R4_CAP_HOME_IRQ:
        sink_printf(out, "interrupt line %lu", number);
        break;
    case R4_CAP_HOME_GRAVE:
        sink_printf(out, "grave");
        break;
    }
}

static void show_node(struct sink *out, const struct node *n)
{
    sink_printf(out, "%*s", (int)(n->depth * INDENT), "");
    show_place(out, n->place);
    sink_printf(out, ": ");
    describe_cap(out, 0, n->view, n->badge);
    sink_printf(out, "%s%s%s\n", r4_cap_status_frozen(n->status) ? " frozen" : "",
                r4_cap_status_revoking(n->status) ? " revoking" : "",
                r4_cap_status_dying(n->status) ? " dying" : "");
}

/* False: the slot is empty. */
static bool show_tree(struct sink *out, uint32_t slot)
{
    struct node n;
    if (!look(slot, 0, &n)) {
        return false;
    }
    show_node(out, &n);
    for (uint32_t nth = 1; nth <= R4_DERIVATION_MAX && look(slot, nth, &n); nth++) {
        show_node(out, &n);
    }
    if (r4_cap_status_more(n.status)) {
        sink_printf(out, "  and more: `derive` of one of these shows what was made from it\n");
    }
    return true;
}

/* Notes which slots of the own table hold something that was made from this one. */
static void note_below(uint32_t slot)
{
    struct node n;
    for (uint32_t nth = 1; nth <= R4_DERIVATION_MAX && look(slot, nth, &n); nth++) {
        const uint64_t number = r4_cap_place_number(n.place);
        if (r4_cap_place_home(n.place) == R4_CAP_HOME_TABLE && number < ROOT_SLOTS_MAX) {
            below[number / 64u] |= UINT64_C(1) << number % 64u;
        }
    }
}

static uint32_t show_all(struct root *root, struct sink *out)
{
    const uint32_t slots = root->info->table_slots;
    const uint32_t last = (slots < ROOT_SLOTS_MAX ? slots : ROOT_SLOTS_MAX) - 1;
    for (uint32_t i = 0; i < ROOT_SLOTS_MAX / 64u; i++) {
        below[i] = 0;
    }
    for (uint32_t slot = 1; slot < last; slot++) {
        note_below(slot);
    }
    for (uint32_t slot = 1; slot < last; slot++) {
        if (!is_below(slot)) {
            (void)show_tree(out, slot);
        }
    }
    return STATUS_OK;
}

uint32_t command_derive(struct root *root, struct sink *out, const struct words *words)
{
    uint64_t slot;
    if (words->count == 1) {
        return show_all(root, out);
    }
    if (words->count != 2 || !words_number(words->word[1], root->info->table_slots - 2, &slot)) {
        return command_usage(out, "derive", "expected nothing or the number of a slot");
    }
    if (!show_tree(out, (uint32_t)slot)) {
        sink_printf(out, "slot %lu is empty\n", slot);
    }
    return STATUS_OK;
}
