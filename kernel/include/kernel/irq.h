/* SPDX-License-Identifier: MIT */
/*
 * Owns: the interrupt lines of the machine and their handlers, on the cluster that owns the
 * devices. A handler is no object of its own: it is the line's place in struct cluster, named by
 * capabilities of type IRQ_HANDLER. With the last of them the line is free again.
 *
 * Invariants
 * (irq I1) A line has a handler exactly while a capability names it.
 * (irq I2) is_bound exactly while notification_slot is filled.
 * (irq I3) The hardware line is open exactly when irq_line_is_open says so.
 * Locking: the cluster's lock.
 */
#pragma once

#include <arch/irq.h>
#include <kernel/irq_line.h>
#include <kernel/slot.h>
#include <r4/abi/limits.h>

struct cluster;
struct core;

struct irq_handler {
    struct irq_line line;
    bool is_open; /* as the hardware was told */
    struct slot notification_slot;
};

struct irq_table {
    struct arch_irq arch;
    struct irq_handler handler[R4_IRQ_LINES];
};

static inline struct irq_handler *irq_handler_of(const struct slot *s)
{
    return (struct irq_handler *)(uintptr_t)s->object;
}

/* The number of the line. */
uint32_t irq_number(const struct cluster *cl, const struct irq_handler *handler);

/* The line raised an interrupt. */
void irq_fire(struct core *core, uint32_t line);

/* A free line gets a handler, its interrupts a core. */
void irq_take(struct cluster *cl, uint32_t line, bool is_level);

/*
 * The last capability of the handler is going away: the line is closed and free. Returns the slot
 * of the notification that has to be emptied now, or NULL. Called by delete_slot.
 */
struct slot *irq_release(struct cluster *cl, struct irq_handler *handler);

/* The notification slot of the handler is going away. Called by delete_slot. */
void irq_lose_notification(struct cluster *cl, struct irq_handler *handler);

/*
 * After a change of the line's state: tells the hardware, and signals the notification if
 * `is_signalled`.
 */
void irq_update(struct core *core, struct irq_handler *handler, bool is_signalled);
