/* SPDX-License-Identifier: MIT */
/*
 * Owns: console, machine channel and exit device: what the kernel writes is kept for the driver to
 * look at.
 */
#include <arch/machine.h>
#include <host/machine.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Appends to a text that is ended by 0; when it is full its older half goes. */
static void capture(char *text, size_t *used, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (*used == HOST_CAPTURED_BYTES - 1u) {
            *used /= 2u;
            memmove(text, text + HOST_CAPTURED_BYTES - 1u - *used, *used);
        }
        text[(*used)++] = bytes[i];
        text[*used] = 0;
    }
}

void arch_console_write(const char *bytes, size_t count)
{
    capture(host.console, &host.console_bytes, bytes, count);
}

void arch_channel_write(const char *bytes, size_t count)
{
    capture(host.channel, &host.channel_bytes, bytes, count);
}

bool arch_console_is_free(void)
{
    return !host.is_port_busy;
}

bool arch_channel_is_free(void)
{
    return !host.is_port_busy;
}

static size_t put_some(void (*write)(const char *, size_t), const char *bytes, size_t count)
{
    const size_t taken = count < HOST_FIFO_BYTES ? count : HOST_FIFO_BYTES;

    write(bytes, taken);
    return taken;
}

size_t arch_console_put(const char *bytes, size_t count)
{
    return put_some(arch_console_write, bytes, count);
}

size_t arch_channel_put(const char *bytes, size_t count)
{
    return put_some(arch_channel_write, bytes, count);
}

_Noreturn void arch_exit(uint8_t status)
{
    jmp_buf *target = host.on_exit;

    host.exit_status = status;
    if (target == NULL) {
        fprintf(stderr, "arch/host: the machine ended with status 0x%02x\n%s\n", status,
                host.console);
        abort();
    }
    host.on_exit = NULL;
    longjmp(*target, 1);
}
