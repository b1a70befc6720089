/* SPDX-License-Identifier: MIT */
/* Owns: random calls of a thread: which call, and what its places are filled with. */
#include "draft.h"

#include <r4/abi/layout.h>

#define RARE_PERCENT  25u /* the invoked capability is looked for by what is rare about it */
#define STORE_PERCENT 22u
#define CHAIN_PERCENT 25u /* the invoked capability is named by words */
#define INDEX_MASK    0xffffffu
#define TRIES         4u

struct form {
    uint16_t call;
    uint8_t weight;
    uint8_t place[5];
};

static const struct form forms[] = {
    {R4_CALL_YIELD, 3, {0}},
    {R4_CALL_REAP, 1, {0}},
    {R4_CALL_CAP_COPY, 14, {PLACE_TABLE, PLACE_DEST}},
    {R4_CALL_CAP_MINT, 8, {PLACE_TABLE, PLACE_DEST, PLACE_BADGE}},
    {R4_CALL_CAP_DERIVE, 9, {PLACE_TABLE, PLACE_DEST, PLACE_RIGHTS}},
    {R4_CALL_CAP_MOVE, 8, {PLACE_TABLE, PLACE_DEST}},
    {R4_CALL_CAP_DELETE, 7, {0}},
    {R4_CALL_CAP_IDENTIFY, 5, {0}},
    {R4_CALL_CAP_REVOKE, 6, {0}},
    {R4_CALL_CAP_LINK, 7, {PLACE_OWN}},
    {R4_CALL_CAP_COMPARE, 4, {PLACE_ANY}},
    {R4_CALL_FENCE, 1, {0}},
    {R4_CALL_FRAME_MARK, 5, {0}},
    {R4_CALL_FRAME_UNMARK, 2, {0}},
    {R4_CALL_PEER_BIND, 4, {PLACE_PD, PLACE_OF_PD, PLACE_PD, PLACE_OF_PD}},
    {R4_CALL_UNTYPED_RETYPE, 22, {PLACE_TYPE, PLACE_BITS, PLACE_TABLE, PLACE_DEST, PLACE_COUNT}},
    {R4_CALL_CAP_TABLE_TAKE, 4, {PLACE_INSIDE, PLACE_OWN}},
    {R4_CALL_CAP_TABLE_DELETE, 4, {PLACE_INSIDE}},
    {R4_CALL_CAP_TABLE_IDENTIFY, 4, {PLACE_INSIDE}},
    {R4_CALL_PD_CONFIGURE, 5, {PLACE_NAMED_TABLE, PLACE_WINDOW, PLACE_WINDOW_BYTES}},
    {R4_CALL_ASID_ASSIGN, 5, {PLACE_PD}},
    {R4_CALL_PAGE_TABLE_MAP, 5, {PLACE_PD, PLACE_ADDRESS}},
    {R4_CALL_PAGE_TABLE_UNMAP, 3, {0}},
    {R4_CALL_FRAME_MAP, 7, {PLACE_PD, PLACE_ADDRESS, PLACE_ACCESS}},
    {R4_CALL_FRAME_UNMAP, 4, {0}},
    {R4_CALL_THREAD_CONFIGURE, 4, {PLACE_PD, PLACE_CORE, PLACE_PRIORITY}},
    {R4_CALL_THREAD_START, 1, {PLACE_ADDRESS, PLACE_ADDRESS, PLACE_ADDRESS, PLACE_ADDRESS}},
    {R4_CALL_THREAD_SUSPEND, 1, {0}},
    {R4_CALL_THREAD_RESUME, 3, {0}},
    {R4_CALL_THREAD_BIND_FAULT, 4, {PLACE_NOTIFICATION}},
    {R4_CALL_NOTIFICATION_SIGNAL, 6, {0}},
    {R4_CALL_NOTIFICATION_WAIT, 2, {0}},
    {R4_CALL_NOTIFICATION_POLL, 4, {0}},
    {R4_CALL_CAP_TABLE_MAP_VIEW, 5, {PLACE_PD, PLACE_ADDRESS}},
    {R4_CALL_CAP_TABLE_UNMAP_VIEW, 3, {0}},
    {R4_CALL_THREAD_ATTACH, 6, {PLACE_CARRIER, PLACE_OFFSET}},
    {R4_CALL_THREAD_DETACH, 3, {0}},
    {R4_CALL_THREAD_SET_PRIORITY, 2, {PLACE_PRIORITY}},
    {R4_CALL_THREAD_SET_CORE, 2, {PLACE_CORE}},
    {R4_CALL_THREAD_STATE, 3, {0}},
    {R4_CALL_IO_NARROW, 4, {PLACE_TABLE, PLACE_DEST, PLACE_PORT, PLACE_PORTS}},
    {R4_CALL_IRQ_GET, 4, {PLACE_LINE, PLACE_MODE, PLACE_TABLE, PLACE_DEST}},
    {R4_CALL_IRQ_BIND, 4, {PLACE_NOTIFICATION}},
    {R4_CALL_LINK_BIND, 4, {PLACE_NOTIFICATION}},
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

/* ------------------------------------------------------------------------------------------------
 * The invoked capability
 */

static uint32_t look_for_rare(struct draft *d, const struct form *form, uint8_t type)
{
    switch (form->call) {
    case R4_CALL_CAP_REVOKE:
        return look_for(d, d->own, rng_percent(&d->g->rng, 75) ? pick_is_rich : pick_is_parent,
                        type);
    case R4_CALL_CAP_TABLE_UNMAP_VIEW:
    case R4_CALL_FRAME_UNMAP:
    case R4_CALL_PAGE_TABLE_UNMAP:
        return look_for(d, d->own, pick_is_mapped, type);
    case R4_CALL_THREAD_CONFIGURE:
    case R4_CALL_THREAD_START:
    case R4_CALL_THREAD_RESUME:
        return look_for(d, d->own, pick_is_idle, type);
    case R4_CALL_THREAD_ATTACH:
        return look_for(d, d->own, pick_has_no_part, type);
    case R4_CALL_THREAD_DETACH:
        return look_for(d, d->own, pick_has_part, type);
    case R4_CALL_FRAME_MARK:
        return look_for(d, d->own, pick_is_carrier, type);
    case R4_CALL_PD_CONFIGURE:
        return look_for(d, d->own, pick_is_unconfigured, type);
    case R4_CALL_THREAD_BIND_FAULT:
    case R4_CALL_IRQ_BIND:
    case R4_CALL_LINK_BIND:
        return look_for(d, d->own, pick_is_unbound, type);
    case R4_CALL_UNTYPED_RETYPE:
        return look_for(d, d->own, rng_percent(&d->g->rng, 75) ? pick_has_room : pick_is_frozen,
                        type);
    case R4_CALL_CAP_COPY:
    case R4_CALL_CAP_MINT:
    case R4_CALL_CAP_DERIVE:
        return look_for(d, d->own, rng_percent(&d->g->rng, 50) ? pick_is_frozen : pick_is_spent,
                        type);
    default:
        return look_for(d, d->own, pick_is_frozen, type);
    }
}

static uint32_t chain_percent(const struct form *form)
{
    switch (form->call) {
    case R4_CALL_CAP_LINK:
        return 92;
    case R4_CALL_NOTIFICATION_WAIT:
        return 70;
    default:
        return CHAIN_PERCENT;
    }
}

static uint32_t rare_percent(const struct form *form)
{
    switch (form->call) {
    case R4_CALL_CAP_REVOKE:
    case R4_CALL_PD_CONFIGURE:
    case R4_CALL_UNTYPED_RETYPE:
    case R4_CALL_THREAD_CONFIGURE:
    case R4_CALL_THREAD_BIND_FAULT:
    case R4_CALL_IRQ_BIND:
    case R4_CALL_THREAD_ATTACH:
    case R4_CALL_THREAD_DETACH:
    case R4_CALL_CAP_TABLE_UNMAP_VIEW:
        return 75;
    default:
        return RARE_PERCENT;
    }
}

static uint8_t type_for(struct rng *rng, const struct form *form)
{
    if (form->call == R4_CALL_CAP_MINT && rng_percent(rng, 85)) {
        return rng_percent(rng, 80) ? R4_TYPE_NOTIFICATION : R4_TYPE_CLUSTER_LINK;
    }
    return abi_calls[form->call].object;
}

static uint32_t invoked(struct draft *d, const struct form *form)
{
    struct rng *rng = &d->g->rng;
    const uint8_t type = type_for(rng, form);

    if (type == R4_TYPE_NONE) {
        return rng_percent(rng, 97) ? 0 : 1;
    }
    if (rng_percent(rng, WRONG_PERCENT)) {
        return any_slot(d, d->own);
    }
    if (rng_percent(rng, rare_percent(form))) {
        const uint32_t slot = look_for_rare(d, form, type);

        if (slot != 0) {
            return slot;
        }
    }
    return look_for(d, d->own, pick_is_of_type, type);
}

/* ------------------------------------------------------------------------------------------------
 * Calls
 */

static const struct form *pick_any(struct rng *rng)
{
    static uint32_t sum;
    uint32_t at;

    if (sum == 0) {
        for (size_t i = 0; i < FORMS; i++) {
            sum += forms[i].weight;
        }
    }
    at = rng_below(rng, sum);
    for (size_t i = 0;; i++) {
        if (at < forms[i].weight) {
            return &forms[i];
        }
        at -= forms[i].weight;
    }
}

/* A few times another one if there is nothing to invoke it on. */
static const struct form *pick_form(struct draft *d, uint32_t *index)
{
    const struct form *form = pick_any(&d->g->rng);

    for (unsigned tries = 0; tries < TRIES; tries++) {
        *index = invoked(d, form);
        if (*index != 0 || abi_calls[form->call].object == R4_TYPE_NONE) {
            break;
        }
        form = pick_any(&d->g->rng);
    }
    return form;
}

/* A call that no library would make. */
static void make_hostile(struct draft *d)
{
    d->call.call_register = hostile_word(&d->g->rng);
    for (unsigned i = 0; i < R4_CALL_WORDS; i++) {
        d->call.word[i] = hostile_word(&d->g->rng);
    }
}

/* Calls that are not of the model's. */
static bool is_covered(uint64_t call_register)
{
    const uint16_t number = r4_call_number(call_register);

    if (number >= R4_CALL_TABLE_SIZE || abi_calls[number].name == NULL) {
        return true;
    }
    for (size_t i = 0; i < FORMS; i++) {
        if (forms[i].call == number) {
            return true;
        }
    }
    return false;
}

/* The call register: number, and what is invoked. */
static void make_register(struct draft *d)
{
    uint32_t index;
    uint32_t peer = 0;
    const struct form *form = pick_form(d, &index);
    const uint8_t type = abi_calls[form->call].object;

    if (type != R4_TYPE_NONE && rng_percent(&d->g->rng, chain_percent(form))) {
        if (rng_percent(&d->g->rng, 20)) {
            (void)name_grant(d, type, &peer, &index);
        } else {
            const uint32_t word = name_word(d, type_for(&d->g->rng, form));

            index = word != 0 ? word : index;
        }
    }
    if (rng_percent(&d->g->rng, 1)) {
        index = (uint32_t)hostile_word(&d->g->rng) & INDEX_MASK;
    }
    if (rng_percent(&d->g->rng, 1)) {
        peer = any_slot(d, d->own);
    }
    d->form = form;
    d->call.call_register = r4_call_with_number(
        r4_call_with_index(r4_call_with_peer(0, (uint16_t)peer), index), form->call);
    d->cap = model_invoked(d->m, d->thread, d->call.call_register);
}

static void make_random_call(struct draft *d)
{
    make_register(d);
    for (unsigned i = 0; i < R4_CALL_WORDS; i++) {
        d->call.word[i] = fill(d, i < 5 ? (enum place)d->form->place[i] : PLACE_NONE, i);
    }
}

void generate_op(struct generator *g, uint32_t thread, struct op *op)
{
    struct draft d = {.g = g, .m = &g->world->model, .thread = thread};

    d.own = model_own_table(d.m, thread);
    if (rng_percent(&g->rng, 1)) {
        make_hostile(&d);
        if (is_covered(d.call.call_register)) {
            op->call = d.call;
            return;
        }
    }
    if (look_for(&d, d.own, pick_is_of_type, R4_TYPE_ANY) == 0 && rng_percent(&g->rng, 70)) {
        /* It has nothing: others may have their turn. */
        op->call = make_call(R4_CALL_YIELD, 0, 0, 0, 0, 0, 0);
        return;
    }
    if (rng_percent(&g->rng, STORE_PERCENT)) {
        make_store(&d, op);
        return;
    }
    if (!make_step(&d)) {
        make_random_call(&d);
    }
    op->call = d.call;
}
