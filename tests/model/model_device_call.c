/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls that make the handler of an interrupt line, and that name the notification of a
 * handler or a cluster link. No interrupt comes here, and nothing from other clusters.
 */
#include "model_parts.h"

static struct model_object *invoked(const struct model_step *s)
{
    return &s->m->object[model_object_of(s)];
}

/* ------------------------------------------------------------------------------------------------
 * Causes
 */

static bool line_cause(const struct model_step *s, uint8_t error)
{
    const uint64_t line = s->word[0];

    return error == R4_E_RANGE ? line >= R4_IRQ_LINES || (s->m->lines >> line & 1u) == 0
                               : s->m->handler[line] != 0;
}

static bool get_cause(const struct model_step *s, uint8_t error, unsigned detail)
{
    switch (detail) {
    case 0:
        return model_ref_cause(s, &s->ref[0], error);
    case 1:
        return line_cause(s, error);
    case 2:
        return s->word[1] != R4_IRQ_MODE_EDGE && s->word[1] != R4_IRQ_MODE_LEVEL;
    default:
        return model_dest_cause(s, error, model_dest_table(s, 3), s->word[3]);
    }
}

bool model_device_cause(struct model_step *s, uint8_t error, unsigned detail)
{
    if (s->number == R4_CALL_IRQ_GET) {
        return get_cause(s, error, detail);
    }
    return detail == 0 ? invoked(s)->bound_cap != 0 : model_ref_cause(s, &s->ref[1], error);
}

/* ------------------------------------------------------------------------------------------------
 * Effects
 */

/* A handler has all rights of its type, whatever the right was by which it was made. */
static void get(struct model_step *s)
{
    struct model *m = s->m;
    const uint32_t line = (uint32_t)s->word[0];
    const uint32_t handler = model_object_new(m, R4_TYPE_IRQ_HANDLER, 0);
    const uint32_t cap = model_cap_new(m, s->cap, model_dest_table(s, 3), (uint32_t)s->word[3]);

    m->object[handler].caps = 1;
    m->object[handler].line = line;
    m->object[handler].is_level = s->word[1] == R4_IRQ_MODE_LEVEL;
    m->handler[line] = handler;
    m->cap[cap].type = R4_TYPE_IRQ_HANDLER;
    m->cap[cap].rights = r4_object_facts[R4_TYPE_IRQ_HANDLER].rights;
    m->cap[cap].ttl = (uint8_t)(s->ref[0].ttl - 1u);
    m->cap[cap].object = handler;
}

void model_device_effect(struct model_step *s)
{
    switch (s->number) {
    case R4_CALL_IRQ_GET:
        get(s);
        break;
    case R4_CALL_IRQ_BIND:
    case R4_CALL_LINK_BIND:
        model_child(s->m, &s->ref[1], R4_RIGHTS_MASK, (uint8_t)(s->ref[1].ttl - 1u),
                    model_object_of(s), MODEL_PLACE_BOUND);
        break;
    default:
        model_unknown(s, "effect of call", s->number);
    }
}
