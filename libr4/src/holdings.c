/* SPDX-License-Identifier: MIT */
#include <r4/abi/stubs.h>
#include <r4/holdings.h>

void r4_holdings_init(struct r4_holdings *holdings, struct r4_slots *slots)
{
    holdings->slots = slots;
    holdings->count = 0;
}

enum r4_err r4_holdings_take(struct r4_holdings *holdings, uint32_t count, uint32_t *first)
{
    if (holdings->count == R4_HOLDINGS_MAX) {
        return R4_E_LIMIT;
    }
    enum r4_err err = r4_slots_take(holdings->slots, count, first);
    if (err != R4_OK) {
        return err;
    }
    holdings->row[holdings->count].first = *first;
    holdings->row[holdings->count].count = count;
    holdings->count++;
    return R4_OK;
}

static void empty_row(const struct r4_holdings *holdings, uint32_t i)
{
    const uint32_t first = holdings->row[i].first;
    const uint32_t count = holdings->row[i].count;
    for (uint32_t slot = first; slot < first + count; slot++) {
        (void)r4_cap_delete(slot); /* R4_E_EMPTY: it was never filled */
    }
    (void)r4_slots_give(holdings->slots, first, count);
}

void r4_holdings_drop_last(struct r4_holdings *holdings)
{
    empty_row(holdings, --holdings->count);
}

enum r4_err r4_holdings_make(struct r4_holdings *holdings, uint32_t untyped, uint8_t type,
                             uint8_t bits, uint32_t count, uint32_t *first)
{
    uint32_t slot;
    enum r4_err err = r4_holdings_take(holdings, count, &slot);
    if (err != R4_OK) {
        return err;
    }
    err = r4_untyped_retype(untyped, type, bits, 0, slot, count);
    if (err != R4_OK) {
        r4_holdings_drop_last(holdings);
        return err;
    }
    *first = slot;
    return R4_OK;
}

void r4_holdings_release(struct r4_holdings *holdings)
{
    for (uint32_t i = 0; i < holdings->count; i++) {
        empty_row(holdings, i);
    }
    holdings->count = 0;
}
