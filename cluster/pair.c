/* SPDX-License-Identifier: MIT */
/*
 * Owns: what each pair of clusters shares: a pending word in either direction, and one small region of frames for the two root tasks.
 * A pending word lies in the receiver's channel page, one cache line a sender; all clusters map all channel pages at the same place.
 * The region lies in the memory of the lower-numbered cluster.
 */
#include <arch/boot.h>
#include <arch/mmu.h>
#include <cluster/build.h>

#define LINE_WORDS (64u / sizeof(uint64_t))

/* The pending word from `sender` in the channel page at `page`. */
static uint64_t *pending_word(void *page, uint32_t sender)
{
    return (uint64_t *)page + sender * LINE_WORDS;
}

static void map_channel_pages(struct machine_build *m, uint32_t id)
{
    struct cluster_build *b = &m->cluster[id];
    struct cluster *cl = b->cluster;
    for (uint32_t peer = 0; peer < m->cluster_count; peer++) {
        void *page =
            arch_boot_map_channel_page(b->root, &b->pages, peer, m->cluster[peer].channel_page);
        if (peer == id) {
            for (uint32_t sender = 0; sender < m->cluster_count; sender++) {
                cl->links[sender].incoming = pending_word(page, sender);
            }
        } else {
            cl->links[peer].outgoing = pending_word(page, id);
        }
    }
}

static void join(struct machine_build *m, uint32_t id, uint32_t peer,
                 const struct topology *topology)
{
    struct link *link = &m->cluster[id].cluster->links[peer];
    link->peer = peer;
    link->is_used = true;
    link->distance = topology->distance[id][peer];
    link->doorbell_hardware_id = m->cluster[peer].cluster->cores[0]->hardware_id;
}

static void share_region(struct machine_build *m, uint32_t low, uint32_t high)
{
    uint64_t bytes = R4_PAIR_FRAMES * R4_PAGE_BYTES;
    struct paddr region = arch_dmap_paddr(build_take(&m->cluster[low], bytes, R4_PAGE_BYTES));
    m->cluster[low].pair_region[high] = region;
    m->cluster[high].pair_region[low] = region;
    m->cluster[low].cluster->memory.pair += bytes;
}

void build_pairs(struct machine_build *m, const struct topology *topology)
{
    for (uint32_t id = 0; id < m->cluster_count; id++) {
        map_channel_pages(m, id);
        for (uint32_t peer = 0; peer < m->cluster_count; peer++) {
            if (peer != id) {
                join(m, id, peer, topology);
            }
        }
        for (uint32_t peer = id + 1; peer < m->cluster_count; peer++) {
            share_region(m, id, peer);
        }
    }
}
