/* SPDX-License-Identifier: MIT */
/*
 * Owns: the registers of the 16550 at the console's ports, with its FIFOs on as boot left them.
 */
#ifndef CONSOLE_UART_H
#define CONSOLE_UART_H

#include <r4/abi/errors.h>
#include <stdbool.h>
#include <stdint.h>

#define UART_FIFO_BYTES 16u

/*
 * Connects its interrupt to the line; none is enabled yet. R4_E_STATE: there is no such device. Else
 * the errors of the I/O calls.
 */
enum r4_err uart_start(void);

/* One look at the device. */
struct uart_status {
    bool has_received;
    bool can_send; /* UART_FIFO_BYTES bytes */
};
struct uart_status uart_look(void);

/* The next byte received; only if there is one. */
uint8_t uart_receive(void);
/* At most UART_FIFO_BYTES, and only if it can send. */
void uart_send(const uint8_t *bytes, uint64_t count);

/* Which changes interrupt: a byte comes, the send FIFO is empty. */
void uart_enable(bool receive, bool send);

#endif
