/* SPDX-License-Identifier: MIT */
#include <kernel/irq.h>

#include <kernel/cluster.h>
#include <kernel/notification.h>
#include <kernel/panic.h>

uint32_t irq_number(const struct cluster *cl, const struct irq_handler *handler)
{
    return (uint32_t)(handler - cl->irqs.handler);
}

static void tell_hardware(struct cluster *cl, struct irq_handler *handler)
{
    const bool shall_be_open = irq_line_is_open(&handler->line);

    if (shall_be_open == handler->is_open) {
        return;
    }
    handler->is_open = shall_be_open;
    if (shall_be_open) {
        arch_irq_open(&cl->irqs.arch, irq_number(cl, handler));
    } else {
        arch_irq_close(&cl->irqs.arch, irq_number(cl, handler));
    }
}

/* A line that is bound has a notification (irq I2). */
static void signal_bound(struct core *core, const struct irq_handler *handler)
{
    const struct slot *s = &handler->notification_slot;

    notification_signal(core, notification_of(s), notification_badge(s));
}

void irq_update(struct core *core, struct irq_handler *handler, bool is_signalled)
{
    tell_hardware(core->cluster, handler);
    if (is_signalled) {
        R4_ASSERT(slot_is_live(&handler->notification_slot));
        signal_bound(core, handler);
    }
}

void irq_fire(struct core *core, uint32_t line)
{
    struct irq_handler *handler = &core->cluster->irqs.handler[line];

    R4_ASSERT(line < R4_IRQ_LINES);
    const bool is_signalled = irq_line_fire(&handler->line);

    if (is_signalled && !handler->line.is_level) {
        signal_bound(core, handler); /* an edge line stays open */
    } else {
        irq_update(core, handler, is_signalled);
    }
}

void irq_take(struct cluster *cl, uint32_t line, bool is_level)
{
    struct irq_handler *handler = &cl->irqs.handler[line];

    irq_line_take(&handler->line, is_level);
    arch_irq_route(&cl->irqs.arch, line, is_level, cl->cores[0]->hardware_id);
    tell_hardware(cl, handler);
}

struct slot *irq_release(struct cluster *cl, struct irq_handler *handler)
{
    irq_line_free(&handler->line);
    tell_hardware(cl, handler);
    return slot_is_empty(&handler->notification_slot) ? NULL : &handler->notification_slot;
}

void irq_lose_notification(struct cluster *cl, struct irq_handler *handler)
{
    irq_line_unbind(&handler->line);
    tell_hardware(cl, handler);
}
