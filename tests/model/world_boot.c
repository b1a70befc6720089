/* SPDX-License-Identifier: MIT */
/* Owns: the beginning: what boot handed out, as the kernel has it, becomes the model's first state. */
#include "world_parts.h"

#include <kernel/asid.h>
#include <kernel/derive.h>
#include <kernel/object.h>
#include <r4/abi/layout.h>

#define CLUSTERS 2u
/* Few ASIDs, some of them nearly used up, so that they run out and retire. */
#define ASIDS_LEFT     10u
#define ASIDS_OLD      4u
#define OLD_GENERATION UINT16_C(0xfff8)

/* Where the memory of the object begins. */
static uint64_t physical_of(const struct slot *s)
{
    switch (slot_type(s)) {
    case R4_TYPE_PD:
        return pd_of(s)->root.a;
    case R4_TYPE_THREAD:
        return arch_dmap_paddr(thread_of(s)).a;
    case R4_TYPE_CAP_TABLE:
        return arch_dmap_paddr(table_block(table_of(s))).a;
    case R4_TYPE_CLUSTER_LINK:
        return s->object; /* lies in no memory that the model knows */
    default:
        return arch_dmap_paddr((const void *)(uintptr_t)s->object).a;
    }
}

static uint32_t find_object(struct model *m, const struct slot *s)
{
    const uint64_t physical = physical_of(s);

    for (uint32_t i = 1; i < m->top_object; i++) {
        if (m->object[i].type == slot_type(s) && m->object[i].physical == physical) {
            return i;
        }
    }
    const uint32_t object = model_object_new(m, slot_type(s), physical);

    if (slot_type(s) == R4_TYPE_CAP_TABLE) {
        model_table_init(m, object, table_slots(table_of(s)));
    }
    return object;
}

/* The object in which the slot stands; boot's are known, since their capabilities come first. */
static uint32_t holder_of(struct model *m, struct slot *s, uint32_t *place)
{
    const struct sim_cluster *boot = &sim.of[0];
    struct slot named = {.meta = slot_meta(R4_TYPE_CAP_TABLE, 0, 0, 0),
                         .object = (uintptr_t)&boot->table->object};

    *place = 0;
    if (s == &boot->pd->table_slot) {
        named.meta = slot_meta(R4_TYPE_PD, 0, 0, 0);
        named.object = (uintptr_t)&boot->pd->object;
    } else if (s == &boot->root->pd_slot) {
        named.meta = slot_meta(R4_TYPE_THREAD, 0, 0, 0);
        named.object = (uintptr_t)&boot->root->object;
    } else {
        (void)table_of_slot(s, place);
    }
    return find_object(m, &named);
}

static void copy_slot(struct model *m, struct slot *s, uint32_t cap)
{
    struct model_cap *c = &m->cap[cap];

    c->type = slot_type(s);
    c->rights = slot_rights(s);
    c->ttl = slot_ttl(s);
    c->size_bits = slot_size_bits(s);
    c->is_device = slot_has(s, SLOT_DEVICE);
    c->is_shared = slot_has(s, SLOT_SHARED);
    if (object_of(s) != NULL || c->type == R4_TYPE_CLUSTER_LINK) {
        c->object = find_object(m, s);
        m->object[c->object].caps++;
        return;
    }
    c->physical = s->object;
    c->badge = type_has_badge(c->type) ? s->extra : 0;
}

/* The children of `top`, of which the model knows `parent`, from the oldest on. */
static void copy_children(struct model *m, struct slot *top, uint32_t parent)
{
    struct slot *child[SIM_TABLE_SLOTS];
    uint32_t cap[SIM_TABLE_SLOTS];
    uint32_t count = 0;

    for (struct slot *s = derive_first_child(top); s != NULL; s = derive_next_sibling(s)) {
        child[count++] = s;
    }
    for (uint32_t i = count; i-- > 0;) {
        uint32_t place;
        const uint32_t holder = holder_of(m, child[i], &place);

        cap[i] = model_cap_new(m, parent, holder, place);
        copy_slot(m, child[i], cap[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        copy_children(m, child[i], cap[i]);
    }
}

static void retire_asids(void)
{
    struct asid_table *t = &world_cluster()->asids;
    uint32_t free = 0;

    for (uint32_t i = 1; i < R4_ASIDS_MAX; i++) {
        if (t->entry[i].pd == NULL) {
            free++;
            t->entry[i].generation = free > ASIDS_LEFT  ? UINT16_MAX
                                     : free > ASIDS_OLD ? t->entry[i].generation
                                                        : OLD_GENERATION;
        }
    }
    for (uint32_t i = 0; i < free; i++) {
        asid_release(t, asid_take(t, sim.of[0].pd));
    }
}

static void copy_root_task(struct model *m)
{
    const struct asid_table *t = &world_cluster()->asids;
    struct slot pd = {.meta = slot_meta(R4_TYPE_PD, 0, 0, 0),
                      .object = (uintptr_t)&sim.of[0].pd->object};
    struct slot thread = {.meta = slot_meta(R4_TYPE_THREAD, 0, 0, 0),
                          .object = (uintptr_t)&sim.of[0].root->object};
    struct model_object *o = &m->object[find_object(m, &pd)];

    o->is_configured = sim.of[0].pd->configured != 0;
    o->asid = sim.of[0].pd->asid;
    o->window = sim.of[0].pd->window_base;
    o->window_bytes = sim.of[0].pd->window_bytes;
    o = &m->object[find_object(m, &thread)];
    o->state = R4_THREAD_STATE_RUNNING;
    o->was_started = true;
    o->core = sim.of[0].root->core;
    o->priority = (uint8_t)sim.of[0].root->priority;
    for (uint32_t i = 1; i < R4_ASIDS_MAX; i++) {
        m->generation[i] = t->entry[i].generation;
        m->asid_pd[i] = t->entry[i].pd != NULL ? find_object(m, &pd) : 0;
    }
}

void world_boot(struct world *w)
{
    sim_start(CLUSTERS, WORLD_CORES);
    sim.audit_every = 0;
    sim.isolate_every = 0;
    w->boot_slots = sim.of[0].next_slot;
    w->untyped = sim.of[0].untyped;
    w->device = sim.of[0].device;
    w->model.cores = WORLD_CORES;
    for (uint32_t i = 0; i < R4_IRQ_LINES; i++) {
        w->model.lines |= (uint32_t)arch_irq_has(&world_cluster()->irqs.arch, i) << i;
    }
    retire_asids();
    copy_children(&w->model, &world_cluster()->tour, 0);
    copy_root_task(&w->model);
}
