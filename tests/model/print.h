/* SPDX-License-Identifier: MIT */
/* Owns: operations for people. */
#pragma once

#include "world.h"

/* On standard output: an operation that is about to be done, and what came of the last one. */
void print_op(const struct op *op);
void print_outcome(const struct world *w);
