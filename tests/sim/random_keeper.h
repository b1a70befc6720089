/* SPDX-License-Identifier: MIT */
/*
 * Owns: who keeps a random run going. In each of two clusters the root task is the keeper: it makes
 * subjects (a PD, a table, threads, an untyped), hands them capabilities, revives their threads and
 * empties their tables now and then. It sleeps otherwise, and a doorbell wakes it.
 */
#pragma once

#include "sim.h"

/* Gives the keeper its notification and the highest priority. */
void keeper_init(uint32_t cluster);
/* Makes the subjects, then sleeps. */
void keeper_make_subjects(uint32_t cluster);
/* Woken by any doorbell that is not meant for it, it sleeps again. */
void keeper_sleep(uint32_t cluster);
/* A round of its work. */
void keeper_work(uint32_t cluster);
/* Deletes the subjects, and everything in the root task's table from `first_slot` on. */
void keeper_demolish(uint32_t cluster, uint32_t first_slot);
/* Capabilities so far that nobody could reach any more when their subject was emptied. */
uint64_t keeper_unreachable(void);
