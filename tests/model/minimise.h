/* SPDX-License-Identifier: MIT */
/*
 * Owns: the way from a run that fails to a short one that still does: operations are left out, first
 * many at once, then one by one, until none can be; those that are left are made plainer.
 */
#pragma once

#include "run.h"

/*
 * Shortens op[0 .. count - 1], which does not agree, in place; returns how many are left. Each of
 * them is needed: without any one of them kernel and model agree.
 */
uint32_t minimise(struct run_record *scratch, struct op *op, uint32_t count, enum model_bug bug);
