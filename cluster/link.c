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

static bool is_pending(const struct link *link)
{
    return __atomic_load_n(link->incoming, __ATOMIC_RELAXED) != 0;
}

bool link_is_pending(const struct cluster *cl)
{
    for (uint64_t mask = cl->links_bound; mask != 0; mask &= mask - 1) {
        if (is_pending(&cl->links[__builtin_ctzll(mask)])) {
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
    /* Acquire: pairs with the release in link_signal. */
    const uint64_t bits = __atomic_exchange_n(link->incoming, 0, __ATOMIC_ACQUIRE);

    link->received++;
    trace(core, R4_TRACE_POINT_DOORBELL, link->peer, bits);
    notification_signal(core, notification_of(&link->notification_slot), bits);
}

/* Whether a signal may have to resolve chains of proxies, which is long. */
static bool is_long(const struct link *link)
{
    return notification_of(&link->notification_slot)->chain_waiters != 0;
}

/*
 * A link whose notification has gone leaves links_bound here. One entry takes one long signal: for
 * what is pending besides the core interrupts itself.
 */
bool link_drain(struct core *core)
{
    struct cluster *cl = core->cluster;

    for (uint64_t mask = cl->links_bound; mask != 0; mask &= mask - 1) {
        struct link *link = first_bound(cl, mask);

        if (!slot_is_live(&link->notification_slot)) {
            cl->links_bound &= ~(mask & -mask);
        } else if (is_pending(link)) {
            const bool was_long = is_long(link);

            drain_one(core, link);
            if (was_long) {
                if (link_is_pending(cl)) {
                    arch_ipi_send(core, core->hardware_id, ARCH_IPI_DOORBELL);
                }
                return true;
            }
        }
    }
    return false;
}
