/* SPDX-License-Identifier: MIT */
/*
 * Owns: races of a chain with what it stands on: its page is unmapped and becomes something else
 * (P11), its GRANT is erased while it is linked (P26), its origin is revoked while it is linked (P25).
 */
#include "parts.h"

#include <r4/abi/stubs.h>

#define OTHER_CORE ((r4_startup()->core + 1u) % lab_cores())
#define READ_WRITE (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define ROUNDS     30u
#define ROUNDS_MAX 20000u
#define BADGE_GOOD UINT64_C(0x4)
#define BADGE_EVIL UINT64_C(0x8)
#define FAMILY     64u
#define TRAP_AT    (LAB_SCRATCH + UINT64_C(0x10000))
#define PAGE_AT    (R4_PROGRAM_WINDOW + LAB_WINDOW_PAGES * R4_PAGE_BYTES)
#define PAGE_WORD  (R4_INDEX_WORD | (LAB_WINDOW_PAGES * R4_PAGE_WORDS))

static struct chain c;
static uint64_t done;    /* operations that the other core was allowed */
static uint64_t refused; /* and those refused as they may be */
static uint64_t wrong;   /* anything else */
static uint64_t tries;
static bool is_over;

static void begin(void)
{
    done = refused = wrong = tries = 0;
    is_over = false;
}

static bool goes_on(void)
{
    return !__atomic_load_n(&is_over, __ATOMIC_ACQUIRE);
}

static void add(uint64_t *count)
{
    __atomic_fetch_add(count, 1, __ATOMIC_ACQ_REL);
}

static uint64_t load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void end(uint32_t thread)
{
    __atomic_store_n(&is_over, true, __ATOMIC_RELEASE);
    lab_must("ending a thread", r4_cap_delete(thread));
    lab_slots_back(thread, 1);
}

static bool is_enough(uint32_t round)
{
    const bool both = load(&done) != 0 && load(&refused) != 0;
    return round >= ROUNDS_MAX || (round >= ROUNDS && both);
}

static void report(const char *what)
{
    r4_printf("%s: %lu done, %lu refused\n", what, done, refused);
    check_equal("other results", wrong, 0);
    check_equal("both outcomes", done != 0 && refused != 0, true);
}

/* Until the other core has tried again. */
static void wait_for_a_try(void)
{
    check_equal("the other core goes on", wait_until(&tries, load(&tries) + 2), true);
}

/* ------------------------------------------------------------------------------------------------
 * P11
 */

static void identify_all_the_time(uint64_t unused)
{
    (void)unused;
    while (goes_on()) {
        const struct r4_result r =
            r4_invoke0(r4_through(lab_self()->near, PAGE_WORD), R4_CALL_CAP_IDENTIFY);
        if (r.err == R4_OK && r.m[1] == BADGE_GOOD) {
            add(&done);
        } else {
            add(r.err == R4_E_PROXY ? &refused : &wrong);
        }
        add(&tries);
        __builtin_ia32_pause();
    }
    lab_sleep();
}

/* A page of the window with a GRANT; then the same memory elsewhere, full of words for `evil`. */
static void one_unmap(uint32_t pool, uint32_t frame, uint64_t good, uint64_t evil)
{
    uint64_t *trap = (uint64_t *)TRAP_AT;
    check_ok("make a page", call_retype(pool, R4_TYPE_FRAME, R4_PAGE_BITS, frame, 1));
    lab_must("mapping into the window", r4_vspace_map(lab_vspace(), frame, PAGE_AT, READ_WRITE));
    *(uint64_t *)PAGE_AT = good;
    check_ok("mark", r4_invoke0(frame, R4_CALL_FRAME_MARK));
    wait_for_a_try();
    check_ok("unmap", r4_invoke0(frame, R4_CALL_FRAME_UNMAP));
    check_ok("delete", call_delete(frame));
    check_ok("make another page", call_retype(pool, R4_TYPE_FRAME, R4_PAGE_BITS, frame, 1));
    lab_must("mapping it elsewhere", r4_vspace_map(lab_vspace(), frame, TRAP_AT, READ_WRITE));
    for (uint32_t i = 0; i < R4_PAGE_WORDS; i++) {
        trap[i] = evil;
    }
    wait_for_a_try();
    check_ok("delete", call_delete(frame));
    check_ok("make threads of it", call_retype(pool, R4_TYPE_THREAD, 0, frame, 1));
    wait_for_a_try();
    check_ok("delete", call_delete(frame));
}

void check_unmap_race(void)
{
    const uint32_t pool = lab_make(R4_TYPE_UNTYPED, R4_PAGE_BITS);
    const uint32_t frame = lab_slots(1);
    const uint64_t good = chain_grant(lab_badged(BADGE_GOOD), ALL_RIGHTS, 1);
    const uint64_t evil = chain_grant(lab_badged(BADGE_EVIL), ALL_RIGHTS, 1);
    begin();
    const uint32_t thread = lab_thread(identify_all_the_time, 0, OTHER_CORE);
    for (uint32_t i = 0; !is_enough(i); i++) {
        one_unmap(pool, frame, good, evil);
    }
    end(thread);
    report("unmap");
}

/* ------------------------------------------------------------------------------------------------
 * P26, P25: the other core links, and deletes what it linked
 */

static uint32_t linked;

static void link_all_the_time(uint64_t unused)
{
    (void)unused;
    while (goes_on()) {
        const uint32_t err = r4_invoke1(c.use, R4_CALL_CAP_LINK, linked).err;
        add(&tries);
        __builtin_ia32_pause();
        if (err == R4_OK) {
            const struct r4_result r = call_identify(linked);
            const bool is_gone = r.err == R4_E_EMPTY; /* revoked already */
            add(is_gone || (r.err == R4_OK && r.m[1] == BADGE_GOOD) ? &done : &wrong);
            (void)call_delete(linked);
        } else if (err == R4_E_REVOKING) {
            add(&refused);
        } else if (err == R4_E_PROXY) {
            /* No half state: nothing stands in the slot. */
            add(call_identify(linked).err == R4_E_EMPTY ? &refused : &wrong);
        } else {
            add(&wrong);
        }
    }
    lab_sleep();
}

void check_ungrant_link_race(void)
{
    const uint32_t target = lab_badged(BADGE_GOOD);
    c = chain_make();
    linked = lab_slots(1);
    begin();
    chain_set(&c, target, ALL_RIGHTS);
    const uint32_t thread = lab_thread(link_all_the_time, 0, OTHER_CORE);
    for (uint32_t i = 0; !is_enough(i); i++) {
        wait_for_a_try();
        r4_ungrant(c.grant_at);
        wait_for_a_try();
        r4_grant(c.grant_at, chain_grant(target, ALL_RIGHTS, 1));
    }
    end(thread);
    (void)call_delete(linked);
    report("un-grant and link");
}

static uint64_t revoking;

static void count_revoking(uint64_t unused)
{
    (void)unused;
    while (goes_on()) {
        const uint32_t err = r4_invoke1(c.use, R4_CALL_CAP_LINK, linked).err;
        if (err == R4_OK) {
            add(&done);
            (void)call_delete(linked);
        } else if (err == R4_E_REVOKING || err == R4_E_PROXY) {
            add(err == R4_E_REVOKING ? &revoking : &refused);
        } else {
            add(err == R4_E_OCCUPIED ? &refused : &wrong);
        }
        add(&tries);
        __builtin_ia32_pause();
    }
    lab_sleep();
}

/*
 * The chain's root is the first of many copies, so that it goes last. When the revoke has returned,
 * nothing that was linked is left, and nothing can be linked any more.
 */
static void one_revoke(uint32_t origin, uint32_t first)
{
    for (uint32_t i = 0; i < FAMILY; i++) {
        check_ok("copy", r4_invoke2(origin, R4_CALL_CAP_COPY, 0, first + i));
    }
    wait_for_a_try();
    check_ok("revoke", r4_invoke0(origin, R4_CALL_CAP_REVOKE));
    for (uint32_t i = 0; i < 3; i++) {
        if (call_identify(linked).err != R4_E_EMPTY || call_identify(first).err != R4_E_EMPTY) {
            check("what is left after a revoke", call_identify(linked), R4_E_EMPTY, 0);
        }
    }
}

void check_revoke_link_race(void)
{
    const uint32_t origin = lab_badged(BADGE_GOOD);
    const uint32_t first = lab_slots(FAMILY);
    begin();
    revoking = 0;
    chain_set(&c, first, ALL_RIGHTS);
    const uint32_t thread = lab_thread(count_revoking, 0, OTHER_CORE);
    for (uint32_t i = 0; !is_enough(i) || (load(&revoking) == 0 && i < ROUNDS_MAX); i++) {
        one_revoke(origin, first);
    }
    end(thread);
    r4_printf("of them %lu while the revoke went on\n", revoking);
    report("revoke and link");
    check_equal("links were refused by the revoke itself", revoking != 0, true);
}
