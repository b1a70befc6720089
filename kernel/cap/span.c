/* SPDX-License-Identifier: MIT */
#include <kernel/span.h>

#include <arch/mmu.h>
#include <kernel/pd.h>
#include <kernel/thread.h>
#include <r4/abi/layout.h>

static struct span block(const void *start, uint64_t bytes)
{
    return (struct span){.base = arch_dmap_paddr(start).a, .bytes = bytes};
}

struct span span_of(const struct slot *s)
{
    const struct object *object = object_of(s);

    switch (slot_type(s)) {
    case R4_TYPE_UNTYPED:
    case R4_TYPE_FRAME:
        return (struct span){s->object, UINT64_C(1) << slot_size_bits(s)};
    case R4_TYPE_PAGE_TABLE:
        return (struct span){s->object, R4_PAGE_BYTES};
    case R4_TYPE_PEER:
        return (struct span){s->object, UINT64_C(1) << R4_PEER_SIZE_BITS};
    case R4_TYPE_CAP_TABLE:
        return block(table_block(table_of(s)), (uint64_t)table_slots(table_of(s))
                                                   << TABLE_SLOT_SHARE_BITS);
    case R4_TYPE_PD:
        return block((const char *)object - PD_STRUCT_OFFSET, UINT64_C(1) << R4_PD_SIZE_BITS);
    case R4_TYPE_THREAD:
        return block(thread_of(s), UINT64_C(1) << R4_THREAD_SIZE_BITS);
    case R4_TYPE_NOTIFICATION:
        return block(object, UINT64_C(1) << R4_NOTIFICATION_SIZE_BITS);
    default:
        return (struct span){0, 0};
    }
}
_Static_assert(R4_OBJECT_COUNT == 14, "span_of knows every type that is memory");

bool span_has_ports(const struct slot *s, uint32_t first, uint32_t count)
{
    const uint32_t offset = first - r4_io_range_first(s->extra);
    const uint32_t range = r4_io_range_count(s->extra);

    return first >= r4_io_range_first(s->extra) && offset <= range && count <= range - offset;
}

static bool is_same(const struct slot *a, const struct slot *b)
{
    return span_is_same_object(a, b) && (slot_type(a) != R4_TYPE_IO_PORT || a->extra == b->extra);
}

/* What `inner` names is a part of what `outer` names, and not the same. */
static bool is_part(const struct slot *outer, const struct slot *inner)
{
    switch (slot_type(outer)) {
    case R4_TYPE_UNTYPED:
        return span_of(inner).bytes != 0 && span_lies_in(span_of(inner), span_of(outer));
    case R4_TYPE_IO_PORT:
        return slot_type(inner) == R4_TYPE_IO_PORT &&
               span_has_ports(outer, r4_io_range_first(inner->extra),
                              r4_io_range_count(inner->extra));
    case R4_TYPE_IRQ_CONTROL:
        return slot_type(inner) == R4_TYPE_IRQ_HANDLER;
    default:
        return false;
    }
}

enum r4_cap_relation span_relation(const struct slot *a, const struct slot *b)
{
    if (is_same(a, b)) {
        return R4_CAP_RELATION_SAME;
    }
    if (is_part(a, b)) {
        return R4_CAP_RELATION_PART;
    }
    return is_part(b, a) ? R4_CAP_RELATION_WHOLE : R4_CAP_RELATION_DIFFERENT;
}
