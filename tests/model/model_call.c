/* SPDX-License-Identifier: MIT */
/* Owns: the way of a call: what it is refused for, in the order of the ABI, or what it does. */
#include "model_parts.h"

#include <r4/abi/layout.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void model_unknown(const struct model_step *s, const char *what, unsigned number)
{
    fprintf(stderr, "model: %s: unknown %s %u\n", s->facts->name, what, number);
    abort();
}

/* Which file knows a call. */
struct family {
    bool (*cause)(struct model_step *s, uint8_t error, unsigned detail);
    void (*effect)(struct model_step *s);
};

static struct family family_of(const struct model_step *s)
{
    switch (s->number) {
    case R4_CALL_CAP_COPY:
    case R4_CALL_CAP_MINT:
    case R4_CALL_CAP_DERIVE:
    case R4_CALL_CAP_MOVE:
    case R4_CALL_CAP_DELETE:
    case R4_CALL_CAP_IDENTIFY:
    case R4_CALL_CAP_REVOKE:
    case R4_CALL_CAP_TABLE_TAKE:
    case R4_CALL_CAP_TABLE_DELETE:
    case R4_CALL_CAP_TABLE_IDENTIFY:
    case R4_CALL_IO_NARROW:
        return (struct family){model_cap_cause, model_cap_effect};
    case R4_CALL_CAP_LINK:
    case R4_CALL_CAP_COMPARE:
    case R4_CALL_FRAME_MARK:
    case R4_CALL_FRAME_UNMARK:
    case R4_CALL_PEER_BIND:
        return (struct family){model_proxy_cause, model_proxy_effect};
    case R4_CALL_UNTYPED_RETYPE:
    case R4_CALL_PD_CONFIGURE:
    case R4_CALL_ASID_ASSIGN:
        return (struct family){model_memory_cause, model_memory_effect};
    case R4_CALL_PAGE_TABLE_MAP:
    case R4_CALL_PAGE_TABLE_UNMAP:
    case R4_CALL_FRAME_MAP:
    case R4_CALL_FRAME_UNMAP:
        return (struct family){model_map_cause, model_map_effect};
    case R4_CALL_THREAD_CONFIGURE:
    case R4_CALL_THREAD_START:
    case R4_CALL_THREAD_SUSPEND:
    case R4_CALL_THREAD_RESUME:
    case R4_CALL_THREAD_SET_PRIORITY:
    case R4_CALL_THREAD_SET_CORE:
    case R4_CALL_THREAD_STATE:
    case R4_CALL_THREAD_BIND_FAULT:
    case R4_CALL_NOTIFICATION_SIGNAL:
    case R4_CALL_NOTIFICATION_WAIT:
    case R4_CALL_NOTIFICATION_POLL:
    case R4_CALL_YIELD:
    case R4_CALL_REAP:
    case R4_CALL_FENCE:
        return (struct family){model_thread_cause, model_thread_effect};
    case R4_CALL_CAP_TABLE_MAP_VIEW:
    case R4_CALL_CAP_TABLE_UNMAP_VIEW:
        return (struct family){model_view_cause, model_view_effect};
    case R4_CALL_THREAD_ATTACH:
    case R4_CALL_THREAD_DETACH:
        return (struct family){model_part_cause, model_part_effect};
    case R4_CALL_IRQ_GET:
    case R4_CALL_IRQ_BIND:
    case R4_CALL_LINK_BIND:
        return (struct family){model_device_cause, model_device_effect};
    default:
        model_unknown(s, "call", s->number);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Refusals
 */

static uint32_t refuse(struct model_step *s, uint32_t error, unsigned detail)
{
    s->out->error = error;
    s->out->detail = detail;
    return error;
}

static uint32_t check_widths(struct model_step *s)
{
    for (unsigned i = 0; i < s->facts->arg_count; i++) {
        const uint8_t bits = s->facts->arg[i].bits;

        if (bits < 64 && s->word[i] >> bits != 0) {
            return refuse(s, R4_E_RANGE, i + 1u);
        }
    }
    return R4_OK;
}

/* The errors that an index has wherever it stands. */
static bool is_of_index(uint8_t error)
{
    return error == R4_E_INDEX || error == R4_E_EMPTY || error == R4_E_TYPE || error == R4_E_RIGHTS;
}

/* An argument that names a capability is looked up where the first cause about it stands. */
static uint32_t check_argument(struct model_step *s, unsigned arg)
{
    struct model_refusal refusal;

    if (s->is_looked_up[arg]) {
        return R4_OK;
    }
    s->is_looked_up[arg] = true;
    refusal = model_find_argument(s, arg);
    return refusal.error == R4_OK ? R4_OK : refuse(s, refusal.error, arg + refusal.detail);
}

/* Of what lies behind the first GRANT nothing is said. */
static uint32_t error_of(const struct model_step *s, const struct abi_cause *cause)
{
    return cause->error == R4_E_ONCE && !s->ref[cause->detail].is_once_near ? R4_E_PROXY
                                                                            : cause->error;
}

static uint32_t check_causes(struct model_step *s)
{
    const struct family family = family_of(s);

    for (unsigned i = 0; i < s->facts->cause_count; i++) {
        const struct abi_cause *cause = &abi_causes[s->facts->first_cause + i];
        const unsigned arg = cause->detail;

        if (arg > 0 && s->facts->arg[arg - 1u].is_index) {
            if (check_argument(s, arg) != R4_OK) {
                return s->out->error;
            }
            if (is_of_index(cause->error)) {
                continue;
            }
        }
        if (family.cause(s, cause->error, arg)) {
            return refuse(s, error_of(s, cause), cause->detail);
        }
    }
    return R4_OK;
}

static uint32_t uses_of(const struct model_step *s, uint64_t word)
{
    uint32_t uses = 0;

    for (unsigned i = 0; i <= R4_CALL_WORDS; i++) {
        for (uint32_t k = 0; k < s->ref[i].once_count; k++) {
            uses += s->ref[i].once[k] == word;
        }
    }
    return uses;
}

/* A word for one use stands for one of the capabilities that a call names, not for two. */
static bool is_used_twice(const struct model_step *s)
{
    for (unsigned i = 0; i <= R4_CALL_WORDS; i++) {
        for (uint32_t k = 0; k < s->ref[i].once_count; k++) {
            if (uses_of(s, s->ref[i].once[k]) > 1) {
                return true;
            }
        }
    }
    return false;
}

static uint32_t check(struct model_step *s)
{
    const struct model_refusal refusal = model_find_invoked(s);

    if (refusal.error != R4_OK) {
        return refuse(s, refusal.error, refusal.detail);
    }
    if (check_widths(s) != R4_OK) {
        return s->out->error;
    }
    if (check_causes(s) != R4_OK) {
        return s->out->error;
    }
    return is_used_twice(s) ? refuse(s, R4_E_PROXY, 0) : R4_OK;
}

/* ------------------------------------------------------------------------------------------------
 * The call
 */

static bool is_call(uint16_t number)
{
    return number < R4_CALL_TABLE_SIZE && abi_calls[number].name != NULL;
}

/* A thread without domain, or that is no more, does not come back. */
static void note_end_of_caller(struct model *m, uint32_t thread, uint32_t serial)
{
    const struct model_object *t = &m->object[thread];

    if (t->serial != serial || t->state == R4_THREAD_STATE_DEAD) {
        m->outcome->end = MODEL_GONE;
    }
}

/* Words for one use are used up by a call that is done, and by one that waits. */
static void spend_words(struct model_step *s)
{
    if (s->out->end == MODEL_PENDING || s->m->bug == MODEL_BUG_ONCE_STAYS) {
        return;
    }
    for (unsigned i = 0; i <= R4_CALL_WORDS; i++) {
        for (uint32_t k = 0; k < s->ref[i].once_count; k++) {
            model_word_write(s->m, s->ref[i].once[k], 0);
        }
    }
}

static void make_call(struct model *m, uint32_t thread, const struct model_call *call)
{
    const uint16_t number = r4_call_number(call->call_register);
    struct model_outcome *out = m->outcome;
    struct model_step s = {
        .m = m,
        .thread = thread,
        .number = number,
        .call_register = call->call_register,
        .word = call->word,
        .out = out,
    };

    if (!is_call(number)) {
        out->error = R4_E_CALL;
        return;
    }
    s.facts = &abi_calls[number];
    out->error = R4_OK;
    if (check(&s) == R4_OK) {
        family_of(&s).effect(&s);
        spend_words(&s);
        out->hops = s.ref[0].hops;
    }
}

void model_make_call(struct model *m, uint32_t thread, const struct model_call *call,
                     const struct model_hint *hint, struct model_outcome *out)
{
    static const struct model_hint to_the_end = {0};
    const uint32_t serial = m->object[thread].serial;

    memset(out, 0, sizeof(*out));
    memcpy(out->word, call->word, sizeof(out->word));
    m->outcome = out;
    m->hint = hint;
    make_call(m, thread, call);
    note_end_of_caller(m, thread, serial);
    /* A revoke whose own capability or words went on the way finds that when it is made again. */
    while (out->end == MODEL_PENDING && (!hint->is_unfinished || hint->is_made_again)) {
        m->hint = &to_the_end;
        out->end = MODEL_DONE;
        make_call(m, thread, call);
        note_end_of_caller(m, thread, serial);
        hint = &to_the_end;
    }
}
