/* SPDX-License-Identifier: MIT */
/*
 * Contract: interrupts to other cores, the local timer, and the devices that the kernel itself uses.
 *
 * enum arch_ipi { ARCH_IPI_WAKE, ARCH_IPI_SHOOTDOWN, ARCH_IPI_DOORBELL }
 * arch_ipi_send: interrupts off; returns when the interrupt was handed over, never waits for the receiver.
 * arch_timer_arm: one interrupt after `ns` nanoseconds on this core; replaces an armed one. arch_timer_stop: none.
 * Console and channel: polled; write waits until the device took the bytes. Only for the cluster that owns the devices, and for panic.
 */
#pragma once

#include <kernel/types.h>

struct core;

enum arch_ipi {
    ARCH_IPI_WAKE,
    ARCH_IPI_SHOOTDOWN,
    ARCH_IPI_DOORBELL,
};

void arch_ipi_send(struct core *core, uint32_t hardware_id, enum arch_ipi kind);
void arch_timer_arm(struct core *core, uint64_t ns);
void arch_timer_stop(struct core *core);

/* Wait until everything is handed over, however long the port takes: for a panic. */
void arch_console_write(const char *bytes, size_t count);
void arch_channel_write(const char *bytes, size_t count);
/* Whether the port has sent everything. */
bool arch_console_is_free(void);
bool arch_channel_is_free(void);
/* Never wait: to a port that is free; return how many bytes it took. */
size_t arch_console_put(const char *bytes, size_t count);
size_t arch_channel_put(const char *bytes, size_t count);
/* Ends the machine; `status` is a number of the ABI's section exit. */
_Noreturn void arch_exit(uint8_t status);
