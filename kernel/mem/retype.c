/* SPDX-License-Identifier: MIT */
/*
 * Owns: the way from untyped memory to objects: carve, zero, format, capabilities.
 * Zeroing is the long part. It goes forward page by page, and how far it came stands in the untyped
 * (untyped I2), so a call that is interrupted finds its work done when it is made again. The rest
 * happens at once.
 * Locking: the cluster's lock.
 */
#include <arch/mmu.h>
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/derive.h>
#include <kernel/notification.h>
#include <kernel/panic.h>
#include <kernel/untyped.h>

_Static_assert(R4_OBJECT_COUNT == 14,
               "make_object and is_size know every type that is made from untyped");

static bool is_size(uint8_t type, uint8_t bits)
{
    const struct r4_object_facts *facts = &r4_object_facts[type];

    if (type == R4_TYPE_FRAME) {
        return bits == 12 || bits == 21 || bits == 30;
    }
    if (facts->size_bits != 0) {
        return bits == 0 || bits == facts->size_bits;
    }
    return bits >= facts->min_bits && bits <= facts->max_bits;
}

/* Device memory holds no kernel objects; memory shared with another cluster is for frames only. */
static bool is_type(const struct slot *untyped, uint8_t type)
{
    if (type >= R4_TYPE_TABLE_SIZE || !r4_object_facts[type].retype) {
        return false;
    }
    if (slot_has(untyped, SLOT_SHARED)) {
        return type == R4_TYPE_FRAME;
    }
    return !slot_has(untyped, SLOT_DEVICE) || type == R4_TYPE_FRAME || type == R4_TYPE_UNTYPED;
}

static enum r4_err check_slots(struct call *c, struct cap_table *t, uint32_t dest, uint32_t count)
{
    const struct slot *s;

    if (count == 0 || count > R4_RETYPE_MAX) {
        return call_fail(c, R4_E_RANGE, 5);
    }
    if (!table_has(t, dest) || count > t->last - dest) {
        return call_fail(c, R4_E_RANGE, 4);
    }
    s = table_slot(t, dest);
    for (uint32_t i = 0; i < count; i++) {
        if (!slot_is_empty(&s[i])) {
            return call_fail(c, R4_E_OCCUPIED, 4);
        }
    }
    return R4_OK;
}

/* What is made of what; where it goes is checked after it. */
static enum r4_err check_kind(struct call *c, const struct args_untyped_retype *a)
{
    const enum r4_err err = call_may_create(c, c->slot, 0);

    if (err != R4_OK) {
        return err;
    }
    if (!is_type(c->slot, a->type)) {
        return call_fail(c, R4_E_TYPE, 1);
    }
    if (!is_size(a->type, a->bits)) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    return R4_OK;
}

enum r4_err decode_untyped_retype(struct call *c, const struct args_untyped_retype *a)
{
    struct cap_table *t;
    uint64_t offset;
    uint8_t bits;
    enum r4_err err;

    if (call_must_reap(c)) {
        return R4_OK;
    }
    err = check_kind(c, a);
    if (err == R4_OK) {
        err = call_dest_table(c, a->table, 3, &t);
    }
    if (err == R4_OK) {
        err = check_slots(c, t, a->dest, a->count);
    }
    if (err != R4_OK) {
        return err;
    }
    bits = a->bits != 0 ? a->bits : r4_object_facts[a->type].size_bits;
    err = untyped_carve(slot_size_bits(c->slot), untyped_state_of(c->slot).watermark_bytes, bits,
                        a->count, &offset);
    if (err != R4_OK) {
        return call_fail(c, err, 0);
    }
    c->plan.retype.table = t;
    c->plan.retype.dest = a->dest;
    c->plan.retype.count = a->count;
    c->plan.retype.ttl = call_invoked(c)->ttl;
    c->plan.retype.type = a->type;
    c->plan.retype.bits = bits;
    c->plan.retype.offset = offset;
    return R4_OK;
}

static void *memory_at(const struct slot *untyped, uint64_t offset)
{
    return arch_dmap_ptr((struct paddr){untyped->object + offset});
}

/*
 * Starts again if there are no children; an untyped below a page, which has no `zeroed`, is cleaned
 * here as a whole. Gives up what the alignment of the first object skips, so that untyped I2 holds
 * also while the call is interrupted.
 */
static struct untyped_state begin(struct slot *untyped, uint64_t offset)
{
    const uint64_t handed_out = untyped_unpack(untyped->extra).watermark_bytes;
    struct untyped_state state = untyped_state_of(untyped);

    if (state.watermark_bytes != handed_out && slot_size_bits(untyped) < R4_PAGE_BITS &&
        !slot_has(untyped, SLOT_DEVICE)) {
        arch_zero(memory_at(untyped, 0), handed_out);
    }
    state.watermark_bytes = offset;
    if (state.zeroed_bytes < offset) {
        /* Only whole pages are handed out dirty, so the offset is one of a page. */
        R4_ASSERT(offset % R4_PAGE_BYTES == 0 || slot_size_bits(untyped) < R4_PAGE_BITS ||
                  slot_has(untyped, SLOT_DEVICE));
        state.zeroed_bytes = offset;
    }
    untyped->extra = untyped_pack(state);
    return state;
}

/*
 * Shared memory was zeroed before it was shared: what stands in it now is the other cluster's too.
 */
static bool comes_zeroed(const struct slot *untyped, uint8_t type, uint8_t bits)
{
    return slot_size_bits(untyped) >= R4_PAGE_BITS &&
           !slot_has(untyped, SLOT_DEVICE | SLOT_SHARED) &&
           !(type == R4_TYPE_UNTYPED && bits >= R4_PAGE_BITS);
}

/* Zeroes up to `end`; false: stopped on the way, or at the end, since what follows is long too. */
static bool zero_up_to(struct call *c, struct untyped_state *state, uint64_t end)
{
    while (state->zeroed_bytes < end) {
        arch_zero(memory_at(c->slot, state->zeroed_bytes), R4_PAGE_BYTES);
        state->zeroed_bytes += R4_PAGE_BYTES;
        c->slot->extra = untyped_pack(*state);
        if (call_preempted(c)) {
            return false;
        }
    }
    return true;
}

/* Makes the object of which `block` is the memory. */
static struct object *format_object(struct cluster *cl, uint8_t type, uint8_t bits, void *block)
{
    switch (type) {
    case R4_TYPE_CAP_TABLE:
        return &table_format(block, (uint8_t)(bits - TABLE_SLOT_SHARE_BITS))->object;
    case R4_TYPE_PD:
        return &pd_format(block)->object;
    case R4_TYPE_THREAD:
        return &thread_format(cl, block)->object;
    default:
        R4_ASSERT(type == R4_TYPE_NOTIFICATION);
        object_format(block, type);
        return block;
    }
}

/*
 * Formats what needs it. Returns the `object` word of the first capability; each further object is
 * one size behind the one before it.
 */
static uint64_t make_objects(struct call *c)
{
    const uint8_t type = c->plan.retype.type;
    const uint8_t bits = c->plan.retype.bits;
    char *block;
    struct object *first;

    if (!object_has_header(type)) {
        return c->slot->object + c->plan.retype.offset;
    }
    block = memory_at(c->slot, c->plan.retype.offset);
    first = format_object(c->cluster, type, bits, block);
    for (uint32_t i = 1; i < c->plan.retype.count; i++) {
        block += UINT64_C(1) << bits;
        (void)format_object(c->cluster, type, bits, block);
    }
    return (uint64_t)(uintptr_t)first;
}

/* 256 of them have to stay far below 20,000 instructions: nothing is looked up twice here. */
static void make_caps(struct call *c, uint64_t object)
{
    struct slot *untyped = c->slot;
    struct cap_table *t = c->plan.retype.table;
    struct slot *s = table_slot(t, c->plan.retype.dest);
    struct slot_view *view = table_view(t, c->plan.retype.dest);
    const uint8_t type = c->plan.retype.type;
    const uint8_t bits = c->plan.retype.bits;
    const uint32_t count = c->plan.retype.count;
    const uint64_t inherited = SLOT_DEVICE | SLOT_SHARED | SLOT_RECORD_MASK;
    const uint64_t meta = slot_meta(type, r4_object_facts[type].rights, c->plan.retype.ttl, bits) |
                          (untyped->meta & inherited) | table_home(t);

    for (uint32_t i = 0; i < count; i++) {
        slot_write_with_view(&s[i], &view[i], meta, object, 0);
        object += UINT64_C(1) << bits;
    }
    derive_insert_children(untyped, s, count);
}

/* New untypeds know how much of their memory is zero already. */
static void tell_untypeds(struct call *c, uint64_t zeroed)
{
    struct slot *s = table_slot(c->plan.retype.table, c->plan.retype.dest);
    const uint64_t bytes = UINT64_C(1) << c->plan.retype.bits;
    uint64_t offset = c->plan.retype.offset;

    for (uint32_t i = 0; i < c->plan.retype.count && offset < zeroed; i++) {
        const uint64_t clean = zeroed - offset;

        s[i].extra =
            untyped_pack((struct untyped_state){.zeroed_bytes = clean < bytes ? clean : bytes});
        offset += bytes;
    }
}

void commit_untyped_retype(struct call *c)
{
    struct untyped_state state;
    uint64_t end;

    if (c->reap_first) {
        call_reap(c);
        return;
    }
    end = c->plan.retype.offset + ((uint64_t)c->plan.retype.count << c->plan.retype.bits);
    state = begin(c->slot, c->plan.retype.offset);
    if (comes_zeroed(c->slot, c->plan.retype.type, c->plan.retype.bits) &&
        !zero_up_to(c, &state, end)) {
        return;
    }
    if (fault_hit(&c->cluster->faults, R4_FAULT_POINT_RETYPE_COMMIT) == FAULT_ACTION_PANIC) {
        r4_panic("retype_commit", "the fault point was hit");
    }
    make_caps(c, make_objects(c));
    if (c->plan.retype.type == R4_TYPE_UNTYPED) {
        tell_untypeds(c, state.zeroed_bytes);
    }
    state.watermark_bytes = end;
    c->slot->extra = untyped_pack(state);
}
