/* SPDX-License-Identifier: MIT */
/*
 * churn [PAIRS]: makes and destroys PAIRS objects (1,000,000), of each type in turn. One of a thousand is
 * a domain that is in use when it ends: with a table, an ASID, a thread, a marked page and a peer. Never
 * may the memory that they are made from lack a byte afterwards. Result: churn pairs=, used=.
 */
#include "lab.h"

#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>
#include <r4/peer.h>

#define PAIRS      1000000u
#define USED_EVERY 1000u
#define ROOM_BITS  18u
#define TABLE_BITS 14u
#define PEER_SLOT  5u
#define GRANTS     8u

static const struct kind {
    uint8_t type;
    uint8_t bits; /* log2 of the size where the caller gives it */
} kinds[] = {
    {R4_TYPE_UNTYPED, R4_PAGE_BITS},
    {R4_TYPE_FRAME, R4_PAGE_BITS},
    {R4_TYPE_PAGE_TABLE, 0},
    {R4_TYPE_CAP_TABLE, TABLE_BITS},
    {R4_TYPE_PD, 0},
    {R4_TYPE_THREAD, 0},
    {R4_TYPE_NOTIFICATION, 0},
    {R4_TYPE_PEER, 0},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static uint32_t room; /* untyped that everything is made from */
static uint32_t slot;

static void expect_all_free(void)
{
    lab_equal("bytes are missing", r4_invoke0(room, R4_CALL_CAP_IDENTIFY).m[4],
              UINT64_C(1) << ROOM_BITS);
}

static void make_and_destroy(const struct kind *kind)
{
    lab_must("making", r4_untyped_retype(room, kind->type, kind->bits, 0, slot, 1));
    lab_must("destroying", r4_cap_delete(slot));
}

/* The thread is ready and the peer has both ends when the memory of all of it is revoked. */
static void use_and_revoke(uint32_t slots)
{
    static const uint64_t words[GRANTS];
    const uint32_t table = slots;
    const uint32_t thread = slots + 1;
    const uint32_t spare = slots + 2;
    const uint16_t near = (uint16_t)(slots + 3);
    struct domain_env env = *lab_env();
    struct domain d;

    env.table = table;
    lab_must("making a table", r4_untyped_retype(room, R4_TYPE_CAP_TABLE, TABLE_BITS, 0, table, 1));
    domain_make(&env, &d, room, R4_PAGE_BYTES);
    lab_must("marking", r4_frame_mark(domain_page(&env, &d, env.window, words, GRANTS)));
    lab_must("making a thread", r4_untyped_retype(room, R4_TYPE_THREAD, 0, 0, thread, 1));
    lab_must("configuring it", r4_thread_configure(thread, d.vspace.pd, 0, 0));
    lab_must("starting it", r4_thread_start(thread, 0, 0, 0, 0));
    const struct r4_peer_end ours = {.pd = R4_PROGRAM_SLOT_PD, .slot = near};
    const struct r4_peer_end its = {.pd = d.vspace.pd, .slot = PEER_SLOT};
    lab_must("making a peer", r4_peer_make(room, spare, &ours, &its));
    domain_end(&env, &d);
}

int main(int argc, char **argv)
{
    lab_begin("churn");
    struct lab_parameter pairs = {"PAIRS", 1, UINT64_MAX, PAIRS};
    lab_arguments(argc, argv, &pairs, 1);
    uint64_t used = 0;
    room = lab_make(R4_TYPE_UNTYPED, ROOM_BITS);
    slot = lab_slots(1);
    const uint32_t slots = lab_slots(4);
    expect_all_free();
    for (uint64_t i = 0; i < pairs.value; i++) {
        if (i % USED_EVERY == USED_EVERY - 1) {
            use_and_revoke(slots);
            used++;
        } else {
            make_and_destroy(&kinds[i % KINDS]);
        }
        expect_all_free();
    }
    lab_audit();
    r4_printf("result churn pairs=%lu used=%lu\n", pairs.value, used);
    return 0;
}
