/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls on the monitor: devices of the machine, counters, what cores and threads do,
 * audit, exit.
 * Not here: what the audit checks (audit.c).
 */
#include <arch/machine.h>
#include <kernel/abi/calls.h>
#include <kernel/audit.h>
#include <kernel/call.h>
#include <r4/abi/exits.h>
#include <r4/abi/layout.h>

#define WRITE_BYTES_MAX 40u

static struct core *core_of(const struct call *c, uint64_t index)
{
    return c->cluster->cores[index];
}

static bool has_core(const struct call *c, uint32_t index)
{
    return index < c->cluster->core_count;
}

/* ------------------------------------------------------------------------------------------------
 * Console, machine channel, exit
 */

/* plan.word: how many bytes, then the bytes. */
static enum r4_err decode_write(struct call *c, uint8_t bytes, bool (*is_free)(void))
{
    if (!c->cluster->owns_devices) {
        return call_fail(c, R4_E_STATE, 0);
    }
    if (bytes > WRITE_BYTES_MAX) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    if (!is_free()) {
        return call_fail(c, R4_E_AGAIN, 0);
    }
    c->plan.word[0] = bytes;
    return R4_OK;
}

enum r4_err decode_monitor_console_write(struct call *c, const struct args_monitor_console_write *a)
{
    c->plan.word[1] = a->w0;
    c->plan.word[2] = a->w1;
    c->plan.word[3] = a->w2;
    c->plan.word[4] = a->w3;
    c->plan.word[5] = a->w4;
    return decode_write(c, a->bytes, arch_console_is_free);
}

void commit_monitor_console_write(struct call *c)
{
    call_result(c, 0, arch_console_put((const char *)&c->plan.word[1], c->plan.word[0]));
}

enum r4_err decode_monitor_channel_write(struct call *c, const struct args_monitor_channel_write *a)
{
    c->plan.word[1] = a->w0;
    c->plan.word[2] = a->w1;
    c->plan.word[3] = a->w2;
    c->plan.word[4] = a->w3;
    c->plan.word[5] = a->w4;
    return decode_write(c, a->bytes, arch_channel_is_free);
}

void commit_monitor_channel_write(struct call *c)
{
    call_result(c, 0, arch_channel_put((const char *)&c->plan.word[1], c->plan.word[0]));
}

static bool is_exit_status(uint8_t status)
{
    switch ((enum r4_exit)status) {
    case R4_EXIT_PASS:
    case R4_EXIT_FAIL:
    case R4_EXIT_PANIC:
    case R4_EXIT_AUDIT:
    case R4_EXIT_WATCHDOG:
    case R4_EXIT_BOOT:
        return true;
    }
    return false;
}

enum r4_err decode_monitor_exit(struct call *c, const struct args_monitor_exit *a)
{
    if (!c->cluster->owns_devices) {
        return call_fail(c, R4_E_STATE, 0);
    }
    if (!is_exit_status(a->status)) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    c->plan.word[0] = a->status;
    return R4_OK;
}

void commit_monitor_exit(struct call *c)
{
    arch_exit((uint8_t)c->plan.word[0]);
}

/* ------------------------------------------------------------------------------------------------
 * Numbers
 */

enum r4_err decode_monitor_counter(struct call *c, const struct args_monitor_counter *a)
{
    const bool is_of_core =
        a->counter >= CORE_COUNTER_BASE && a->counter < CORE_COUNTER_BASE + CORE_COUNTERS;

    if (!is_of_core && a->counter >= CLUSTER_COUNTERS) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    if (is_of_core ? !has_core(c, a->core) : a->core != 0) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    c->plan.word[0] = is_of_core ? core_of(c, a->core)->counters[a->counter - CORE_COUNTER_BASE]
                                 : c->cluster->counters[a->counter];
    return R4_OK;
}

void commit_monitor_counter(struct call *c)
{
    call_result(c, 0, c->plan.word[0]);
}

enum r4_err decode_monitor_memory(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_monitor_memory(struct call *c)
{
    const struct memory_account *memory = &c->cluster->memory;

    call_result(c, 0, memory->owned);
    call_result(c, 1, memory->kernel);
    call_result(c, 2, memory->root);
    call_result(c, 3, memory->pair);
    call_result(c, 4, memory->untyped);
    call_result(c, 5, memory->lost);
}

enum r4_err decode_monitor_time(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_monitor_time(struct call *c)
{
    call_result(c, 0, arch_now_ns(c->core));
    call_result(c, 1, arch_cycles());
}

/* ------------------------------------------------------------------------------------------------
 * Cores and threads
 */

enum r4_err decode_monitor_core(struct call *c, const struct args_monitor_core *a)
{
    if (!has_core(c, a->core)) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    c->plan.word[0] = a->core;
    return R4_OK;
}

void commit_monitor_core(struct call *c)
{
    const struct core *core = core_of(c, c->plan.word[0]);
    const struct thread *t = core->current;

    call_result(c, 0, core->hardware_id);
    call_result(c, 1, t == NULL ? 0 : t->number);
    call_result(c, 2, t == NULL ? 0 : t->priority);
    call_result(c, 3, core->runq.count + (core->next != NULL));
    call_result(c, 4, core->counters[R4_COUNTER_SWITCHES - CORE_COUNTER_BASE]);
}

/* The last thread of the list has the highest number. */
enum r4_err decode_monitor_thread(struct call *c, const struct args_monitor_thread *a)
{
    const struct thread *last = container_of(c->cluster->threads.prev, struct thread, all);

    if (last->number < a->number) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    c->plan.word[0] = a->number;
    return R4_OK;
}

static void describe(struct call *c, const struct thread *t)
{
    const struct pd *pd = thread_pd(t);
    uint64_t info = r4_thread_info_with_state(0, t->state);

    info = r4_thread_info_with_priority(info, t->priority);
    info = r4_thread_info_with_core(info, (uint16_t)t->core);
    info = r4_thread_info_with_cause(info, t->fault.cause);
    call_result(c, 0, t->number);
    call_result(c, 1, info);
    call_result(c, 2, pd == NULL ? 0 : pd->asid);
    call_result(c, 3, t->name[0]);
    call_result(c, 4, t->name[1]);
}

void commit_monitor_thread(struct call *c)
{
    const struct thread *t = thread_find(c->core, c->plan.word[0]);

    if (t == NULL) {
        c->restart = true;
        return;
    }
    describe(c, t);
}

/* ------------------------------------------------------------------------------------------------
 * Audit
 */

enum r4_err decode_monitor_audit(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_monitor_audit(struct call *c)
{
    struct audit_report report = {0};

    audit_cluster(c->cluster, &report);
    lock_excuse_hold(c->core);
    call_result(c, 0, report.violations);
    call_result(c, 1, report.first_rule);
    call_result(c, 2, report.first_detail);
    call_result(c, 3, report.checked);
}
