/* SPDX-License-Identifier: MIT */
#include "proxy_world.h"

#include <arch/mmu.h>

struct domain domain[DOMAINS_MAX];

static uint32_t domains;

struct slot *domain_slot(uint32_t d, uint32_t n)
{
    return table_slot(pd_table(sim_pd_at(sim.of[0].root, domain[d].pd)), n);
}

static void make_window(struct domain *d)
{
    const uint32_t untyped = sim_make(0, R4_TYPE_UNTYPED, 13, 1);
    const uint32_t frames = sim_slots_take(0, 2);

    SIM_ROOT(0, UNTYPED_RETYPE, untyped, R4_TYPE_FRAME, R4_PAGE_BITS, 0, frames, 2);
    sim_make_tables(0, d->pd, WINDOW_BASE, 1);
    for (uint32_t i = 0; i < 2; i++) {
        d->frame[i] = frames + i;
        SIM_ROOT(0, FRAME_MAP, d->frame[i], d->pd, WINDOW_BASE + i * R4_PAGE_BYTES,
                 R4_RIGHT_READ | R4_RIGHT_WRITE);
    }
    SIM_ROOT(0, FRAME_MARK, d->frame[MARKED_PAGE]);
    d->word = arch_dmap_ptr((struct paddr){sim_slot(sim.of[0].root, d->frame[0])->object});
}

static void make_domain(struct domain *d, uint32_t core)
{
    d->pd = sim_make(0, R4_TYPE_PD, 0, 1);
    d->table = sim_make(0, R4_TYPE_CAP_TABLE, R4_CAP_TABLE_MIN_BITS, 1);
    SIM_ROOT(0, ASID_ASSIGN, R4_INIT_SLOT_ASID_CONTROL, d->pd);
    SIM_ROOT(0, PD_CONFIGURE, d->pd, d->table, WINDOW_BASE, WINDOW_PAGES * R4_PAGE_BYTES);
    make_window(d);
    d->thread = sim_make_thread(0, d->pd, core, 10);
    d->t = sim_thread_at(sim.of[0].root, d->thread);
}

void proxy_world(uint32_t count)
{
    const uint32_t n = sim_make(0, R4_TYPE_NOTIFICATION, 0, 1);

    domains = count;
    for (uint32_t i = 0; i < count; i++) {
        make_domain(&domain[i], 1);
    }
    for (uint32_t a = 0; a < count; a++) {
        for (uint32_t b = a + 1; b < count; b++) {
            SIM_ROOT(0, PEER_BIND, sim_make(0, R4_TYPE_PEER, 0, 1), domain[a].pd, PEER_SLOT(b),
                     domain[b].pd, PEER_SLOT(a));
        }
    }
    SIM_ROOT(0, CAP_MINT, n, domain[0].table, ROOT_SLOT, 0x40);
}

void run(uint32_t d)
{
    for (uint32_t i = 0; i < domains; i++) {
        if (domain[i].t->priority != (i == d ? 20 : 10)) {
            SIM_ROOT(0, THREAD_SET_PRIORITY, domain[i].thread, i == d ? 20 : 10);
        }
    }
    sim_settle();
    assert_true(sim_is_running(domain[d].t));
}

uint32_t make_chain(uint32_t hops, uint32_t slot, uint8_t ttl, uint32_t *end)
{
    uint32_t from = 0;
    uint32_t index = slot;

    for (uint32_t n = 0; n < hops; n++) {
        const uint32_t to = (from + 1u) % domains;

        domain[from].word[2u * n] = grant(to, index, R4_RIGHTS_DEFINED, ttl);
        domain[to].word[2u * n + 1u] = use(from, word_index(MARKED_PAGE, 2u * n), ttl);
        index = word_index(MARKED_PAGE, 2u * n + 1u);
        from = to;
        ttl--;
    }
    *end = from;
    return index;
}
