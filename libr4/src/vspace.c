/* SPDX-License-Identifier: MIT */
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>
#include <r4/vspace.h>

#define TABLE_LEVELS 3u /* page tables between the PD's root and a small frame */

enum r4_err r4_vspace_add_table(struct r4_vspace *vspace, uint64_t first, uint64_t last)
{
    uint32_t table;
    enum r4_err err =
        r4_holdings_make(vspace->holdings, vspace->untyped, R4_TYPE_PAGE_TABLE, 0, 1, &table);
    if (err == R4_OK) {
        /* It goes to the highest level that is missing. */
        err = r4_page_table_map(table, vspace->pd, first, NULL);
        if (err == R4_E_ADDRESS_TAKEN && last != first) {
            err = r4_page_table_map(table, vspace->pd, last, NULL);
        }
        if (err != R4_OK) {
            r4_holdings_drop_last(vspace->holdings);
        }
    }
    return err;
}

enum r4_err r4_vspace_map(struct r4_vspace *vspace, uint32_t frame, uint64_t address,
                          uint16_t access)
{
    enum r4_err err = r4_frame_map(frame, vspace->pd, address, access);
    for (uint32_t made = 0; err == R4_E_NO_TABLE && made < TABLE_LEVELS; made++) {
        err = r4_vspace_add_table(vspace, address, address);
        if (err == R4_OK) {
            err = r4_frame_map(frame, vspace->pd, address, access);
        }
    }
    return err;
}
