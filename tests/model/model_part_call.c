/* SPDX-License-Identifier: MIT */
/* Owns: user parts of threads: by which frame each is attached, and where in it. */
#include "model_parts.h"

#include <r4/abi/structs.h>

#define RECORD_BYTES sizeof(struct r4_thread_part)

bool model_has_part(const struct model *m, uint32_t thread)
{
    const uint32_t frame = m->object[thread].part_cap;

    return frame != 0 && model_mapped_entry(m, frame) != NULL;
}

/* Whether the thread's part, alive or not, lies where the call wants a record. */
static bool is_in_the_way(const struct model_step *s, uint32_t thread)
{
    const struct model_object *t = &s->m->object[thread];
    const uint64_t offset = s->word[1];

    return t->type == R4_TYPE_THREAD && t->part_cap != 0 &&
           s->m->cap[t->part_cap].physical == s->m->cap[s->ref[1].cap].physical &&
           t->part_offset < offset + RECORD_BYTES && offset < t->part_offset + RECORD_BYTES;
}

static bool is_taken(const struct model_step *s)
{
    for (uint32_t thread = 1; thread < s->m->top_object; thread++) {
        if (is_in_the_way(s, thread) && model_has_part(s->m, thread)) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------------------------------------
 * Causes
 */

static bool frame_cause(const struct model_step *s, uint8_t error)
{
    const uint32_t frame = s->ref[1].cap;

    switch (error) {
    case R4_E_RANGE:
        return UINT64_C(1) << s->m->cap[frame].size_bits != MODEL_PAGE_BYTES;
    case R4_E_STATE:
        return model_mapped_entry(s->m, frame) == NULL;
    default:
        return model_ref_cause(s, &s->ref[1], error);
    }
}

bool model_part_cause(struct model_step *s, uint8_t error, unsigned detail)
{
    const uint64_t offset = s->word[1];

    switch (detail) {
    case 0:
        return model_has_part(s->m, model_object_of(s)) == (error == R4_E_STATE);
    case 1:
        return frame_cause(s, error);
    default:
        return error == R4_E_ALIGN ? offset % R4_PART_ALIGN != 0
                                   : offset > MODEL_PAGE_BYTES - RECORD_BYTES || is_taken(s);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Effects
 */

void model_part_detach(struct model *m, uint32_t thread)
{
    struct model_object *t = &m->object[thread];

    if (t->part_cap != 0) {
        m->cap[t->part_cap].parts--;
    }
    t->part_cap = 0;
    t->part_offset = 0;
}

void model_parts_drop(struct model *m, uint32_t frame)
{
    for (uint32_t thread = 1; thread < m->top_object; thread++) {
        if (m->object[thread].type == R4_TYPE_THREAD && m->object[thread].part_cap == frame) {
            model_part_detach(m, thread);
        }
    }
}

/* Parts without their mapping give way. */
static void attach(struct model_step *s)
{
    struct model *m = s->m;
    const uint32_t thread = model_object_of(s);

    model_part_detach(m, thread);
    for (uint32_t other = 1; other < m->top_object; other++) {
        if (is_in_the_way(s, other)) {
            model_part_detach(m, other);
        }
    }
    m->object[thread].part_cap = s->ref[1].cap;
    m->object[thread].part_offset = (uint32_t)s->word[1];
    m->cap[s->ref[1].cap].parts++;
}

void model_part_effect(struct model_step *s)
{
    if (s->number == R4_CALL_THREAD_ATTACH) {
        attach(s);
    } else {
        model_part_detach(s->m, model_object_of(s));
    }
}
