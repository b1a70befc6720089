/* SPDX-License-Identifier: MIT */
/*
 * Contract: interrupt lines of devices, and I/O ports. Only the cluster that owns the devices uses
 * it.
 *
 * struct arch_irq what the arch knows about the lines (arch/impl/irq.h); part of struct cluster,
 *                     filled by boot; zero: there are none
 *
 * A line that is open gives kernel_line() on the core to which it is routed. A closed one gives no
 * more, but for one interrupt that was on its way. Edges on a closed line may be lost; a level that
 * is still there when the line opens comes again. The arch lets a line's next interrupt in when
 * kernel_line() has returned: a level line has to be closed by then, or its device silent.
 * Locking: the cluster's lock.
 */
#pragma once

#include <arch/impl/irq.h>
#include <kernel/types.h>

/* Whether the machine has the line. */
bool arch_irq_has(const struct arch_irq *irq, uint32_t line);
/* Prepares a closed line: trigger, and the core that takes it. It stays closed. */
void arch_irq_route(struct arch_irq *irq, uint32_t line, bool is_level, uint32_t hardware_id);
void arch_irq_open(struct arch_irq *irq, uint32_t line);
void arch_irq_close(struct arch_irq *irq, uint32_t line);

/* `bytes` is 1, 2 or 4; the access stays below port 0x10000. */
uint32_t arch_io_read(uint16_t port, unsigned bytes);
void arch_io_write(uint16_t port, unsigned bytes, uint32_t value);
