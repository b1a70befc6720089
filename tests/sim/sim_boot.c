/* SPDX-License-Identifier: MIT */
/*
 * Owns: boot of the simulated machine: what cluster/ and arch/x86_64 do on a real one. Each cluster
 * gets SIM_GRANULES granules; everything of it lies there. Memory that becomes untyped is dirty at
 * first, so that missing zeroing shows.
 */
#include "sim.h"

#include "sim_user.h"

#include <arch/mmu.h>
#include <kernel/cap.h>
#include <kernel/derive.h>
#include <kernel/table.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <string.h>

#define TABLE_BITS   10u
#define DEVICE_BITS  32u /* several frames of the largest size */
#define SLICE_NS     UINT64_C(1000000)
#define DIRT         0xa5
#define KERNEL_ENTRY 300u /* an entry of the kernel half, to be recognised */
_Static_assert(1u << TABLE_BITS == SIM_TABLE_SLOTS, "the table's size is said twice");

/* The memory of a cluster from which boot takes. */
struct builder {
    struct sim_cluster *to;
    uint64_t next;
    uint64_t end;
    struct paddr pair[SIM_CLUSTERS_MAX]; /* regions shared with clusters of higher number */
};

/* In the granule below all clusters lie the channel pages, which every kernel maps. */
static uint64_t cluster_base(uint32_t id)
{
    return (1u + (uint64_t)id * SIM_GRANULES) * R4_GRANULE_BYTES;
}

struct paddr sim_cluster_memory(uint32_t cluster)
{
    return (struct paddr){cluster_base(cluster)};
}

static void *take(struct builder *b, uint64_t bytes, uint64_t align)
{
    const uint64_t base = (b->next + align - 1u) & ~(align - 1u);

    if (base + bytes > b->end) {
        sim_fail("a cluster has too little memory");
    }
    b->next = base + bytes;
    return memset(arch_dmap_ptr((struct paddr){base}), 0, bytes);
}

static void *take_pages(struct builder *b, uint64_t bytes)
{
    return take(b, (bytes + R4_PAGE_BYTES - 1u) & ~(R4_PAGE_BYTES - 1u), R4_PAGE_BYTES);
}

static struct slot *give_extra(struct builder *b, uint32_t n, uint64_t meta, uint64_t object,
                               uint64_t extra)
{
    struct slot *s = table_slot(b->to->table, n);

    slot_write(s, table_home(b->to->table), meta, object, extra);
    derive_insert_child(&b->to->cluster->tour, s);
    return s;
}

static struct slot *give(struct builder *b, uint32_t n, uint64_t meta, uint64_t object)
{
    return give_extra(b, n, meta, object, 0);
}

static void give_part(struct builder *b, uint32_t n, uint8_t type, const void *part, uint64_t extra)
{
    give_extra(b, n, slot_meta(type, r4_object_facts[type].rights, R4_TTL_MAX, 0), (uintptr_t)part,
               extra);
}

static void give_control(struct builder *b, uint32_t n, uint8_t type, const void *part)
{
    give_part(b, n, type, part, 0);
}

static struct slot *give_object(struct builder *b, uint32_t n, struct object *object)
{
    object->caps = 1;
    return give(b, n, slot_meta(object->type, r4_object_facts[object->type].rights, R4_TTL_MAX, 0),
                (uintptr_t)object);
}

static void build_kernel(struct builder *b, uint32_t id)
{
    struct cluster *cl = take_pages(b, sizeof(*cl));
    uint64_t *root;

    b->to->cluster = cl;
    cluster_init(cl, id);
    cl->cluster_count = sim.clusters;
    cl->total_cores = sim.clusters * sim.cores;
    cl->slice_ns = SLICE_NS;
    cl->cycles_per_us = 1000;
    cl->owns_devices = id == 0;
    cl->regions[0] = (struct region){{cluster_base(id)}, b->end - cluster_base(id)};
    cl->region_count = 1;
    cl->memory.owned = cl->regions[0].bytes;

    root = take_pages(b, R4_PAGE_BYTES);
    root[KERNEL_ENTRY] =
        HOST_PTE_PRESENT | HOST_PTE_READ | HOST_PTE_WRITE | arch_dmap_paddr(root).a >> R4_PAGE_BITS;
    cl->kernel_root = arch_dmap_paddr(root);
    for (uint32_t i = 0; i < sim.cores; i++) {
        struct core *core = take_pages(b, sizeof(*core));

        core_init(cl, core, i, id * 16u + i * 2u + 1u);
        core->trace.record = take_pages(b, SIM_TRACE_RECORDS * sizeof(struct trace_record));
        core->trace.capacity = SIM_TRACE_RECORDS;
        core->arch.root = cl->kernel_root.a;
        host_add_core(core);
    }
}

static void build_pairs(struct builder builders[])
{
    for (uint32_t id = 0; id < sim.clusters; id++) {
        struct cluster *cl = sim.of[id].cluster;
        uint64_t *words = arch_dmap_ptr((struct paddr){(id + 1u) * R4_PAGE_BYTES});

        for (uint32_t peer = 0; peer < sim.clusters; peer++) {
            if (peer == id) {
                continue;
            }
            struct link *link = &cl->links[peer];

            link->peer = peer;
            link->is_used = true;
            link->distance = 20;
            link->doorbell_hardware_id = sim.of[peer].cluster->cores[0]->hardware_id;
            link->incoming = words + peer * 8u;
            sim.of[peer].cluster->links[id].outgoing = link->incoming;
            if (peer > id) {
                builders[id].pair[peer] =
                    arch_dmap_paddr(take_pages(&builders[id], R4_PAIR_FRAMES * R4_PAGE_BYTES));
                cl->memory.pair += R4_PAIR_FRAMES * R4_PAGE_BYTES;
            }
        }
    }
}

static void build_thread(struct builder *b)
{
    struct sim_cluster *to = b->to;
    struct thread *t = thread_format(to->cluster, take_pages(b, sizeof(*t)));

    to->root = t;
    give_object(b, R4_INIT_SLOT_THREAD, &t->object);
    const struct cap_ref pd = cap_ref_own(table_slot(to->table, R4_INIT_SLOT_PD));

    slot_embed(&pd, &t->pd_slot, SLOT_HOME_THREAD_PD);
    arch_context_init(&t->context, (struct uaddr){SIM_USER_ENTRY}, (struct uaddr){SIM_USER_STACK},
                      0, 0);
    t->priority = SIM_ROOT_PRIORITY;
    t->was_started = 1;
    t->state = R4_THREAD_STATE_READY;
    runq_push_back(&to->cluster->cores[0]->runq, &t->link, t->priority);
}

static void give_devices(struct builder *b)
{
    const uint64_t ports = r4_io_range_with_count(r4_io_range_with_first(0, SIM_PORT), SIM_PORTS);
    struct cluster *cl = b->to->cluster;

    for (uint32_t i = 0; i < R4_IRQ_LINES; i++) {
        cl->irqs.arch.line[i].exists = i != SIM_LINE_ABSENT;
    }
    give_control(b, R4_INIT_SLOT_IRQ_CONTROL, R4_TYPE_IRQ_CONTROL, cl);
    give_part(b, R4_INIT_SLOT_SERIAL_PORTS, R4_TYPE_IO_PORT, cl, ports);
}

static void build_root(struct builder *b)
{
    struct sim_cluster *to = b->to;

    to->table =
        table_format(take(b, UINT64_C(64) << TABLE_BITS, UINT64_C(64) << TABLE_BITS), TABLE_BITS);
    to->pd = pd_format(take(b, UINT64_C(1) << R4_PD_SIZE_BITS, UINT64_C(1) << R4_PD_SIZE_BITS));
    const struct cap_ref table =
        cap_ref_own(give_object(b, R4_INIT_SLOT_CAP_TABLE, &to->table->object));

    slot_embed(&table, &to->pd->table_slot, SLOT_HOME_PD_TABLE);
    give_object(b, R4_INIT_SLOT_PD, &to->pd->object);
    to->pd->window_base = R4_ROOT_WINDOW;
    to->pd->window_bytes = R4_WINDOW_BYTES_MAX;
    to->pd->configured = 1;
    pd_assign_asid(to->cluster, to->pd);
    give_control(b, R4_INIT_SLOT_ASID_CONTROL, R4_TYPE_ASID_CONTROL, to->cluster);
    give_control(b, R4_INIT_SLOT_MONITOR, R4_TYPE_MONITOR, to->cluster);
    if (to->cluster->owns_devices) {
        give_devices(b);
    }
    build_thread(b);
}

static void give_peers(struct builder builders[], uint32_t id)
{
    const uint16_t rights = R4_RIGHT_READ | R4_RIGHT_WRITE | R4_RIGHT_LINK | R4_RIGHT_MODIFY;

    for (uint32_t peer = 0; peer < sim.clusters; peer++) {
        if (peer == id) {
            continue;
        }
        const uint64_t region = peer > id ? builders[id].pair[peer].a : builders[peer].pair[id].a;

        give_control(&builders[id], R4_INIT_SLOT_LINKS + peer, R4_TYPE_CLUSTER_LINK,
                     &sim.of[id].cluster->links[peer]);
        for (uint32_t i = 0; i < R4_PAIR_FRAMES; i++) {
            give(&builders[id], R4_INIT_SLOT_PAIR_FRAMES + R4_PAIR_FRAMES * peer + i,
                 slot_meta(R4_TYPE_FRAME, rights, R4_TTL_MAX, R4_PAGE_BITS) | SLOT_SHARED,
                 region + i * R4_PAGE_BYTES);
        }
    }
}

/* What is left becomes untyped: naturally aligned blocks, ascending; the last is the largest. */
static void give_untyped(struct builder *b, uint32_t id)
{
    struct memory_account *memory = &b->to->cluster->memory;
    uint32_t n = R4_INIT_SLOT_UNTYPED;

    memset(arch_dmap_ptr((struct paddr){b->next}), DIRT, b->end - b->next);
    memory->root = b->next - cluster_base(id) - memory->kernel - memory->pair;
    for (uint64_t base = b->next; base < b->end; n++) {
        uint8_t bits = (uint8_t)__builtin_ctzll(base);

        while (base + (UINT64_C(1) << bits) > b->end) {
            bits--;
        }
        give(b, n, slot_meta(R4_TYPE_UNTYPED, R4_UNTYPED_RIGHTS, R4_TTL_MAX, bits), base);
        base += UINT64_C(1) << bits;
        memory->untyped += UINT64_C(1) << bits;
        b->to->untyped = n;
    }
    if (id == 0) {
        /* Far behind the arena: touching it is a failure. */
        give(b, n,
             slot_meta(R4_TYPE_UNTYPED, R4_UNTYPED_RIGHTS, R4_TTL_MAX, DEVICE_BITS) | SLOT_DEVICE,
             UINT64_C(1) << DEVICE_BITS);
        b->to->device = n++;
    }
    b->to->next_slot = n;
}

void sim_start(uint32_t clusters, uint32_t cores)
{
    struct builder builders[SIM_CLUSTERS_MAX] = {0};
    const uint64_t seed = sim.seed;

    memset(&sim, 0, sizeof(sim));
    sim.seed = seed;
    sim.rng.state = seed;
    sim.clusters = clusters;
    sim.cores = cores;
    sim.audit_every = 1;
    sim.isolate_every = 1;
    sim_user_reset();
    host_reset(cluster_base(clusters));
    for (uint32_t id = 0; id < clusters; id++) {
        builders[id] = (struct builder){
            .to = &sim.of[id], .next = cluster_base(id), .end = cluster_base(id + 1u)};
        build_kernel(&builders[id], id);
    }
    build_pairs(builders);
    for (uint32_t id = 0; id < clusters; id++) {
        struct memory_account *memory = &sim.of[id].cluster->memory;

        memory->kernel = builders[id].next - cluster_base(id) - memory->pair;
        build_root(&builders[id]);
        give_peers(builders, id);
        give_untyped(&builders[id], id);
    }
    sim_start_cores();
}

void sim_end(void)
{
    memset(&sim, 0, sizeof(sim));
    host_fini();
}
