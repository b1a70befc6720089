/* SPDX-License-Identifier: MIT */
/*
 * Owns: the calls that delete. The slot is empty after the first commit, and may have been filled
 * again when an interrupted call is made again: so what is made again is `reap`, which goes on with
 * destruction and looks at no slot.
 */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <kernel/delete.h>
#include <lib/hints.h>
#include <r4/abi/layout.h>

enum r4_err decode_reap(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_reap(struct call *c)
{
    c->restart = !delete_reap(c->core);
}

static NOINLINE void destroy(struct call *c)
{
    if (!delete_reap(c->core)) {
        c->word = r4_call_with_number(0, R4_CALL_REAP);
        c->restart = true;
    }
}

static inline void delete_one(struct call *c, struct slot *s)
{
    if (UNLIKELY(c->cluster->zombies != NULL)) {
        call_reap(c);
        return;
    }
    delete_slot(c->core, s);
    if (UNLIKELY(c->cluster->zombies != NULL)) {
        destroy(c);
    }
}

/* What stands in the slot is looked at only when there are no zombies: see call_must_reap. */
enum r4_err decode_cap_delete(struct call *c)
{
    (void)c;
    return R4_OK;
}

void commit_cap_delete(struct call *c)
{
    delete_one(c, c->slot);
}

enum r4_err decode_cap_table_delete(struct call *c, const struct args_cap_table_delete *a)
{
    if (call_must_reap(c)) {
        return R4_OK;
    }
    return call_table_slot(c, a->slot, 1, &c->plan.one.slot);
}

void commit_cap_table_delete(struct call *c)
{
    delete_one(c, c->plan.one.slot);
}
