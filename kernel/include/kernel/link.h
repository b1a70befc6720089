/* SPDX-License-Identifier: MIT */
/*
 * Owns: one cluster's end of the link to each other cluster: the pending word per ordered pair,
 * doorbells, what is bound. The pending word a->b lies in b's memory; a ORs bits in, b takes them
 * all at once. Both are atomic; neither waits.
 *
 * Invariants
 * (link I1) Bits ORed in before a doorbell interrupt are seen by the drain that this interrupt
 *     causes, or by an earlier one.
 * (link I2) An interrupt is sent exactly when the OR found the word 0 (else one is on its way); a
 *     lost one is made up for by the next kernel entry's drain.
 * Locking: everything but the pending words under this cluster's own lock.
 */
#pragma once

#include <kernel/slot.h>
#include <stdbool.h>

struct core;
struct cluster;

struct link {
    uint32_t peer;
    uint32_t doorbell_hardware_id; /* core of the peer that takes our doorbells */
    uint8_t distance;
    bool is_used;       /* false for the own cluster and beyond the last one */
    uint64_t *outgoing; /* pending word in the peer's memory */
    uint64_t *incoming; /* pending word in our memory */
    uint64_t sent;
    uint64_t received;
    struct slot notification_slot; /* where the doorbell arrives; may be empty */
};

/* Whether bits wait at a link that may be bound: a few loads for each bound link. */
bool link_is_pending(const struct cluster *cl);
/* Sets bits for the peer and rings if needed. */
void link_signal(struct core *core, struct link *link, uint64_t bits);
/*
 * Takes the pending bits of peers and signals the bound notifications. An unbound link's bits stay
 * pending. True: one of the signals was long, which ended it.
 */
R4_MUST_USE bool link_drain(struct core *core);
