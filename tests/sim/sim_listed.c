/* SPDX-License-Identifier: MIT */
/* Owns: which errors the ABI allows a call: those that it lists, and those that go for all calls. */
#include "sim.h"

#include "abi_facts.h"

#include <r4/abi/layout.h>
#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <stdio.h>

static bool is_cause(const struct abi_call *call, enum r4_err err, uint32_t detail)
{
    for (unsigned i = 0; i < call->cause_count; i++) {
        const struct abi_cause *cause = &abi_causes[call->first_cause + i];

        if (cause->error == err && cause->detail == detail) {
            return true;
        }
    }
    return false;
}

/* What is wrong with the way to a capability: the words of a chain, the slot of a peer. */
static bool is_about_the_way(enum r4_err err)
{
    switch (err) {
    case R4_E_INDEX:
    case R4_E_EMPTY:
    case R4_E_UNMAPPED:
    case R4_E_WORD:
    case R4_E_TTL:
    case R4_E_PROXY:
        return true;
    default:
        return false;
    }
}

static bool is_general(const struct abi_call *call, enum r4_err err)
{
    if (call->object == R4_TYPE_NONE) {
        return err == R4_E_INDEX;
    }
    return is_about_the_way(err) || (err == R4_E_TYPE && call->object != R4_TYPE_ANY) ||
           (err == R4_E_RIGHTS && (call->rights != 0 || call->modifies));
}

static bool is_about_argument(const struct abi_arg *arg, enum r4_err err)
{
    return (arg->is_index && is_about_the_way(err)) || (arg->bits < 64 && err == R4_E_RANGE);
}

static bool is_listed(uint64_t call_register, enum r4_err err, uint32_t detail)
{
    const uint64_t number = r4_call_number(call_register);
    const struct abi_call *call;
    const bool is_peer = (detail & R4_DETAIL_PEER) != 0;
    const uint32_t about = detail & ~R4_DETAIL_PEER;

    if (err == R4_OK) {
        return true;
    }
    if (number >= R4_CALL_TABLE_SIZE || abi_calls[number].name == NULL) {
        return err == R4_E_CALL && detail == 0;
    }
    call = &abi_calls[number];
    if (is_peer) {
        return (about == 0 || (about <= call->arg_count && call->arg[about - 1u].is_index)) &&
               (err == R4_E_INDEX || err == R4_E_EMPTY || err == R4_E_TYPE);
    }
    return is_cause(call, err, detail) || (about == 0 && is_general(call, err)) ||
           (about > 0 && about <= call->arg_count &&
            is_about_argument(&call->arg[about - 1u], err));
}

void sim_check_listed(uint64_t call_register, struct sim_reply reply)
{
    static char text[160];
    const uint64_t number = r4_call_number(call_register);
    const bool is_call = number < R4_CALL_TABLE_SIZE && abi_calls[number].name != NULL;

    if (!is_listed(call_register, reply.err, reply.detail)) {
        (void)snprintf(text, sizeof(text), "%s answered %s, detail %u: the ABI does not say so",
                       is_call ? abi_calls[number].name : "no call", r4_err_name(reply.err),
                       reply.detail);
        sim_fail(text);
    }
}
