/* SPDX-License-Identifier: MIT */
/* Owns: the cutting of usable ranges into stretches: at granule bounds, and where the node changes. */
#include <cluster/granule.h>

#include <string.h>

static uint64_t granule_at_or_after(uint64_t paddr)
{
    return paddr / GRANULE_BYTES + (paddr % GRANULE_BYTES != 0 ? 1 : 0);
}

bool granule_next(const struct boot_facts *facts, uint64_t from, struct granule_stretch *out)
{
    for (uint32_t i = 0; i < facts->range_count; i++) {
        const struct boot_range *range = &facts->ranges[i];
        uint64_t first = granule_at_or_after(range->base);
        uint64_t end = (range->base + range->bytes) / GRANULE_BYTES;
        if (first < from) {
            first = from;
        }
        if (range->kind != BOOT_MEM_USABLE || first >= end) {
            continue;
        }
        struct facts_node_span span = facts_node_at(facts, first * GRANULE_BYTES);
        uint64_t node_end = granule_at_or_after(span.end);
        if (node_end < end) {
            end = node_end;
        }
        *out = (struct granule_stretch){.first = first, .count = end - first, .node = span.node};
        return true;
    }
    return false;
}

void granule_count(const struct boot_facts *facts, uint64_t node_granules[BOOT_MAX_NODES])
{
    struct granule_stretch stretch;
    memset(node_granules, 0, BOOT_MAX_NODES * sizeof node_granules[0]);
    for (uint64_t from = 0; granule_next(facts, from, &stretch);
         from = stretch.first + stretch.count) {
        node_granules[stretch.node] += stretch.count;
    }
}
