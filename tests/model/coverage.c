/* SPDX-License-Identifier: MIT */
#include "coverage.h"

#include <r4/abi/layout.h>
#include <r4/abi/names.h>

#include <stdio.h>
#include <stdlib.h>

/* The calls of which all outcomes must come about. */
static const uint16_t covered[] = {
    R4_CALL_CAP_COPY,
    R4_CALL_CAP_MINT,
    R4_CALL_CAP_DERIVE,
    R4_CALL_CAP_MOVE,
    R4_CALL_CAP_DELETE,
    R4_CALL_CAP_IDENTIFY,
    R4_CALL_CAP_REVOKE,
    R4_CALL_UNTYPED_RETYPE,
    R4_CALL_CAP_TABLE_TAKE,
    R4_CALL_CAP_TABLE_DELETE,
    R4_CALL_CAP_TABLE_IDENTIFY,
    R4_CALL_PD_CONFIGURE,
    R4_CALL_ASID_ASSIGN,
    R4_CALL_PAGE_TABLE_MAP,
    R4_CALL_PAGE_TABLE_UNMAP,
    R4_CALL_FRAME_MAP,
    R4_CALL_FRAME_UNMAP,
    R4_CALL_THREAD_CONFIGURE,
    R4_CALL_THREAD_START,
    R4_CALL_THREAD_SUSPEND,
    R4_CALL_THREAD_RESUME,
    R4_CALL_THREAD_SET_PRIORITY,
    R4_CALL_THREAD_SET_CORE,
    R4_CALL_THREAD_STATE,
    R4_CALL_THREAD_BIND_FAULT,
    R4_CALL_NOTIFICATION_SIGNAL,
    R4_CALL_NOTIFICATION_WAIT,
    R4_CALL_NOTIFICATION_POLL,
    R4_CALL_YIELD,
    R4_CALL_REAP,
    R4_CALL_CAP_LINK,
    R4_CALL_CAP_COMPARE,
    R4_CALL_FENCE,
    R4_CALL_FRAME_MARK,
    R4_CALL_FRAME_UNMARK,
    R4_CALL_PEER_BIND,
    R4_CALL_CAP_TABLE_MAP_VIEW,
    R4_CALL_CAP_TABLE_UNMAP_VIEW,
    R4_CALL_THREAD_ATTACH,
    R4_CALL_THREAD_DETACH,
    R4_CALL_IO_NARROW,
    R4_CALL_IRQ_GET,
    R4_CALL_IRQ_BIND,
    R4_CALL_LINK_BIND,
};

#define COVERED (sizeof(covered) / sizeof(covered[0]))

/* ------------------------------------------------------------------------------------------------
 * Counting
 */

static uint32_t place_of(uint32_t detail)
{
    return (detail & R4_DETAIL_PEER) != 0 ? detail - R4_DETAIL_PEER + COVERAGE_DETAILS / 2 : detail;
}

static void count(struct coverage *c, uint16_t number, uint32_t error, uint32_t detail)
{
    const uint32_t place = place_of(detail);

    if (error >= COVERAGE_ERRORS || place >= COVERAGE_DETAILS) {
        abort();
    }
    c->seen[number][error][place]++;
}

void coverage_note(struct coverage *c, const struct world *w)
{
    const struct model_outcome *out = &w->outcome;
    const uint16_t number = r4_call_number(w->last.call.call_register);

    if (w->last_thread == 0) {
        return;
    }
    if (w->last.kind == OP_STORE) {
        c->stores++;
        return;
    }
    for (uint32_t i = 0; i < out->woken_count; i++) {
        count(c, R4_CALL_NOTIFICATION_WAIT, out->woken[i].error, 0);
    }
    if (out->end == MODEL_PENDING) {
        c->pending++;
        return;
    }
    c->calls++;
    c->caps += w->model.caps;
    c->gone += out->end == MODEL_GONE;
    if (number < R4_CALL_TABLE_SIZE && out->end == MODEL_DONE) {
        count(c, number, out->error, out->detail);
    }
    c->hops[out->hops] += out->error == R4_OK;
    c->good += out->end == MODEL_WAITS || out->error == R4_OK;
}

static uint64_t count_of(const struct coverage *c, uint16_t number, uint32_t error)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < COVERAGE_DETAILS; i++) {
        sum += c->seen[number][error][i];
    }
    return sum;
}

/* ------------------------------------------------------------------------------------------------
 * What must come about
 */

static bool has_narrow_argument(const struct abi_call *call)
{
    for (unsigned i = 0; i < call->arg_count; i++) {
        if (call->arg[i].bits < 64) {
            return true;
        }
    }
    return false;
}

static bool is_listed(const struct abi_call *call, uint32_t error)
{
    for (unsigned i = 0; i < call->cause_count; i++) {
        if (abi_causes[call->first_cause + i].error == error) {
            return true;
        }
    }
    return false;
}

static bool has_capability(const struct abi_call *call)
{
    return call->object != R4_TYPE_NONE;
}

static bool must_come(const struct abi_call *call, uint32_t error)
{
    if (is_listed(call, error)) {
        return true;
    }
    switch (error) {
    case R4_OK:
    case R4_E_INDEX:
        return true;
    case R4_E_EMPTY:
    case R4_E_UNMAPPED:
    case R4_E_WORD:
    case R4_E_PROXY:
    case R4_E_TTL:
        return has_capability(call);
    case R4_E_TYPE:
        return has_capability(call) && call->object != R4_TYPE_ANY;
    case R4_E_RIGHTS:
        return call->rights != 0 || call->modifies;
    case R4_E_RANGE:
        return has_narrow_argument(call);
    default:
        return false;
    }
}

static bool is_unseen(const struct coverage *c, uint16_t call, uint32_t error)
{
    return must_come(&abi_calls[call], error) && count_of(c, call, error) == 0;
}

uint32_t coverage_missing(const struct coverage *c)
{
    uint32_t missing = 0;

    for (size_t i = 0; i < COVERED; i++) {
        for (uint32_t error = 0; error < COVERAGE_ERRORS; error++) {
            missing += is_unseen(c, covered[i], error);
        }
    }
    return missing;
}

uint32_t coverage_report_missing(const struct coverage *c)
{
    for (size_t i = 0; i < COVERED; i++) {
        for (uint32_t error = 0; error < COVERAGE_ERRORS; error++) {
            if (is_unseen(c, covered[i], error)) {
                printf("  never seen: %s %s\n", abi_calls[covered[i]].name, r4_err_name(error));
            }
        }
    }
    return coverage_missing(c);
}

uint32_t coverage_good_percent(const struct coverage *c)
{
    return c->calls == 0 ? 0 : (uint32_t)(100 * c->good / c->calls);
}

/* ------------------------------------------------------------------------------------------------
 * The table
 */

static void print_call(const struct coverage *c, uint16_t number)
{
    printf("  %-20s", abi_calls[number].name);
    for (uint32_t error = 0; error < COVERAGE_ERRORS; error++) {
        for (uint32_t detail = 0; detail < COVERAGE_DETAILS; detail++) {
            const uint64_t n = c->seen[number][error][detail];

            if (n != 0 && error == R4_OK) {
                printf(" %s %llu", r4_err_name(error), (unsigned long long)n);
            } else if (n != 0) {
                printf(" %s(%u%s) %llu", r4_err_name(error), detail % (COVERAGE_DETAILS / 2),
                       detail < COVERAGE_DETAILS / 2 ? "" : "p", (unsigned long long)n);
            }
        }
    }
    printf("\n");
}

/* Causes that the ABI lists and that did not come about with their detail. */
static void print_unseen_causes(const struct coverage *c, uint16_t number)
{
    const struct abi_call *call = &abi_calls[number];

    for (unsigned i = 0; i < call->cause_count; i++) {
        const struct abi_cause *cause = &abi_causes[call->first_cause + i];

        if (c->seen[number][cause->error][place_of(cause->detail)] == 0) {
            printf("  not with this detail: %s %s(%u)\n", call->name, r4_err_name(cause->error),
                   cause->detail);
        }
    }
}

void coverage_print(const struct coverage *c)
{
    for (size_t i = 0; i < COVERED; i++) {
        print_call(c, covered[i]);
    }
    for (size_t i = 0; i < COVERED; i++) {
        print_unseen_causes(c, covered[i]);
    }
    printf("  stores %llu, good calls through chains of 1, 2, ... words:",
           (unsigned long long)c->stores);
    for (uint32_t i = 1; i <= R4_HOPS_MAX; i++) {
        printf(" %llu", (unsigned long long)c->hops[i]);
    }
    printf("\n");
    printf("  calls %llu, %u %% of them good; rests in revokes %llu, threads that ended %llu, "
           "capabilities %llu\n",
           (unsigned long long)c->calls, coverage_good_percent(c), (unsigned long long)c->pending,
           (unsigned long long)c->gone,
           (unsigned long long)(c->calls == 0 ? 0 : c->caps / c->calls));
}
