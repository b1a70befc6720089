/* SPDX-License-Identifier: MIT */
/* Owns: how capabilities and objects end: delete, what dies with the last capability, revoke. */
#include "model_parts.h"

#include <r4/abi/layout.h>

#include <stddef.h>

static void destroy(struct model *m, uint32_t object);

/* ------------------------------------------------------------------------------------------------
 * Threads stop
 */

static void stop_for_good(struct model *m, uint32_t thread)
{
    model_end_wait(m, thread);
    m->object[thread].state = R4_THREAD_STATE_DEAD;
}

/* ------------------------------------------------------------------------------------------------
 * One capability
 */

void model_delete(struct model *m, uint32_t cap)
{
    const struct model_cap gone = m->cap[cap];
    const uint8_t holder_type = m->object[gone.holder].type;

    if (gone.is_mapped) {
        model_unmap(m, cap);
    }
    model_cap_free(m, cap);
    if (holder_type == R4_TYPE_THREAD && gone.place == MODEL_PLACE_PD) {
        stop_for_good(m, gone.holder);
    }
    if (gone.object != 0 && --m->object[gone.object].caps == 0) {
        destroy(m, gone.object);
    }
}

static void delete_if_there(struct model *m, uint32_t cap)
{
    if (cap != 0) {
        model_delete(m, cap);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Objects
 */

static void destroy_table(struct model *m, uint32_t table)
{
    for (uint32_t i = 1; i < m->object[table].slot_count; i++) {
        delete_if_there(m, m->object[table].slot[i]);
    }
}

static void destroy_pd(struct model *m, uint32_t pd)
{
    const uint32_t asid = m->object[pd].asid;
    const uint32_t index = r4_asid_index(asid);

    if (asid != 0) {
        m->asid_pd[index] = 0;
        m->generation[index] = (uint16_t)(m->generation[index] + 1u);
    }
    m->object[pd].asid = 0;
    delete_if_there(m, m->object[pd].table_cap);
}

static void destroy_thread(struct model *m, uint32_t thread)
{
    const uint32_t fault_cap = m->object[thread].fault_cap;

    stop_for_good(m, thread);
    model_part_detach(m, thread);
    if (fault_cap != 0) {
        model_signal(m, m->cap[fault_cap].object, model_signal_bits(&m->cap[fault_cap]));
    }
    delete_if_there(m, fault_cap);
    delete_if_there(m, m->object[thread].pd_cap);
}

static void destroy_notification(struct model *m, uint32_t notification)
{
    while (m->object[notification].first_waiter != 0) {
        model_wake(m, m->object[notification].first_waiter, R4_E_DEAD, 0);
    }
}

/* The line is free again. */
static void destroy_handler(struct model *m, uint32_t handler)
{
    m->handler[m->object[handler].line] = 0;
    delete_if_there(m, m->object[handler].bound_cap);
}

static void destroy(struct model *m, uint32_t object)
{
    switch (m->object[object].type) {
    case R4_TYPE_CAP_TABLE:
        destroy_table(m, object);
        break;
    case R4_TYPE_PD:
        destroy_pd(m, object);
        break;
    case R4_TYPE_THREAD:
        destroy_thread(m, object);
        break;
    case R4_TYPE_NOTIFICATION:
        destroy_notification(m, object);
        break;
    case R4_TYPE_IRQ_HANDLER:
        destroy_handler(m, object);
        break;
    case R4_TYPE_CLUSTER_LINK:
        return; /* is there without capabilities, too */
    default:
        break;
    }
    model_object_free(m, object);
}

/* ------------------------------------------------------------------------------------------------
 * Revoke
 */

static void freeze(struct model *m, uint32_t top)
{
    m->cap[top].is_revoking = true;
    for (uint32_t at = model_next(m, top, top); at != 0; at = model_next(m, top, at)) {
        m->cap[at].is_frozen = m->bug != MODEL_BUG_REVOKE_THAWS;
    }
}

static bool is_stopped_here(const struct model *m, uint32_t top)
{
    return m->hint->is_unfinished && model_descendants(m, top) <= m->hint->remaining;
}

static bool is_spared(const struct model *m, uint32_t child)
{
    return m->bug == MODEL_BUG_REVOKE_SPARES && m->cap[child].first_child != 0;
}

bool model_revoke(struct model *m, uint32_t top)
{
    if (!m->cap[top].is_revoking) {
        freeze(m, top);
    }
    for (;;) {
        const uint32_t child = m->cap[top].first_child;

        if (is_stopped_here(m, top)) {
            return false;
        }
        if (child == 0 || is_spared(m, child)) {
            break;
        }
        model_delete(m, child);
        if (m->cap[top].type == 0) {
            return false;
        }
    }
    m->cap[top].is_revoking = false;
    return true;
}
