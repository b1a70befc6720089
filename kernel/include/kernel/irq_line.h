/* SPDX-License-Identifier: MIT */
/*
 * Owns: the states of one interrupt line between its device and its handler.
 *
 * A line is free, or has a handler. An interrupt is *delivered* when it was made a signal, until
 * the handler acknowledges it; one that comes meanwhile, or while the line is masked or unbound,
 * *waits* if it is an edge. A level needs no memory: as long as the device holds it, it comes again
 * when the line opens.
 *
 * Invariants
 * (irq_line I1) An edge that comes while one waits is merged with it. No edge is lost otherwise: if
 *     one came after the last delivery, one waits.
 * (irq_line I2) Nothing waits that could be delivered: waiting implies masked, unbound or
 *     delivered.
 * (irq_line I3) A line of level mode has nothing waiting.
 * Pure. Locking: the cluster's lock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct irq_line {
    /* In one byte, so that all of it can be compared at once. */
    bool has_handler : 1;
    bool is_level : 1;
    bool is_bound : 1;
    bool is_masked : 1;
    bool is_delivered : 1;
    bool is_waiting : 1;
    uint64_t delivered; /* since the handler was made */
    uint64_t merged;
};

/* A free line gets a handler; a line with one is free again. */
void irq_line_take(struct irq_line *line, bool is_level);
void irq_line_free(struct irq_line *line);

/* Each says whether the bound notification has to be signalled now. */
bool irq_line_fire(struct irq_line *line);
bool irq_line_bind(struct irq_line *line);
bool irq_line_unmask(struct irq_line *line);
/* The interrupt that was delivered has been dealt with. */
bool irq_line_ack(struct irq_line *line);

void irq_line_mask(struct irq_line *line);
/* The notification is gone. A signal that nobody may have seen waits again. */
void irq_line_unbind(struct irq_line *line);

/* Whether the hardware may let the line's interrupts through. */
bool irq_line_is_open(const struct irq_line *line);
/* Whether the invariants hold; for the auditor. */
bool irq_line_is_sound(const struct irq_line *line);
