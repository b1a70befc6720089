/* SPDX-License-Identifier: MIT */
/* Owns: the calls on I/O ports. The range of a capability stands in `extra` (layout `io_range`). */
#include <arch/irq.h>
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/cap.h>
#include <kernel/span.h>
#include <r4/abi/layout.h>

static enum r4_err check_access(struct call *c, uint16_t port, uint8_t bytes)
{
    if (bytes != 1 && bytes != 2 && bytes != 4) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    return span_has_ports(c->slot, port, bytes) ? R4_OK : call_fail(c, R4_E_RANGE, 1);
}

enum r4_err decode_io_read(struct call *c, const struct args_io_read *a)
{
    c->plan.word[0] = a->port;
    c->plan.word[1] = a->bytes;
    return check_access(c, a->port, a->bytes);
}

void commit_io_read(struct call *c)
{
    call_result(c, 0, arch_io_read((uint16_t)c->plan.word[0], (unsigned)c->plan.word[1]));
}

enum r4_err decode_io_write(struct call *c, const struct args_io_write *a)
{
    enum r4_err err = check_access(c, a->port, a->bytes);

    if (err != R4_OK) {
        return err;
    }
    if (a->bytes < 4 && a->value >> (8u * a->bytes) != 0) {
        return call_fail(c, R4_E_RANGE, 3);
    }
    c->plan.word[0] = a->port;
    c->plan.word[1] = a->bytes;
    c->plan.word[2] = a->value;
    return R4_OK;
}

void commit_io_write(struct call *c)
{
    arch_io_write((uint16_t)c->plan.word[0], (unsigned)c->plan.word[1], (uint32_t)c->plan.word[2]);
}

enum r4_err decode_io_narrow(struct call *c, const struct args_io_narrow *a)
{
    const struct cap_ref *source = call_invoked(c);
    enum r4_err err = call_may_derive(c, source, 0);

    if (err == R4_OK) {
        err = call_dest(c, a->table, 1, a->dest, 2, &c->plan.make.to);
    }
    if (err != R4_OK) {
        return err;
    }
    if (!span_has_ports(c->slot, a->first, 1)) {
        return call_fail(c, R4_E_RANGE, 3);
    }
    if (a->count == 0 || !span_has_ports(c->slot, a->first, a->count)) {
        return call_fail(c, R4_E_RANGE, 4);
    }
    c->plan.make.meta = cap_child_meta(source, R4_RIGHTS_DEFINED);
    c->plan.make.extra = r4_io_range_with_count(r4_io_range_with_first(0, a->first), a->count);
    return R4_OK;
}

void commit_io_narrow(struct call *c)
{
    cap_make_child(c->slot, &c->plan.make.to, c->plan.make.meta, c->plan.make.extra);
}
