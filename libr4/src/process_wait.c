/* SPDX-License-Identifier: MIT */
#include <r4/abi/enums.h>
#include <r4/abi/stubs.h>
#include <r4/process.h>

#define PIECE_BYTES 512u

static struct r4_output *page(const struct r4_process_env *env)
{
    return (struct r4_output *)env->output_window;
}

/* Hands on what is in the ring. False: the counts are nonsense. */
static bool drain(struct r4_process *p, r4_format_put *put, void *context)
{
    char piece[PIECE_BYTES];
    uint64_t filled;
    while (r4_ring_filled(&p->output, &filled)) {
        if (filled == 0) {
            return true;
        }
        uint64_t bytes = filled < sizeof piece ? filled : sizeof piece;
        r4_ring_get(&p->output, piece, bytes);
        put(context, piece, bytes);
    }
    return false;
}

static enum r4_err read_registers(struct r4_process *p)
{
    enum r4_err err = R4_OK;
    for (uint8_t first = 0; err == R4_OK && first < R4_REGISTER_COUNT; first += 6) {
        uint64_t *r = &p->fault.registers[first];
        err = r4_thread_registers(p->thread, first, &r[0], &r[1], &r[2], &r[3], &r[4], &r[5]);
    }
    return err;
}

/* What the first thread's state says about the process. */
static enum r4_process_end end_by_state(struct r4_process *p)
{
    uint64_t state;
    struct r4_fault *f = &p->fault;
    enum r4_err err =
        r4_thread_state(p->thread, &state, &f->cause, &f->address, &f->code, NULL, NULL);
    if (err != R4_OK || state == R4_THREAD_STATE_STOPPED || state == R4_THREAD_STATE_DEAD) {
        return R4_PROCESS_STOPPED;
    }
    if (state == R4_THREAD_STATE_FAULTED) {
        return read_registers(p) == R4_OK ? R4_PROCESS_FAULTED : R4_PROCESS_STOPPED;
    }
    return R4_PROCESS_RUNS;
}

/* Looks once. The state is read before the exit word, which is written before the thread stops. */
static enum r4_process_end look(struct r4_process_env *env, struct r4_process *p,
                                r4_format_put *put, void *context)
{
    enum r4_process_end end = end_by_state(p);
    /* Pairs with the release in output.c. */
    bool has_exited = __atomic_load_n(&page(env)->has_exited, __ATOMIC_ACQUIRE) == 1;
    p->status = __atomic_load_n(&page(env)->status, __ATOMIC_RELAXED);
    if (!drain(p, put, context)) {
        return R4_PROCESS_BROKEN;
    }
    return has_exited && end != R4_PROCESS_FAULTED ? R4_PROCESS_EXITED : end;
}

enum r4_process_end r4_process_look(struct r4_process_env *env, struct r4_process *p,
                                    r4_format_put *put, void *context)
{
    return look(env, p, put, context);
}

enum r4_process_end r4_process_wait(struct r4_process_env *env, struct r4_process *p,
                                    r4_format_put *put, void *context)
{
    enum r4_process_end end = look(env, p, put, context);
    while (end == R4_PROCESS_RUNS) {
        if (env->is_interrupted != NULL && env->is_interrupted(env->interrupt_context)) {
            return R4_PROCESS_INTERRUPTED;
        }
        if (r4_notification_wait(env->events, NULL) != R4_OK) {
            return R4_PROCESS_STOPPED;
        }
        end = look(env, p, put, context);
    }
    return end;
}
