/* SPDX-License-Identifier: MIT */
/*
 * Owns: what capabilities stand for: the memory of what they name, and how two of them are related.
 * Each answer costs a constant number of steps.
 * Locking: the cluster's lock.
 */
#pragma once

#include <kernel/slot.h>
#include <r4/abi/enums.h>

/* Physical memory. */
struct span {
    uint64_t base;
    uint64_t bytes; /* 0: the capability stands for no memory of its own */
};

static inline bool span_overlaps(struct span a, struct span b)
{
    return a.base < b.base + b.bytes && b.base < a.base + a.bytes;
}

static inline bool span_lies_in(struct span inner, struct span outer)
{
    return inner.base >= outer.base && inner.bytes <= outer.bytes &&
           inner.base - outer.base <= outer.bytes - inner.bytes;
}

/* The memory that was carved for what a filled slot names. */
struct span span_of(const struct slot *s);

/*
 * Two capabilities for one object, or for the same piece of memory as the same thing. Ranges of I/O
 * ports are parts of one object.
 */
static inline bool span_is_same_object(const struct slot *a, const struct slot *b)
{
    return slot_type(a) == slot_type(b) && a->object == b->object &&
           slot_size_bits(a) == slot_size_bits(b);
}

/* Whether ports first to first + count - 1 lie in the range that an IO_PORT capability has. */
bool span_has_ports(const struct slot *s, uint32_t first, uint32_t count);

/* How what `b` names is related to what `a` names. */
enum r4_cap_relation span_relation(const struct slot *a, const struct slot *b);
