/* SPDX-License-Identifier: MIT */
/* Owns: the calls on the interrupt control and on handlers. */
#include <arch/select.h>
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/cap.h>
#include <kernel/irq.h>
#include <r4/abi/layout.h>

static struct irq_handler *invoked(const struct call *c)
{
    return irq_handler_of(c->slot);
}

/* The line as an argument of irq_get. */
static enum r4_err check_line(struct call *c, uint32_t line, uint8_t mode)
{
    const struct irq_table *irqs = &c->cluster->irqs;
    const uint64_t inside = arch_select_if_below(line, R4_IRQ_LINES, line, 0);

    if (line >= R4_IRQ_LINES || !arch_irq_has(&irqs->arch, (uint32_t)inside)) {
        return call_fail(c, R4_E_RANGE, 1);
    }
    if (irqs->handler[inside].line.has_handler) {
        return call_fail(c, R4_E_BUSY, 1);
    }
    if (mode != R4_IRQ_MODE_EDGE && mode != R4_IRQ_MODE_LEVEL) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    return R4_OK;
}

enum r4_err decode_irq_get(struct call *c, const struct args_irq_get *a)
{
    const struct cap_ref *source = call_invoked(c);
    enum r4_err err = check_line(c, a->line, a->mode);

    if (err == R4_OK) {
        err = call_may_derive(c, source, 0);
    }
    if (err == R4_OK) {
        err = call_dest(c, a->table, 3, a->dest, 4, &c->plan.irq.to);
    }
    if (err != R4_OK) {
        return err;
    }
    c->plan.irq.ttl = (uint8_t)(source->ttl - 1u);
    c->plan.irq.line = a->line;
    c->plan.irq.is_level = a->mode == R4_IRQ_MODE_LEVEL;
    return R4_OK;
}

void commit_irq_get(struct call *c)
{
    struct irq_handler *handler = &c->cluster->irqs.handler[c->plan.irq.line];

    irq_take(c->cluster, c->plan.irq.line, c->plan.irq.is_level);
    cap_make_part(c->slot, &c->plan.irq.to,
                  slot_meta(R4_TYPE_IRQ_HANDLER, R4_IRQ_HANDLER_RIGHTS, c->plan.irq.ttl, 0),
                  (uintptr_t)handler);
}

enum r4_err decode_irq_bind(struct call *c, const struct args_irq_bind *a)
{
    if (invoked(c)->line.is_bound) {
        return call_fail(c, R4_E_STATE, 0);
    }
    return call_signal_source(c, a->notification, 1, &c->plan.source);
}

void commit_irq_bind(struct call *c)
{
    struct irq_handler *handler = invoked(c);

    slot_embed(&c->plan.source, &handler->notification_slot, SLOT_HOME_IRQ);
    irq_update(c->core, handler, irq_line_bind(&handler->line));
}

enum r4_err decode_irq_ack(struct call *c)
{
    return invoked(c)->line.is_delivered ? R4_OK : call_fail(c, R4_E_STATE, 0);
}

void commit_irq_ack(struct call *c)
{
    irq_update(c->core, invoked(c), irq_line_ack(&invoked(c)->line));
}

enum r4_err decode_irq_mask(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_irq_mask(struct call *c)
{
    irq_line_mask(&invoked(c)->line);
    irq_update(c->core, invoked(c), false);
}

enum r4_err decode_irq_unmask(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_irq_unmask(struct call *c)
{
    irq_update(c->core, invoked(c), irq_line_unmask(&invoked(c)->line));
}

enum r4_err decode_irq_state(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_irq_state(struct call *c)
{
    const struct irq_handler *handler = invoked(c);
    const struct irq_line *line = &handler->line;
    uint64_t info = r4_irq_info_with_line(0, (uint8_t)irq_number(c->cluster, handler));

    info = r4_irq_info_with_mode(info, line->is_level);
    info = r4_irq_info_with_bound(info, line->is_bound);
    info = r4_irq_info_with_masked(info, line->is_masked);
    info = r4_irq_info_with_delivered(info, line->is_delivered);
    info = r4_irq_info_with_pending(info, line->is_waiting);
    call_result(c, 0, info);
    call_result(c, 1, line->delivered);
    call_result(c, 2, line->merged);
}
