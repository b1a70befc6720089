/* SPDX-License-Identifier: MIT */
#include "fake_invoke.h"

#include "unit.h"

#include <r4/abi/calls.h>
#include <r4/abi/errors.h>
#include <r4/abi/objects.h>
#include <string.h>

#define LEVELS 3u

struct fake_cap fake_cap[FAKE_SLOTS];
unsigned fake_fail_at;
static unsigned calls;

void fake_reset(void)
{
    memset(fake_cap, 0, sizeof fake_cap);
    fake_fail_at = 0;
    calls = 0;
}

void fake_untyped(uint32_t slot, uint8_t size_bits)
{
    fake_cap[slot] = (struct fake_cap){.type = R4_TYPE_UNTYPED, .size_bits = size_bits};
}

unsigned fake_count(void)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < FAKE_SLOTS; i++) {
        count += fake_cap[i].type != 0;
    }
    return count;
}

unsigned fake_frames(void)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < FAKE_SLOTS; i++) {
        count += fake_cap[i].type == R4_TYPE_FRAME;
    }
    return count;
}

static struct r4_result reply(uint32_t err, uint32_t detail, uint64_t value)
{
    return (struct r4_result){.err = err, .detail = detail, .m = {value}};
}

/* The call is made to fail, or its capability is not there. */
static bool is_refused(uint32_t cap, struct r4_result *out)
{
    assert_true(cap < FAKE_SLOTS);
    if (++calls == fake_fail_at) {
        *out = reply(R4_E_REVOKING, 0, 0);
        return true;
    }
    if (fake_cap[cap].type == 0) {
        *out = reply(R4_E_EMPTY, 0, 0);
        return true;
    }
    return false;
}

static bool has_children(uint32_t slot)
{
    for (uint32_t i = 0; i < FAKE_SLOTS; i++) {
        if (fake_cap[i].type != 0 && fake_cap[i].parent == slot) {
            return true;
        }
    }
    return false;
}

static struct r4_result delete (uint32_t slot)
{
    for (uint32_t i = 0; i < FAKE_SLOTS; i++) {
        if (fake_cap[i].type != 0 && fake_cap[i].parent == slot) {
            fake_cap[i].parent = fake_cap[slot].parent;
        }
    }
    fake_cap[slot] = (struct fake_cap){0};
    return reply(R4_OK, 0, 0);
}

/* A deleted child leaves its own children to the slot. */
static struct r4_result revoke(uint32_t slot)
{
    while (has_children(slot)) {
        for (uint32_t i = 0; i < FAKE_SLOTS; i++) {
            if (fake_cap[i].type != 0 && fake_cap[i].parent == slot) {
                (void)delete (i);
            }
        }
    }
    return reply(R4_OK, 0, 0);
}

/* A copy of an untyped, which must have no children. */
static struct r4_result copy(uint32_t slot, uint32_t dest)
{
    assert_int_equal(fake_cap[slot].type, R4_TYPE_UNTYPED);
    assert_int_equal(fake_cap[dest].type, 0);
    if (has_children(slot)) {
        return reply(R4_E_BUSY, 0, 0);
    }
    fake_cap[dest] = fake_cap[slot];
    fake_cap[dest].parent = slot;
    return reply(R4_OK, 0, 0);
}

/* Levels of page tables that cover the address: the fake has one path per 2 MiB. */
static unsigned tables_at(uint64_t address)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < FAKE_SLOTS; i++) {
        count += fake_cap[i].type == R4_TYPE_PAGE_TABLE &&
                 fake_cap[i].mapped_at >> 21 == address >> 21 && fake_cap[i].mapped_at != 0;
    }
    return count;
}

/* Of a table of so many bytes: 16 of 64 of them are views. */
static struct r4_result map_views(uint32_t cap, uint64_t address)
{
    const uint64_t last = address + (UINT64_C(1) << (fake_cap[cap].size_bits - 2)) - 1;

    assert_int_equal(fake_cap[cap].type, R4_TYPE_CAP_TABLE);
    if (fake_cap[cap].mapped_at != 0) {
        return reply(R4_E_MAPPED, 0, 0);
    }
    for (uint64_t at = address; at >> 21 <= last >> 21; at += UINT64_C(1) << 21) {
        if (tables_at(at) < LEVELS) {
            return reply(R4_E_NO_TABLE, 2, LEVELS - tables_at(at));
        }
    }
    fake_cap[cap].mapped_at = address;
    return reply(R4_OK, 0, 0);
}

struct r4_result r4_invoke0(r4_cap invoked, uint16_t call)
{
    const uint32_t cap = (uint32_t)invoked;
    struct r4_result r;
    if (is_refused(cap, &r)) {
        return r;
    }
    if (call == R4_CALL_CAP_REVOKE) {
        return revoke(cap);
    }
    if (call == R4_CALL_FRAME_MARK) {
        assert_int_not_equal(fake_cap[cap].mapped_at, 0);
        assert_false(fake_cap[cap].is_marked);
        fake_cap[cap].is_marked = true;
        return reply(R4_OK, 0, 0);
    }
    if (call == R4_CALL_CAP_TABLE_UNMAP_VIEW) {
        assert_int_equal(fake_cap[cap].type, R4_TYPE_CAP_TABLE);
        if (fake_cap[cap].mapped_at == 0) {
            return reply(R4_E_STATE, 0, 0);
        }
        fake_cap[cap].mapped_at = 0;
        return reply(R4_OK, 0, 0);
    }
    assert_int_equal(call, R4_CALL_CAP_DELETE);
    return delete (cap);
}

struct r4_result r4_invoke2(r4_cap invoked, uint16_t call, uint64_t m0, uint64_t m1)
{
    const uint32_t cap = (uint32_t)invoked;
    struct r4_result r;
    if (is_refused(cap, &r)) {
        return r;
    }
    if (call == R4_CALL_CAP_COPY) {
        assert_int_equal(m0, 0);
        return copy(cap, (uint32_t)m1);
    }
    if (call == R4_CALL_CAP_TABLE_MAP_VIEW) {
        return map_views(cap, m1);
    }
    assert_int_equal(call, R4_CALL_PAGE_TABLE_MAP);
    assert_int_equal(fake_cap[cap].type, R4_TYPE_PAGE_TABLE);
    assert_int_equal(fake_cap[cap].mapped_at, 0);
    if (tables_at(m1) == LEVELS) {
        return reply(R4_E_ADDRESS_TAKEN, 2, 0);
    }
    fake_cap[cap].mapped_at = m1;
    return reply(R4_OK, 0, LEVELS + 1 - tables_at(m1));
}

struct r4_result r4_invoke3(r4_cap invoked, uint16_t call, uint64_t m0, uint64_t m1, uint64_t m2)
{
    const uint32_t cap = (uint32_t)invoked;
    struct r4_result r;
    (void)m0;
    (void)m2;
    if (is_refused(cap, &r)) {
        return r;
    }
    assert_int_equal(call, R4_CALL_FRAME_MAP);
    assert_int_equal(fake_cap[cap].type, R4_TYPE_FRAME);
    if (tables_at(m1) < LEVELS) {
        return reply(R4_E_NO_TABLE, 2, LEVELS - tables_at(m1));
    }
    fake_cap[cap].mapped_at = m1;
    return reply(R4_OK, 0, 0);
}

struct r4_result r4_invoke5(r4_cap invoked, uint16_t call, uint64_t m0, uint64_t m1, uint64_t m2,
                            uint64_t m3, uint64_t m4)
{
    const uint32_t cap = (uint32_t)invoked;
    struct r4_result r;
    struct fake_cap *source = &fake_cap[cap];
    uint8_t bits = (uint8_t)m1;
    bits = m0 == R4_TYPE_PAGE_TABLE ? R4_PAGE_TABLE_SIZE_BITS : bits;
    bits = m0 == R4_TYPE_PEER ? R4_PEER_SIZE_BITS : bits;
    uint64_t bytes = UINT64_C(1) << bits;
    if (is_refused(cap, &r)) {
        return r;
    }
    assert_int_equal(call, R4_CALL_UNTYPED_RETYPE);
    assert_int_equal(source->type, R4_TYPE_UNTYPED);
    assert_int_equal(m2, 0);
    assert_true(m3 > 0 && m3 + m4 <= FAKE_SLOTS);
    if (!has_children(cap)) {
        source->watermark = 0;
    }
    uint64_t start = (source->watermark + bytes - 1) & ~(bytes - 1);
    if (start + bytes * m4 > UINT64_C(1) << source->size_bits) {
        return reply(R4_E_MEMORY, 0, 0);
    }
    source->watermark = start + bytes * m4;
    for (uint64_t i = m3; i < m3 + m4; i++) {
        assert_int_equal(fake_cap[i].type, 0);
        fake_cap[i] = (struct fake_cap){.type = (uint8_t)m0, .size_bits = bits, .parent = cap};
    }
    return reply(R4_OK, 0, 0);
}

struct r4_result r4_invoke1(r4_cap invoked, uint16_t call, uint64_t m0)
{
    const uint32_t cap = (uint32_t)invoked;
    fail_msg("unexpected call %u of %u (%lu)", call, cap, m0);
    return reply(R4_E_CALL, 0, 0);
}

/* Binding a peer: the capability becomes the first end. */
struct r4_result r4_invoke4(r4_cap invoked, uint16_t call, uint64_t m0, uint64_t m1, uint64_t m2,
                            uint64_t m3)
{
    const uint32_t cap = (uint32_t)invoked;
    struct r4_result r;
    (void)m0;
    (void)m2;
    if (is_refused(cap, &r)) {
        return r;
    }
    assert_int_equal(call, R4_CALL_PEER_BIND);
    assert_int_equal(fake_cap[cap].type, R4_TYPE_PEER);
    assert_int_equal(fake_cap[m1].type, 0);
    assert_int_equal(fake_cap[m3].type, 0);
    fake_cap[m1] = fake_cap[cap];
    fake_cap[m3] = fake_cap[cap];
    fake_cap[cap] = (struct fake_cap){0};
    return reply(R4_OK, 0, 0);
}

struct r4_result r4_invoke6(r4_cap invoked, uint16_t call, uint64_t m0, uint64_t m1, uint64_t m2,
                            uint64_t m3, uint64_t m4, uint64_t m5)
{
    const uint32_t cap = (uint32_t)invoked;
    fail_msg("unexpected call %u of %u (%lu %lu %lu %lu %lu %lu)", call, cap, m0, m1, m2, m3, m4,
             m5);
    return reply(R4_E_CALL, 0, 0);
}
