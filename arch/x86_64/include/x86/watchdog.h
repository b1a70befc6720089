/* SPDX-License-Identifier: MIT */
#pragma once

#include <kernel/core.h>

/* The time that a timer may be armed for at most, so that the watchdog's end is not slept through. */
uint64_t x86_watchdog_limit(const struct core *core, uint64_t ns);

/* Ends the machine if its time has come, else sees to a timer interrupt at that time. */
void x86_watchdog(struct core *core);
