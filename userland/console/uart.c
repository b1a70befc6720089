/* SPDX-License-Identifier: MIT */
#include "uart.h"

#include "protocol.h"

#include <r4/abi/stubs.h>

enum uart_register {
    DATA = 0,
    INTERRUPT_ENABLE = 1,
    MODEM_CONTROL = 4,
    LINE_STATUS = 5,
    SCRATCH = 7,
};

#define SCRATCH_VALUE   0x5au
#define ENABLE_RECEIVED 0x01u
#define ENABLE_EMPTY    0x02u
#define MODEM_DTR_RTS   0x03u
#define MODEM_OUT2      0x08u /* gates the interrupt */
#define STATUS_RECEIVED 0x01u
#define STATUS_EMPTY    0x20u

static enum r4_err write_register(enum uart_register number, uint32_t value)
{
    return r4_io_write(CONSOLE_SLOT_PORTS, (uint16_t)(CONSOLE_PORT + number), 1, value);
}

/* The ports were tried by uart_start: reading them succeeds. */
static uint8_t read_register(enum uart_register number)
{
    uint64_t value = 0;
    (void)r4_io_read(CONSOLE_SLOT_PORTS, (uint16_t)(CONSOLE_PORT + number), 1, &value);
    return (uint8_t)value;
}

enum r4_err uart_start(void)
{
    enum r4_err err = write_register(SCRATCH, SCRATCH_VALUE);
    if (err == R4_OK && read_register(SCRATCH) != SCRATCH_VALUE) {
        return R4_E_STATE;
    }
    if (err == R4_OK) {
        err = write_register(INTERRUPT_ENABLE, 0);
    }
    return err == R4_OK ? write_register(MODEM_CONTROL, MODEM_DTR_RTS | MODEM_OUT2) : err;
}

struct uart_status uart_look(void)
{
    const uint8_t status = read_register(LINE_STATUS);
    return (struct uart_status){
        .has_received = (status & STATUS_RECEIVED) != 0,
        .can_send = (status & STATUS_EMPTY) != 0,
    };
}

uint8_t uart_receive(void)
{
    return read_register(DATA);
}

void uart_send(const uint8_t *bytes, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        (void)write_register(DATA, bytes[i]);
    }
}

void uart_enable(bool receive, bool send)
{
    (void)write_register(INTERRUPT_ENABLE,
                         (receive ? ENABLE_RECEIVED : 0) | (send ? ENABLE_EMPTY : 0));
}
