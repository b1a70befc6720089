/* SPDX-License-Identifier: MIT */
/*
 * Owns: the way from untyped memory to objects: carve, zero, format, capabilities.
 * Zeroing is the long part. It goes forward a few pages at a time, and how far it came stands in the untyped
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
#include <lib/hints.h>

_Static_assert(R4_OBJECT_COUNT == 14,
               "format_object and `made` know every type that is made from untyped");

/* Whole pages between two preemption points. */
#define ZERO_STEP_BYTES (4 * R4_PAGE_BYTES)

/* Sizes of a type, a bit for each power of two; bit 0: the caller may leave its only size out. */
#define SIZES(from, to) ((UINT64_C(2) << (to)) - (UINT64_C(1) << (from)))
#define SIZE(only)      (UINT64_C(1) | UINT64_C(1) << (only))

/* What can be made from untyped. */
static const struct made {
    uint64_t sizes;
    uint32_t meta; /* type and all rights that mean something */
    uint8_t size_bits;
} made[R4_TYPE_TABLE_SIZE] = {
#define MADE(type, all_sizes)                                                                      \
    [R4_TYPE_##type] = {.sizes = (all_sizes),                                                      \
                        .meta = R4_TYPE_##type << SLOT_TYPE_SHIFT | R4_##type##_RIGHTS             \
                                                                        << SLOT_RIGHTS_SHIFT,      \
                        .size_bits = R4_##type##_SIZE_BITS}
    MADE(UNTYPED, SIZES(R4_UNTYPED_MIN_BITS, R4_UNTYPED_MAX_BITS)),
    MADE(FRAME, UINT64_C(1) << 12 | UINT64_C(1) << 21 | UINT64_C(1) << 30),
    MADE(PAGE_TABLE, SIZE(R4_PAGE_TABLE_SIZE_BITS)),
    MADE(CAP_TABLE, SIZES(R4_CAP_TABLE_MIN_BITS, R4_CAP_TABLE_MAX_BITS)),
    MADE(PD, SIZE(R4_PD_SIZE_BITS)),
    MADE(THREAD, SIZE(R4_THREAD_SIZE_BITS)),
    MADE(NOTIFICATION, SIZE(R4_NOTIFICATION_SIZE_BITS)),
    MADE(PEER, SIZE(R4_PEER_SIZE_BITS)),
#undef MADE
};

/* No size at all of types that are not made from untyped. */
static inline bool is_size(uint8_t type, uint8_t bits)
{
    return type < R4_TYPE_TABLE_SIZE && bits < 64 && (made[type].sizes >> bits & 1u) != 0;
}

/* Device memory holds no kernel objects; memory shared with another cluster is for frames only. */
static bool is_type(const struct slot *untyped, uint8_t type)
{
    if (type >= R4_TYPE_TABLE_SIZE || made[type].sizes == 0) {
        return false;
    }
    if (slot_has(untyped, SLOT_SHARED)) {
        return type == R4_TYPE_FRAME;
    }
    return !slot_has(untyped, SLOT_DEVICE) || type == R4_TYPE_FRAME || type == R4_TYPE_UNTYPED;
}

/* Whether the slots are there and empty. */
static ALWAYS_INLINE enum r4_err check_slots(struct call *c, struct cap_table *t, uint32_t dest,
                                             uint32_t count)
{
    const struct slot *s;

    if (UNLIKELY(count - 1u >= R4_RETYPE_MAX)) {
        return call_fail(c, R4_E_RANGE, 5);
    }
    if (UNLIKELY(!table_has(t, dest) || count > t->last - dest)) {
        return call_fail(c, R4_E_RANGE, 4);
    }
    s = table_slot_checked(t, dest);
    do {
        if (UNLIKELY(!slot_is_empty(s))) {
            return call_fail(c, R4_E_OCCUPIED, 4);
        }
        s++;
        count--;
    } while (count != 0);
    return R4_OK;
}

/* What check_kind and call_dest_table find nothing to say about, seen at once. */
static inline bool is_plain(const struct call *c, const struct args_untyped_retype *a)
{
    return !slot_has(c->slot, SLOT_FROZEN | SLOT_REVOKING | SLOT_DEVICE | SLOT_SHARED) &&
           c->cluster->freezing.top == NULL && is_size(a->type, a->bits) && a->table == 0 &&
           !c->is_chain;
}

/* What is made of what; where it goes is checked after it. */
static enum r4_err check_kind(struct call *c, uint8_t type, uint8_t bits)
{
    const enum r4_err err = call_may_create(c, c->slot, 0);

    if (err != R4_OK) {
        return err;
    }
    if (!is_type(c->slot, type)) {
        return call_fail(c, R4_E_TYPE, 1);
    }
    if (!is_size(type, bits)) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    return R4_OK;
}

/* The table where the capabilities go, if the objects can be made at all; else NULL and the error. */
static NOINLINE struct cap_table *find_table(struct call *c, uint8_t type, uint8_t bits,
                                             uint32_t table, enum r4_err *err)
{
    struct cap_table *t = NULL;

    *err = check_kind(c, type, bits);
    if (*err == R4_OK) {
        *err = call_dest_table(c, table, 3, &t);
    }
    return *err == R4_OK ? t : NULL;
}

/* The kind is right: where the capabilities go, and the memory of the objects. */
static ALWAYS_INLINE enum r4_err plan(struct call *c, struct cap_table *t, uint8_t ttl,
                                      const struct args_untyped_retype *a)
{
    const uint64_t inherited = SLOT_DEVICE | SLOT_SHARED | SLOT_RECORD_MASK;
    const uint8_t bits = a->bits != 0 ? a->bits : made[a->type].size_bits;
    struct untyped_state state;
    enum r4_err err = check_slots(c, t, a->dest, a->count);

    if (UNLIKELY(err != R4_OK)) {
        return err;
    }
    c->plan.retype.to = table_place(t, a->dest);
    c->plan.retype.count = a->count;
    c->plan.retype.type = a->type;
    c->plan.retype.bits = bits;
    c->plan.retype.meta =
        made[a->type].meta | slot_meta(0, 0, ttl, bits) | (c->slot->meta & inherited);
    state = untyped_state_of(c->slot);
    c->plan.retype.zeroed = state.zeroed_bytes;
    err = untyped_carve(slot_size_bits(c->slot), state.watermark_bytes, bits, a->count,
                        &c->plan.retype.offset);
    return LIKELY(err == R4_OK) ? R4_OK : call_fail(c, err, 0);
}

/* Arguments one by one: were the address of a structure handed on, it would be in memory on every way. */
static NOINLINE enum r4_err plan_exactly(struct call *c, uint8_t type, uint8_t bits, uint32_t table,
                                         uint32_t dest, uint32_t count)
{
    const struct args_untyped_retype a = {
        .type = type, .bits = bits, .table = table, .dest = dest, .count = count};
    enum r4_err err;
    struct cap_table *t = find_table(c, type, bits, table, &err);

    return err == R4_OK ? plan(c, t, call_invoked(c)->ttl, &a) : err;
}

enum r4_err decode_untyped_retype(struct call *c, const struct args_untyped_retype *a)
{
    struct cap_table *own = pd_table(pd_of(&c->thread->pd_slot));

    if (call_must_reap(c)) {
        return R4_OK;
    }
    if (UNLIKELY(!is_plain(c, a) || own == NULL)) {
        return plan_exactly(c, a->type, a->bits, a->table, a->dest, a->count);
    }
    return plan(c, own, slot_ttl(c->slot), a);
}

static void *memory_at(const struct slot *untyped, uint64_t offset)
{
    return arch_dmap_ptr((struct paddr){untyped->object + offset});
}

/* An untyped below a page, which has no `zeroed`, is cleaned as a whole when it starts again. */
static NOINLINE void clean_small(const struct slot *untyped)
{
    const uint64_t handed_out = untyped_unpack(untyped->extra).watermark_bytes;

    if (untyped_state_of(untyped).watermark_bytes != handed_out &&
        !slot_has(untyped, SLOT_DEVICE)) {
        arch_zero(memory_at(untyped, 0), handed_out);
    }
}

/*
 * How much of the untyped is zero, seen from the first object. What its alignment skips is given up,
 * so that untyped I2 holds also while the call is interrupted.
 */
static inline uint64_t begin(const struct slot *untyped, uint64_t offset, uint64_t zeroed)
{
    if (UNLIKELY(slot_size_bits(untyped) < R4_PAGE_BITS)) {
        clean_small(untyped);
    }
    if (zeroed >= offset) {
        return zeroed;
    }
    /* Only whole pages are handed out dirty, so the offset is one of a page. */
    R4_ASSERT(offset % R4_PAGE_BYTES == 0 || slot_size_bits(untyped) < R4_PAGE_BITS ||
              slot_has(untyped, SLOT_DEVICE));
    return offset;
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

/*
 * Zeroes from the first object, or where the call was interrupted, up to `end`; returns how much is
 * zero then. 0: stopped on the way, or at the end, since what follows is long too.
 */
static NOINLINE uint64_t zero_up_to(struct call *c, uint64_t zeroed, uint64_t end)
{
    struct untyped_state state = {.watermark_bytes = c->plan.retype.offset, .zeroed_bytes = zeroed};

    while (state.zeroed_bytes < end) {
        const uint64_t left = (end - state.zeroed_bytes + R4_PAGE_BYTES - 1u) & -R4_PAGE_BYTES;
        const uint64_t step = left < ZERO_STEP_BYTES ? left : ZERO_STEP_BYTES;

        arch_zero(memory_at(c->slot, state.zeroed_bytes), step);
        state.zeroed_bytes += step;
        c->slot->extra = untyped_pack(state);
        if (call_preempted(c)) {
            return 0;
        }
    }
    return state.zeroed_bytes;
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
 * Formats objects that need it. Returns the `object` word of the first capability; each further object is
 * one size behind the one before it.
 */
static NOINLINE uint64_t make_objects(struct call *c)
{
    const uint8_t type = c->plan.retype.type;
    const uint8_t bits = c->plan.retype.bits;
    char *block = memory_at(c->slot, c->plan.retype.offset);
    const struct object *first = format_object(c->cluster, type, bits, block);

    for (uint32_t i = 1; i < c->plan.retype.count; i++) {
        block += UINT64_C(1) << bits;
        (void)format_object(c->cluster, type, bits, block);
    }
    return (uint64_t)(uintptr_t)first;
}

/* 256 of them have to stay far below 20,000 instructions: nothing is looked up twice here. */
static void make_caps(struct call *c, uint64_t object)
{
    struct slot *first = c->plan.retype.to.slot;
    struct slot *s = first;
    struct slot_view *view = c->plan.retype.to.view;
    uint32_t left = c->plan.retype.count;
    const uint64_t bytes = UINT64_C(1) << c->plan.retype.bits;
    const uint64_t meta = c->plan.retype.meta | c->plan.retype.to.home;

#pragma clang loop unroll(disable)
    do {
        slot_write_with_view(s, view, meta, object, 0);
        s++;
        view++;
        object += bytes;
        left--;
    } while (left != 0);
    derive_insert_children(c->slot, first, c->plan.retype.count);
}

/* New untypeds know how much of their memory is zero already. */
static NOINLINE void tell_untypeds(struct call *c, uint64_t zeroed)
{
    struct slot *s = c->plan.retype.to.slot;
    const uint64_t bytes = UINT64_C(1) << c->plan.retype.bits;
    uint64_t offset = c->plan.retype.offset;

    for (uint32_t i = 0; i < c->plan.retype.count && offset < zeroed; i++) {
        const uint64_t clean = zeroed - offset;

        s[i].extra =
            untyped_pack((struct untyped_state){.zeroed_bytes = clean < bytes ? clean : bytes});
        offset += bytes;
    }
}

static inline void carry_out(struct call *c)
{
    struct slot *untyped = c->slot;
    const uint8_t type = c->plan.retype.type;
    const uint64_t offset = c->plan.retype.offset;
    const uint64_t end = offset + ((uint64_t)c->plan.retype.count << c->plan.retype.bits);
    uint64_t zeroed = begin(untyped, offset, c->plan.retype.zeroed);

    if (zeroed < end && comes_zeroed(untyped, type, c->plan.retype.bits)) {
        zeroed = zero_up_to(c, zeroed, end);
        if (zeroed == 0) {
            return;
        }
    }
    if (fault_hit(&c->cluster->faults, R4_FAULT_POINT_RETYPE_COMMIT) == FAULT_ACTION_PANIC) {
        r4_panic("retype_commit", "the fault point was hit");
    }
    make_caps(c, object_has_header(type) ? make_objects(c) : untyped->object + offset);
    if (type == R4_TYPE_UNTYPED && UNLIKELY(offset < zeroed)) {
        tell_untypeds(c, zeroed);
    }
    untyped->extra =
        untyped_pack((struct untyped_state){.watermark_bytes = end, .zeroed_bytes = zeroed});
}

void commit_untyped_retype(struct call *c)
{
    if (UNLIKELY(c->reap_first)) {
        call_reap(c);
        return;
    }
    carry_out(c);
}
