/* SPDX-License-Identifier: MIT */
/*
 * Owns: the interrupt lines of the simulated machine: what the kernel told the controller about
 * each, and what the devices do. An edge on a closed line is lost and counted: the kernel must
 * never let that happen on a line with a handler.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define HOST_LINES 24u

struct host_line {
    bool exists;
    bool is_level;
    bool is_open;
    bool is_held; /* by its device */
    bool is_sent; /* level: an interrupt is on its way or being dealt with */
    uint32_t hardware_id;
    uint64_t lost;
};

struct arch_irq {
    struct host_line line[HOST_LINES];
};
