/* SPDX-License-Identifier: MIT */
/*
 * Owns: the header that starts every kernel object with a life of its own (CAP_TABLE, PD, THREAD,
 * NOTIFICATION), and the rule of life: an object dies with its last capability. Untyped, frames and
 * page tables have no header: their memory returns to the untyped above them when nothing hangs
 * under it any more. Monitor, AsidControl and cluster links are parts of struct cluster and never
 * die.
 */
#pragma once

#include <kernel/slot.h>

struct object {
    uint32_t caps; /* slots that name this object, embedded ones included */
    uint8_t type;  /* R4_TYPE_..., 0 once it is dead */
    uint8_t dying; /* its last capability is a zombie */
    uint16_t seen; /* capabilities met by the audit in progress, modulo 2^16; nobody else's */
};
_Static_assert(sizeof(struct object) == 8, "object header is one word");

/* True for types whose objects carry a header and are destroyed step by step. */
bool object_has_header(uint8_t type);

/* Header of the object that `s` names, or NULL for types without one. */
struct object *object_of(const struct slot *s);

/* Gives a fresh, zeroed object its header, for its first capability. */
static inline void object_format(struct object *o, uint8_t type)
{
    *o = (struct object){.caps = 1, .type = type};
}
