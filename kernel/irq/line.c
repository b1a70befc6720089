/* SPDX-License-Identifier: MIT */
#include <kernel/irq_line.h>

/* Delivers what waits, if it can be. */
static bool settle(struct irq_line *line)
{
    if (!line->is_waiting || line->is_masked || !line->is_bound || line->is_delivered) {
        return false;
    }
    line->is_waiting = false;
    line->is_delivered = true;
    line->delivered++;
    return true;
}

void irq_line_take(struct irq_line *line, bool is_level)
{
    *line = (struct irq_line){.has_handler = true, .is_level = is_level};
}

void irq_line_free(struct irq_line *line)
{
    *line = (struct irq_line){.has_handler = false};
}

/* The usual case first: nothing is in the way, and nothing was there before. */
bool irq_line_fire(struct irq_line *line)
{
    bool is_signalled;

    if (line->has_handler && line->is_bound && !line->is_masked && !line->is_delivered &&
        !line->is_waiting) {
        line->is_delivered = true;
        line->delivered++;
        return true;
    }
    if (!line->has_handler) {
        return false;
    }
    if (line->is_waiting) {
        line->merged++;
    }
    line->is_waiting = true;
    is_signalled = settle(line);
    if (line->is_level) {
        line->is_waiting = false;
    }
    return is_signalled;
}

bool irq_line_bind(struct irq_line *line)
{
    line->is_bound = true;
    return settle(line);
}

bool irq_line_unmask(struct irq_line *line)
{
    line->is_masked = false;
    return settle(line);
}

bool irq_line_ack(struct irq_line *line)
{
    line->is_delivered = false;
    return settle(line);
}

void irq_line_mask(struct irq_line *line)
{
    line->is_masked = true;
}

void irq_line_unbind(struct irq_line *line)
{
    line->is_waiting = !line->is_level && (line->is_waiting || line->is_delivered);
    line->is_delivered = false;
    line->is_bound = false;
}

/* An edge line stays open whatever its handler does: an edge on a closed one would be lost. */
bool irq_line_is_open(const struct irq_line *line)
{
    if (!line->is_level) {
        return line->has_handler;
    }
    return line->has_handler && line->is_bound && !line->is_masked && !line->is_delivered;
}

bool irq_line_is_sound(const struct irq_line *line)
{
    const bool is_quiet = !line->is_bound && !line->is_masked && !line->is_delivered &&
                          !line->is_waiting && !line->is_level;

    if (!line->has_handler) {
        return is_quiet;
    }
    if (line->is_delivered && !line->is_bound) {
        return false;
    }
    if (line->is_waiting && line->is_level) {
        return false;
    }
    return !line->is_waiting || line->is_masked || !line->is_bound || line->is_delivered;
}
