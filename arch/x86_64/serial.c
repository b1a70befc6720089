/* SPDX-License-Identifier: MIT */
/*
 * Owns: the two serial ports, polled: the console on the first, the machine channel on the second.
 * Locking: none, on purpose: a panic may write at any instant. Ordinary users are serialised by
 * the cluster's lock.
 */
#include <arch/core.h>
#include <arch/machine.h>
#include <x86/instructions.h>
#include <x86/serial.h>

#define CONSOLE 0x3f8u
#define CHANNEL 0x2f8u

enum register_offset {
    DATA = 0,
    INTERRUPT_ENABLE = 1,
    FIFO_CONTROL = 2,
    LINE_CONTROL = 3,
    MODEM_CONTROL = 4,
    LINE_STATUS = 5,
};

#define LINE_8N1          0x03u
#define LINE_DIVISOR      0x80u
#define FIFO_ENABLE_CLEAR 0x07u
#define MODEM_DTR_RTS     0x03u
#define STATUS_EMPTY      0x20u /* the transmit FIFO */

#define DIVISOR_115200 1u
#define FIFO_BYTES     16u

static void set_up(uint16_t port)
{
    x86_outb(port + INTERRUPT_ENABLE, 0);
    x86_outb(port + LINE_CONTROL, LINE_DIVISOR);
    x86_outb(port + DATA, DIVISOR_115200);
    x86_outb(port + INTERRUPT_ENABLE, 0);
    x86_outb(port + LINE_CONTROL, LINE_8N1);
    x86_outb(port + FIFO_CONTROL, FIFO_ENABLE_CLEAR);
    x86_outb(port + MODEM_CONTROL, MODEM_DTR_RTS);
}

void x86_serial_init(void)
{
    set_up(CONSOLE);
    set_up(CHANNEL);
}

static bool is_empty(uint16_t port)
{
    return (x86_inb(port + LINE_STATUS) & STATUS_EMPTY) != 0;
}

/* `room`: bytes that certainly fit into the FIFO. */
static void put(uint16_t port, unsigned *room, char byte)
{
    if (*room == 0) {
        while (!is_empty(port)) {
            arch_pause();
        }
        *room = FIFO_BYTES;
    }
    x86_outb(port + DATA, (uint8_t)byte);
    (*room)--;
}

void arch_console_write(const char *bytes, size_t count)
{
    unsigned room = 0;
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\n') {
            put(CONSOLE, &room, '\r');
        }
        put(CONSOLE, &room, bytes[i]);
    }
}

void arch_channel_write(const char *bytes, size_t count)
{
    unsigned room = 0;
    for (size_t i = 0; i < count; i++) {
        put(CHANNEL, &room, bytes[i]);
    }
}

bool arch_console_is_free(void)
{
    return is_empty(CONSOLE);
}

bool arch_channel_is_free(void)
{
    return is_empty(CHANNEL);
}

static size_t put_some(uint16_t port, const char *bytes, size_t count)
{
    const size_t taken = count < FIFO_BYTES ? count : FIFO_BYTES;

    for (size_t i = 0; i < taken; i++) {
        x86_outb(port + DATA, (uint8_t)bytes[i]);
    }
    return taken;
}

size_t arch_console_put(const char *bytes, size_t count)
{
    return put_some(CONSOLE, bytes, count);
}

size_t arch_channel_put(const char *bytes, size_t count)
{
    return put_some(CHANNEL, bytes, count);
}
