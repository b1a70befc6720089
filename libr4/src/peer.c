/* SPDX-License-Identifier: MIT */
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>
#include <r4/peer.h>

enum r4_err r4_peer_make(uint32_t untyped, uint32_t spare, const struct r4_peer_end *a,
                         const struct r4_peer_end *b)
{
    enum r4_err err = r4_untyped_retype(untyped, R4_TYPE_PEER, 0, 0, spare, 1);
    if (err != R4_OK) {
        return err;
    }
    err = r4_peer_bind(spare, a->pd, a->slot, b->pd, b->slot);
    if (err != R4_OK) {
        (void)r4_cap_delete(spare);
    }
    return err;
}
