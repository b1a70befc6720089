/* SPDX-License-Identifier: MIT */
/*
 * Owns: named places where a test can make something go wrong: `fault=POINT:NTH:ACTION`. Same in
 * the host build and on the machine. A plan without entries costs a call, one load and one branch
 * at each point; an entry that counts down fires once.
 * Locking: the cluster's lock, or the core that boots.
 */
#pragma once

#include <r4/abi/points.h>
#include <stdbool.h>
#include <stdint.h>

enum fault_action {
    FAULT_ACTION_NONE = 0,
    FAULT_ACTION_DROP,
    FAULT_ACTION_PREEMPT,
    FAULT_ACTION_PANIC,
};

#define FAULT_PLAN_MAX 4u

struct fault_plan {
    uint32_t count;
    struct {
        uint16_t point;     /* enum r4_fault_point */
        uint16_t action;    /* enum fault_action */
        uint32_t remaining; /* 1: fires at the next hit; 0: fires at each hit */
    } entry[FAULT_PLAN_MAX];
};

/*
 * Counts one hit of the point; says what shall happen there now. Pure. If several entries fire at
 * once, the first one wins.
 */
enum fault_action fault_hit(struct fault_plan *plan, enum r4_fault_point point);
