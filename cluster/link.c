/* SPDX-License-Identifier: MIT */
#include <kernel/link.h>

#include <arch/machine.h>
#include <kernel/cluster.h>
#include <kernel/notification.h>
#include <kernel/trace.h>

static struct link *first_bound(struct cluster *cl, uint64_t mask)
{
    return &cl->links[__builtin_ctzll(mask)];
}

bool link_is_pending(const struct cluster *cl)
{
    for (uint64_t mask = cl->links_bound; mask != 0; mask &= mask - 1) {
        const struct link *link = &cl->links[__builtin_ctzll(mask)];

        if (__atomic_load_n(link->incoming, __ATOMIC_RELAXED) != 0) {
            return true;
        }
    }
    return false;
}

void link_signal(struct core *core, struct link *link, uint64_t bits)
{
    struct cluster *cl = core->cluster;

    link->sent++;
    /*
     * Release: pairs with the acquire in drain_one; who takes the bits sees what was written before
     * them.
     */
    if (__atomic_fetch_or(link->outgoing, bits, __ATOMIC_RELEASE) != 0) {
        cluster_count(cl, R4_COUNTER_SIGNALS_MERGED);
        return;
    }
    if (fault_hit(&cl->faults, R4_FAULT_POINT_DOORBELL_IPI) == FAULT_ACTION_DROP) {
        return;
    }
    cluster_count(cl, R4_COUNTER_DOORBELLS_SENT);
    arch_ipi_send(core, link->doorbell_hardware_id, ARCH_IPI_DOORBELL);
}

static void drain_one(struct core *core, struct link *link)
{
    if (__atomic_load_n(link->incoming, __ATOMIC_RELAXED) == 0) {
        return;
    }
    /* Acquire: pairs with the release in link_signal. */
    const uint64_t bits = __atomic_exchange_n(link->incoming, 0, __ATOMIC_ACQUIRE);

    link->received++;
    trace(core, R4_TRACE_POINT_DOORBELL, link->peer, bits);
    notification_signal(core, notification_of(&link->notification_slot), bits);
}

/* A link whose notification has gone leaves links_bound here. */
void link_drain(struct core *core)
{
    struct cluster *cl = core->cluster;

    for (uint64_t mask = cl->links_bound; mask != 0; mask &= mask - 1) {
        struct link *link = first_bound(cl, mask);

        if (slot_is_live(&link->notification_slot)) {
            drain_one(core, link);
        } else {
            cl->links_bound &= ~(mask & -mask);
        }
    }
}
