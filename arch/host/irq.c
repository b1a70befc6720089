/* SPDX-License-Identifier: MIT */
/*
 * Owns: the contract arch/irq.h on the host: a controller of interrupt lines, and an array as I/O
 * ports.
 */
#include <arch/irq.h>

#include <host/machine.h>

bool arch_irq_has(const struct arch_irq *irq, uint32_t line)
{
    return line < HOST_LINES && irq->line[line].exists;
}

static struct host_line *line_of(struct arch_irq *irq, uint32_t line)
{
    if (!arch_irq_has(irq, line)) {
        host_fail("there is no such interrupt line");
    }
    return &irq->line[line];
}

static void send(const struct host_line *line, uint32_t number)
{
    struct core *core = host_find_core(line->hardware_id);

    if (core == NULL) {
        host_fail("an interrupt line leads to a core that is not there");
    }
    core->arch.pending_lines |= UINT32_C(1) << number;
}

/* A level that is held sends one interrupt, and the next after host_line_done. */
static void send_level(struct host_line *line, uint32_t number)
{
    if (line->is_open && line->is_held && !line->is_sent) {
        line->is_sent = true;
        send(line, number);
    }
}

void arch_irq_route(struct arch_irq *irq, uint32_t line, bool is_level, uint32_t hardware_id)
{
    struct host_line *l = line_of(irq, line);

    if (l->is_open) {
        host_fail("an open interrupt line is routed");
    }
    l->is_level = is_level;
    l->hardware_id = hardware_id;
}

void arch_irq_open(struct arch_irq *irq, uint32_t line)
{
    struct host_line *l = line_of(irq, line);

    l->is_open = true;
    if (l->is_level) {
        send_level(l, line);
    }
}

void arch_irq_close(struct arch_irq *irq, uint32_t line)
{
    line_of(irq, line)->is_open = false;
}

void host_line_edge(struct arch_irq *irq, uint32_t line)
{
    struct host_line *l = line_of(irq, line);

    if (l->is_open) {
        send(l, line);
    } else {
        l->lost++;
    }
}

void host_line_hold(struct arch_irq *irq, uint32_t line, bool is_held)
{
    struct host_line *l = line_of(irq, line);

    l->is_held = is_held;
    send_level(l, line);
}

int host_take_line(struct core *core)
{
    if (core->arch.pending_lines == 0) {
        return -1;
    }
    const int line = __builtin_ctz(core->arch.pending_lines);

    core->arch.pending_lines &= core->arch.pending_lines - 1;
    return line;
}

void host_line_done(struct arch_irq *irq, uint32_t line)
{
    struct host_line *l = line_of(irq, line);

    if (l->is_level) {
        l->is_sent = false;
        send_level(l, line);
    }
}

uint32_t arch_io_read(uint16_t port, unsigned bytes)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < bytes; i++) {
        value |= (uint32_t)host.port[port + i] << (8u * i);
    }
    return value;
}

void arch_io_write(uint16_t port, unsigned bytes, uint32_t value)
{
    for (unsigned i = 0; i < bytes; i++) {
        host.port[port + i] = (uint8_t)(value >> (8u * i));
    }
}
