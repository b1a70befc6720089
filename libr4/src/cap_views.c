/* SPDX-License-Identifier: MIT */
#include <r4/abi/limits.h>
#include <r4/abi/stubs.h>
#include <r4/cap_views.h>
#include <r4/page.h>

/* Two ways from the PD's root to a page, for views on both sides of a border. */
#define TABLES_MAX 6u

static uint64_t last_page(uint32_t slots, uint64_t address)
{
    return address + (slots * sizeof(struct r4_slot_view) - 1) / R4_PAGE_BYTES * R4_PAGE_BYTES;
}

enum r4_err r4_cap_views_map(struct r4_cap_views *views, struct r4_vspace *vspace, uint32_t table,
                             uint32_t slots, uint64_t address)
{
    enum r4_err err = r4_cap_table_map_view(table, vspace->pd, address);
    for (uint32_t made = 0; err == R4_E_NO_TABLE && made < TABLES_MAX; made++) {
        err = r4_vspace_add_table(vspace, address, last_page(slots, address));
        if (err == R4_OK) {
            err = r4_cap_table_map_view(table, vspace->pd, address);
        }
    }
    if (err == R4_OK) {
        views->view = (const struct r4_slot_view *)address;
        views->slots = slots;
    }
    return err;
}

enum r4_err r4_cap_views_unmap(struct r4_cap_views *views, uint32_t table)
{
    const enum r4_err err = r4_cap_table_unmap_view(table);
    if (err == R4_OK) {
        *views = (struct r4_cap_views){.view = NULL};
    }
    return err;
}
