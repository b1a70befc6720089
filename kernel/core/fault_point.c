/* SPDX-License-Identifier: MIT */
#include <kernel/fault_point.h>

/* No fault point has this number: an entry that has fired. */
#define POINT_SPENT 0u

enum fault_action fault_hit(struct fault_plan *plan, enum r4_fault_point point)
{
    enum fault_action action = FAULT_ACTION_NONE;

    for (uint32_t i = 0; i < plan->count; i++) {
        if (plan->entry[i].point != (uint16_t)point) {
            continue;
        }
        if (plan->entry[i].remaining > 1) {
            plan->entry[i].remaining--;
            continue;
        }
        if (action == FAULT_ACTION_NONE) {
            action = (enum fault_action)plan->entry[i].action;
        }
        if (plan->entry[i].remaining == 1) {
            plan->entry[i].point = POINT_SPENT;
        }
    }
    return action;
}
