/* SPDX-License-Identifier: MIT */
/*
 * Owns: the frame of an experiment for `scripts/r4 traffic`: a root task that works on every cluster at once, between
 * markers. Stands in for bench.c below world.c: a check that fails is a marker and the end of the work.
 *
 * Invariants: after traffic_begin has returned on cluster 0, no cluster sends another one anything because of it.
 */
#ifndef EXPERIMENTS_TRAFFIC_H
#define EXPERIMENTS_TRAFFIC_H

#include "world.h"

#include <r4/marker.h>

/* This cluster works steadily. Returns on cluster 0 when all clusters do. */
void traffic_begin(const struct r4_bootinfo *info);
/* One unit of work is done; lets other cores of the emulator run. */
void traffic_round(void);
/* Cluster 0: ends the measurement and the machine. */
_Noreturn void traffic_end(void);

#endif
