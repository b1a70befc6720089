/* SPDX-License-Identifier: MIT */
/* Owns: the calls that make a protection domain usable. */
#include <kernel/abi/calls.h>
#include <kernel/call.h>
#include <r4/abi/limits.h>

/* A window is whole pages of user addresses, and not at address 0, unless it is none. */
static enum r4_err check_window(struct call *c, uint64_t window, uint64_t bytes)
{
    if (window % R4_PAGE_BYTES != 0) {
        return call_fail(c, R4_E_ALIGN, 2);
    }
    if (bytes % R4_PAGE_BYTES != 0) {
        return call_fail(c, R4_E_ALIGN, 3);
    }
    if (bytes > R4_WINDOW_BYTES_MAX) {
        return call_fail(c, R4_E_RANGE, 3);
    }
    if (window >= R4_USER_TOP || bytes > R4_USER_TOP - window || (window == 0 && bytes != 0)) {
        return call_fail(c, R4_E_RANGE, 2);
    }
    return R4_OK;
}

enum r4_err decode_pd_configure(struct call *c, const struct args_pd_configure *a)
{
    struct cap_ref source;
    enum r4_err err;

    if (pd_of(c->slot)->configured != 0) {
        return call_fail(c, R4_E_STATE, 0);
    }
    err = call_source(c, a->table, 1, R4_TYPE_CAP_TABLE, R4_RIGHT_CONTROL, &source);
    if (err == R4_OK) {
        err = check_window(c, a->window, a->window_bytes);
    }
    if (err != R4_OK) {
        return err;
    }
    c->plan.pd.source = source;
    c->plan.pd.window = a->window;
    c->plan.pd.window_bytes = a->window_bytes;
    return R4_OK;
}

void commit_pd_configure(struct call *c)
{
    struct pd *pd = pd_of(c->slot);

    slot_embed(&c->plan.pd.source, &pd->table_slot, SLOT_HOME_PD_TABLE);
    pd->window_base = c->plan.pd.window;
    pd->window_bytes = c->plan.pd.window_bytes;
    pd->configured = 1;
}

/* ASIDs of PDs that are being destroyed are free only afterwards. */
enum r4_err decode_asid_assign(struct call *c, const struct args_asid_assign *a)
{
    struct slot *s;
    enum r4_err err;

    c->reap_first = false;
    err = call_slot(c, a->pd, 1, R4_TYPE_PD, R4_RIGHT_CONTROL, &s);
    if (err != R4_OK) {
        return err;
    }
    if (pd_of(s)->asid != 0) {
        return call_fail(c, R4_E_STATE, 1);
    }
    if (!asid_is_available(&c->cluster->asids)) {
        return call_must_reap(c) ? R4_OK : call_fail(c, R4_E_LIMIT, 0);
    }
    c->plan.pd.pd = pd_of(s);
    return R4_OK;
}

void commit_asid_assign(struct call *c)
{
    if (c->reap_first) {
        call_reap(c);
        return;
    }
    pd_assign_asid(c->cluster, c->plan.pd.pd);
    call_result(c, 0, c->plan.pd.pd->asid);
}
