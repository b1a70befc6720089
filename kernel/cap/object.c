/* SPDX-License-Identifier: MIT */
/* Owns: which types have a header. */
#include <kernel/object.h>

#include <r4/abi/objects.h>

_Static_assert(R4_OBJECT_COUNT == 14, "object_has_header knows every type");

bool object_has_header(uint8_t type)
{
    return type == R4_TYPE_CAP_TABLE || type == R4_TYPE_PD || type == R4_TYPE_THREAD ||
           type == R4_TYPE_NOTIFICATION;
}

struct object *object_of(const struct slot *s)
{
    return object_has_header(slot_type(s)) ? (struct object *)(uintptr_t)s->object : NULL;
}
