/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls on a thread's user part: attach, detach, and registers out of it and into it.
 * What is loaded comes from a record that programs write meanwhile: each word is looked at once, and
 * the words that must be checked are checked as they were loaded.
 */
#include <arch/word.h>
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/part.h>
#include <kernel/proxy_word.h>
#include <kernel/vspace.h>
#include <r4/abi/structs.h>

#define RECORD_BYTES ((uint32_t)sizeof(struct r4_thread_part))
#define REGISTERS    (R4_REGISTER_R15 + 1u)

/* Place of a member of the record, in words. */
#define WORD_OF(member) (offsetof(struct r4_thread_part, member) / sizeof(uint64_t))

_Static_assert(sizeof(struct r4_thread_part) % R4_PART_ALIGN == 0, "a record is whole units");
_Static_assert(sizeof(((struct r4_thread_part *)NULL)->registers) == REGISTERS * sizeof(uint64_t),
               "a record holds every register");

static struct user_part *part_of(const struct call *c)
{
    return &thread_of(c->slot)->part;
}

/* ------------------------------------------------------------------------------------------------
 * Attach and detach
 */

/*
 * The checks stand in the order in which the ABI lists their errors. What carries parts is changed
 * by that, as by a mapping.
 */
static enum r4_err check_carrier(struct call *c, const struct cap_ref *ref, bool is_chain)
{
    const uint16_t rights =
        R4_RIGHT_READ | R4_RIGHT_WRITE | (uint16_t)(is_chain ? R4_RIGHT_MODIFY : 0);
    const struct slot *frame = ref->slot;
    enum r4_err err;

    if (slot_has(frame, SLOT_DEVICE | SLOT_SHARED)) {
        return call_fail(c, R4_E_TYPE, 1);
    }
    err = call_has_rights(c, ref, rights, 1);
    if (err != R4_OK) {
        return err;
    }
    if (slot_size_bits(frame) != R4_PAGE_BITS) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    if (slot_has(frame, SLOT_MARKED)) {
        return call_fail(c, R4_E_MARKED, 1);
    }
    return vspace_entry_of(c->cluster, frame) != NULL ? R4_OK : call_fail(c, R4_E_STATE, 1);
}

static enum r4_err check_place(struct call *c, const struct slot *frame, uint32_t offset)
{
    if (offset % R4_PART_ALIGN != 0) {
        return call_fail(c, R4_E_ALIGN, 2);
    }
    if (offset > R4_PAGE_BYTES - RECORD_BYTES ||
        !part_has_room(c->cluster, frame, offset, RECORD_BYTES)) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    return R4_OK;
}

enum r4_err decode_thread_attach(struct call *c, const struct args_thread_attach *a)
{
    struct cap_ref frame;
    enum r4_err err;

    if (part_record(c->cluster, part_of(c)) != NULL) {
        return call_fail(c, R4_E_STATE, 0);
    }
    err = call_ref(c, a->frame, 1, R4_TYPE_FRAME, 0, &frame);
    if (err == R4_OK) {
        err = check_carrier(c, &frame, index_is_word(a->frame));
    }
    if (err == R4_OK) {
        err = check_place(c, frame.slot, a->offset);
    }
    if (err != R4_OK) {
        return err;
    }
    c->plan.part.carrier = frame.slot;
    c->plan.part.offset = a->offset;
    return R4_OK;
}

void commit_thread_attach(struct call *c)
{
    part_attach(c->cluster, part_of(c), c->plan.part.carrier, c->plan.part.offset, RECORD_BYTES);
}

static enum r4_err find_record(struct call *c)
{
    c->plan.part.record = part_record(c->cluster, part_of(c));
    return c->plan.part.record != NULL ? R4_OK : call_fail(c, R4_E_DETACHED, 0);
}

enum r4_err decode_thread_detach(struct call *c)
{
    return find_record(c);
}

void commit_thread_detach(struct call *c)
{
    part_detach(c->cluster, part_of(c));
}

/* ------------------------------------------------------------------------------------------------
 * Save and load
 */

static enum r4_err find_resting(struct call *c)
{
    return thread_is_at_rest(thread_of(c->slot)) ? find_record(c) : call_fail(c, R4_E_STATE, 0);
}

enum r4_err decode_thread_save(struct call *c)
{
    return find_resting(c);
}

void commit_thread_save(struct call *c)
{
    struct thread *t = thread_of(c->slot);
    uint64_t *record = c->plan.part.record;

    for (unsigned i = 0; i < REGISTERS; i++) {
        arch_word_store(&record[WORD_OF(registers) + i], arch_regs_get(&t->context.regs, i));
    }
    arch_word_store(&record[WORD_OF(state)], t->state);
    arch_word_store(&record[WORD_OF(cause)], t->fault.cause);
    arch_word_store(&record[WORD_OF(address)], t->fault.address);
    arch_word_store(&record[WORD_OF(code)], t->fault.code);
    arch_word_store(&record[WORD_OF(core)], t->core);
    arch_word_store(&record[WORD_OF(priority)], t->priority);
    t->saves++;
    arch_word_store(&record[WORD_OF(saves)], t->saves);
}

/* Whether a program may have this value in this register. */
static bool is_allowed(unsigned number, uint64_t value)
{
    const uint64_t flags = R4_FLAGS_FREE | R4_FLAGS_FIXED;

    return number == R4_REGISTER_RFLAGS ? (value & ~flags) == 0 : value < R4_USER_TOP;
}

/* The registers of which not every value is allowed are the first ones. */
#define CHECKED (R4_REGISTER_RFLAGS + 1u)
_Static_assert(R4_REGISTER_RIP < CHECKED && R4_REGISTER_RSP < CHECKED, "the first ones");

enum r4_err decode_thread_load(struct call *c)
{
    enum r4_err err = find_resting(c);

    if (err != R4_OK) {
        return err;
    }
    for (unsigned i = 0; i < CHECKED; i++) {
        const uint64_t value = arch_word_load(&c->plan.part.record[WORD_OF(registers) + i]);

        if (!is_allowed(i, value)) {
            c->has_value = true;
            call_result(c, 0, i);
            return call_fail(c, R4_E_RANGE, 0);
        }
        c->plan.part.checked[i] = value;
    }
    return R4_OK;
}

void commit_thread_load(struct call *c)
{
    struct thread *t = thread_of(c->slot);
    struct arch_regs *regs = &t->context.regs;
    const uint64_t *checked = c->plan.part.checked;

    if (t->was_started == 0) {
        arch_context_init(&t->context, (struct uaddr){0}, (struct uaddr){0}, 0, 0);
        t->was_started = 1;
    }
    arch_regs_set(regs, R4_REGISTER_RIP, checked[R4_REGISTER_RIP]);
    arch_regs_set(regs, R4_REGISTER_RSP, checked[R4_REGISTER_RSP]);
    arch_regs_set(regs, R4_REGISTER_RFLAGS, checked[R4_REGISTER_RFLAGS] | R4_FLAGS_FIXED);
    for (unsigned i = CHECKED; i < REGISTERS; i++) {
        arch_regs_set(regs, i, arch_word_load(&c->plan.part.record[WORD_OF(registers) + i]));
    }
}
