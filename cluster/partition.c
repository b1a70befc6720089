/* SPDX-License-Identifier: MIT */
/*
 * Owns: the dealing of a node's free granules to its sharers: the first share is the node's lowest
 * granules, and so on. Shares are computed, not counted down, so the only state of the walk is how
 * many granules of each node were dealt.
 */
#include <cluster/partition.h>

#include <cluster/granule.h>

#include <stdbool.h>
#include <string.h>

static uint64_t min_u64(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

/* The shares of one node: `each` granules for every sharer, of which there is at least one, and one
 * more for the first `bigger`. */
struct shares {
    uint64_t sharers;
    uint64_t each;
    uint64_t bigger;
};

static struct shares shares_of(uint64_t sharers, uint64_t granules)
{
    uint64_t count = 1;
    for (uint64_t rest = sharers & (sharers - 1); rest != 0; rest &= rest - 1) {
        count++;
    }
    return (struct shares){
        .sharers = sharers, .each = granules / count, .bigger = granules % count};
}

static uint32_t nth_sharer(uint64_t sharers, uint64_t nth)
{
    for (; nth > 0; nth--) {
        sharers &= sharers - 1;
    }
    return (uint32_t)__builtin_ctzll(sharers);
}

/* Whose the node's granule number `at` is, counted over its free granules only, and in `end` the
 * number at which the next share begins. */
static uint32_t owner_of(const struct shares *shares, uint64_t at, uint64_t *end)
{
    uint64_t bigger_end = shares->bigger * (shares->each + 1);
    uint64_t share;
    if (at < bigger_end) {
        share = at / (shares->each + 1);
        *end = (share + 1) * (shares->each + 1);
    } else {
        share = shares->bigger + (at - bigger_end) / shares->each;
        *end = bigger_end + (share + 1 - shares->bigger) * shares->each;
    }
    return nth_sharer(shares->sharers, share);
}

static bool append_run(struct partition_cluster *cluster, uint64_t base, uint64_t bytes)
{
    cluster->bytes += bytes;
    if (cluster->run_count > 0) {
        struct partition_run *last = &cluster->runs[cluster->run_count - 1];
        if (last->base + last->bytes == base) {
            last->bytes += bytes;
            return true;
        }
    }
    if (cluster->run_count == PARTITION_MAX_RUNS) {
        return false;
    }
    cluster->runs[cluster->run_count++] = (struct partition_run){.base = base, .bytes = bytes};
    return true;
}

/* Deals a stretch that begins at number `at` of its node's free granules. */
static bool deal_stretch(const struct shares *shares, struct granule_stretch stretch, uint64_t at,
                         struct partition *out)
{
    while (stretch.count > 0) {
        uint64_t end;
        uint32_t owner = owner_of(shares, at, &end);
        uint64_t count = min_u64(stretch.count, end - at);
        if (!append_run(&out->clusters[owner], stretch.first * GRANULE_BYTES,
                        count * GRANULE_BYTES)) {
            return false;
        }
        at += count;
        stretch.first += count;
        stretch.count -= count;
    }
    return true;
}

static bool deal_all(const struct boot_facts *facts, const struct topology *topology,
                     struct partition *out)
{
    uint64_t granules[BOOT_MAX_NODES];
    uint64_t dealt[BOOT_MAX_NODES] = {0};
    struct granule_stretch stretch;
    granule_count(facts, granules);
    for (uint64_t from = 0; granule_next(facts, from, &stretch);
         from = stretch.first + stretch.count) {
        uint8_t node = stretch.node;
        if (topology->node_sharers[node] == 0) {
            continue; /* excluded by T2; would be counted as lost */
        }
        struct shares shares = shares_of(topology->node_sharers[node], granules[node]);
        if (!deal_stretch(&shares, stretch, dealt[node], out)) {
            return false;
        }
        dealt[node] += stretch.count;
    }
    return true;
}

enum boot_err partition_build(const struct boot_facts *facts, const struct topology *topology,
                              uint64_t min_bytes, struct partition *out,
                              struct boot_problem *problem)
{
    uint64_t owned = 0;
    memset(out, 0, sizeof *out);
    if (!deal_all(facts, topology, out)) {
        return boot_fail(problem, BOOT_E_TOO_MANY_RUNS, "partition", PARTITION_MAX_RUNS);
    }
    for (uint32_t c = 0; c < topology->cluster_count; c++) {
        if (out->clusters[c].bytes < min_bytes) {
            return boot_fail(problem, BOOT_E_CLUSTER_MEMORY, "partition", c);
        }
        owned += out->clusters[c].bytes;
    }
    out->lost_bytes = facts_usable_bytes(facts, 0, UINT64_MAX) - owned;
    return BOOT_OK;
}
