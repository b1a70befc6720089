/* SPDX-License-Identifier: MIT */
/* Owns: the comparison of everything: both trees side by side, then objects and address spaces. */
#include "world_parts.h"

#include <kernel/derive.h>
#include <kernel/irq.h>
#include <kernel/link.h>
#include <kernel/mapping.h>
#include <kernel/notification.h>
#include <kernel/object.h>
#include <kernel/untyped.h>
#include <kernel/view.h>
#include <kernel/vspace.h>
#include <r4/abi/layout.h>
#include <r4/abi/names.h>

#include <stdio.h>
#include <string.h>

struct slot *world_slot(const struct model *m, uint32_t cap)
{
    const struct model_cap *c = &m->cap[cap];
    const struct model_object *o = &m->object[c->holder];
    struct thread *t;

    switch (o->type) {
    case R4_TYPE_CAP_TABLE:
        return table_slot(world_table(o), c->place);
    case R4_TYPE_PD:
        return &world_pd(o)->table_slot;
    case R4_TYPE_IRQ_HANDLER:
        return &world_cluster()->irqs.handler[o->line].notification_slot;
    case R4_TYPE_CLUSTER_LINK:
        return &((struct link *)(uintptr_t)o->physical)->notification_slot;
    default:
        t = world_memory(o->physical);
        return c->place == MODEL_PLACE_PD ? &t->pd_slot : &t->fault_slot;
    }
}

uint64_t world_object_word(const struct model *m, uint32_t cap)
{
    const struct model_cap *c = &m->cap[cap];

    if (c->object == 0) {
        return c->physical;
    }
    if (c->type == R4_TYPE_PD) {
        return (uintptr_t)&world_pd(&m->object[c->object])->object;
    }
    if (c->type == R4_TYPE_CAP_TABLE) {
        return (uintptr_t)&world_table(&m->object[c->object])->object;
    }
    if (c->type == R4_TYPE_THREAD) {
        const struct thread *t = world_memory(m->object[c->object].physical);

        return (uintptr_t)&t->object;
    }
    if (c->type == R4_TYPE_IRQ_HANDLER) {
        return (uintptr_t)&world_cluster()->irqs.handler[m->object[c->object].line];
    }
    if (c->type == R4_TYPE_CLUSTER_LINK) {
        return m->object[c->object].physical;
    }
    return (uintptr_t)world_memory(m->object[c->object].physical);
}

/* ------------------------------------------------------------------------------------------------
 * Capabilities
 */

struct place_text {
    char text[64];
};

static struct place_text place_of(const struct model *m, uint32_t cap)
{
    struct place_text p;

    (void)snprintf(p.text, sizeof(p.text), "%s in slot %u of %s %u", r4_type_name(m->cap[cap].type),
                   m->cap[cap].place, r4_type_name(m->object[m->cap[cap].holder].type),
                   m->cap[cap].holder);
    return p;
}

#define SAME(what, kernel, model_says)                                                             \
    do {                                                                                           \
        const uint64_t k_ = (kernel);                                                              \
        const uint64_t m_ = (model_says);                                                          \
        if (k_ != m_) {                                                                            \
            return world_differ(w, "%s: %s is 0x%llx in the kernel, 0x%llx in the model",          \
                                place_of(m, cap).text, (what), (unsigned long long)k_,             \
                                (unsigned long long)m_);                                           \
        }                                                                                          \
    } while (0)

static bool compare_memory(struct world *w, uint32_t cap, const struct slot *s)
{
    const struct model *m = &w->model;
    const struct model_cap *c = &m->cap[cap];

    if (c->type == R4_TYPE_UNTYPED) {
        SAME("free memory",
             (UINT64_C(1) << slot_size_bits(s)) - untyped_state_of(s).watermark_bytes,
             model_free_bytes(m, cap));
    }
    if (!c->is_mapped) {
        return true;
    }
    SAME("address", mapping_address(s->extra), c->address);
    SAME("ASID index of the mapping", mapping_asid_index(s->extra), r4_asid_index(c->mapped_asid));
    SAME("ASID generation of the mapping", mapping_generation(s->extra),
         r4_asid_generation(c->mapped_asid));
    SAME("level", slot_level(s), c->level);
    return true;
}

static bool compare_cap(struct world *w, uint32_t cap, struct slot *s)
{
    const struct model *m = &w->model;
    const struct model_cap *c = &m->cap[cap];
    const bool is_in_table = m->object[c->holder].type == R4_TYPE_CAP_TABLE;

    SAME("place", (uintptr_t)s, (uintptr_t)world_slot(m, cap));
    SAME("type", slot_type(s), c->type);
    SAME("rights", slot_rights(s), c->rights);
    SAME("time to live", slot_ttl(s), c->ttl);
    SAME("size", slot_size_bits(s), c->size_bits);
    SAME("device", slot_has(s, SLOT_DEVICE), c->is_device);
    SAME("shared", slot_has(s, SLOT_SHARED), c->is_shared);
    SAME("mapped", slot_has(s, SLOT_MAPPED), c->is_mapped);
    SAME("marked", slot_has(s, SLOT_MARKED), c->is_marked);
    SAME("parts", slot_has(s, SLOT_PARTS), c->parts != 0);
    SAME("revoking", slot_has(s, SLOT_REVOKING), c->is_revoking);
    if (world_cluster()->freezing.top == NULL) {
        SAME("frozen", slot_has(s, SLOT_FROZEN), c->is_frozen);
    }
    SAME("zombie", slot_has(s, SLOT_ZOMBIE), 0);
    SAME("object", s->object, world_object_word(m, cap));
    SAME("badge", type_has_badge(c->type) ? s->extra : 0, c->badge);
    if (object_has_header(c->type)) {
        SAME("capabilities of its object", object_of(s)->caps, m->object[c->object].caps);
    }
    if (is_in_table) {
        uint32_t number;
        const struct slot_view *view = table_view(table_of_slot(s, &number), number);

        SAME("readable view", view->meta, s->meta & SLOT_VIEW_MASK);
        SAME("badge in the readable view", view->badge, c->badge);
    }
    return compare_memory(w, cap, s);
}

/* Both trees in the same order: then parents and children are the same, too. */
static bool compare_tree(struct world *w)
{
    const struct model *m = &w->model;
    struct slot *tour = &world_cluster()->tour;
    struct slot *s = tour;
    uint32_t cap = 0;

    for (;;) {
        s = derive_next(tour, s);
        cap = model_next(m, 0, cap);
        if (s == NULL || cap == 0) {
            break;
        }
        if (!compare_cap(w, cap, s)) {
            return false;
        }
        /* What stands next to each other may still hang differently. */
        const struct slot *child = derive_first_child(s);
        const struct slot *sibling = derive_next_sibling(s);

        SAME("first child", (uintptr_t)child,
             m->cap[cap].first_child == 0 ? 0 : (uintptr_t)world_slot(m, m->cap[cap].first_child));
        SAME("next sibling", (uintptr_t)sibling,
             m->cap[cap].after == 0 ? 0 : (uintptr_t)world_slot(m, m->cap[cap].after));
    }
    if (s != NULL || cap != 0) {
        return world_differ(w, "the %s has more capabilities", s != NULL ? "kernel" : "model");
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Objects
 */

static bool compare_table(struct world *w, uint32_t object)
{
    const struct model_object *o = &w->model.object[object];
    struct cap_table *t = world_table(o);

    if (table_slots(t) != o->slot_count) {
        return world_differ(w, "table %u has another size", object);
    }
    for (uint32_t i = 1; i + 1u < o->slot_count; i++) {
        if (slot_is_empty(table_slot(t, i)) != (o->slot[i] == 0)) {
            return world_differ(w, "slot %u of table %u is %s in the kernel", i, object,
                                o->slot[i] == 0 ? "filled" : "empty");
        }
    }
    return true;
}

static bool compare_notification(struct world *w, uint32_t object)
{
    const struct model_object *o = &w->model.object[object];
    const struct notification *n = world_memory(o->physical);
    const struct list_link *at = n->waiters;

    if (n->bits != o->bits) {
        return world_differ(w, "notification %u has bits 0x%llx, in the model 0x%llx", object,
                            (unsigned long long)n->bits, (unsigned long long)o->bits);
    }
    for (uint32_t t = o->first_waiter; t != 0; t = w->model.object[t].next_waiter) {
        const struct thread *waiter = world_memory(w->model.object[t].physical);

        if (at != &waiter->link) {
            return world_differ(w, "other threads wait at notification %u", object);
        }
        at = at->next == n->waiters ? NULL : at->next;
    }
    return at == NULL || world_differ(w, "more threads wait at notification %u", object);
}

static bool compare_part(struct world *w, uint32_t object)
{
    const struct model_object *o = &w->model.object[object];
    const struct user_part *part = &((const struct thread *)world_memory(o->physical))->part;

    if (part_is_attached(part) != (o->part_cap != 0) ||
        (o->part_cap != 0 &&
         (part->carrier != world_slot(&w->model, o->part_cap) || part->offset != o->part_offset))) {
        return world_differ(w, "the user part of thread %u is attached elsewhere", object);
    }
    return true;
}

static bool compare_thread(struct world *w, uint32_t object)
{
    const struct model_object *o = &w->model.object[object];
    const struct thread *t = world_memory(o->physical);
    const uint8_t state =
        t->state == R4_THREAD_STATE_READY ? (uint8_t)R4_THREAD_STATE_RUNNING : t->state;

    if (state != o->state || (t->was_started != 0) != o->was_started) {
        return world_differ(w, "thread %u is %s, in the model %s", object,
                            r4_thread_state_name(t->state), r4_thread_state_name(o->state));
    }
    if (t->core != o->core || t->priority != o->priority) {
        return world_differ(w, "thread %u has another core or priority", object);
    }
    return compare_part(w, object);
}

static uint64_t entry_for(const struct model *m, const struct model_entry *e)
{
    const struct paddr pa = {e->physical};

    if (e->view_of != 0) {
        struct cap_table *t = world_table(&m->object[e->view_of]);

        return arch_pte_leaf((struct paddr){view_memory(t).a + e->physical}, 1, R4_RIGHT_READ,
                             false);
    }
    if (e->is_table) {
        return arch_pte_table(pa);
    }
    return arch_pte_leaf(pa, e->level, e->access, e->is_device) |
           (e->is_device || e->is_shared ? 0 : ARCH_PTE_OWN) | (e->is_marked ? ARCH_PTE_MARK : 0);
}

static bool compare_entry(struct world *w, uint32_t object, const struct model_entry *e,
                          uint64_t entry)
{
    const uint64_t wanted = entry_for(&w->model, e);

    if (entry != wanted) {
        return world_differ(w, "domain %u has 0x%llx at 0x%llx, level %u, in the model 0x%llx",
                            object, (unsigned long long)entry, (unsigned long long)e->address,
                            e->level, (unsigned long long)wanted);
    }
    return true;
}

/* Entries of the page tables below one that are there. */
static uint32_t count_entries(uint64_t root, unsigned level)
{
    const uint64_t *table = world_memory(root);
    const uint32_t end = level == VSPACE_ROOT_LEVEL ? 256 : 512;
    uint32_t count = 0;

    for (uint32_t i = 0; i < end; i++) {
        if (!arch_pte_is_present(table[i])) {
            continue;
        }
        count++;
        if (!arch_pte_is_leaf(table[i], level)) {
            count += count_entries(arch_pte_paddr(table[i], level).a, level - 1u);
        }
    }
    return count;
}

static bool compare_pd(struct world *w, uint32_t object)
{
    const struct model_object *o = &w->model.object[object];
    const struct pd *pd = world_pd(o);

    if (pd->asid != o->asid || (pd->configured != 0) != o->is_configured ||
        pd->window_base != o->window || pd->window_bytes != o->window_bytes) {
        return world_differ(w, "domain %u has another ASID or window", object);
    }
    for (uint32_t i = 0; i < o->space.count; i++) {
        const struct model_entry *e = &o->space.entry[i];
        const struct vspace_place at = vspace_walk(pd, e->address, e->level);

        if (at.level != e->level) {
            return world_differ(w, "domain %u has no table for 0x%llx, level %u", object,
                                (unsigned long long)e->address, e->level);
        }
        if (!compare_entry(w, object, e, vspace_load(at.entry) & ~ARCH_PTE_SEEN)) {
            return false;
        }
    }
    if (count_entries(pd->root.a, VSPACE_ROOT_LEVEL) != o->space.count) {
        return world_differ(w, "domain %u maps more than in the model", object);
    }
    return true;
}

static bool compare_object(struct world *w, uint32_t object)
{
    switch (w->model.object[object].type) {
    case R4_TYPE_CAP_TABLE:
        return compare_table(w, object);
    case R4_TYPE_PD:
        return compare_pd(w, object);
    case R4_TYPE_THREAD:
        return compare_thread(w, object);
    case R4_TYPE_NOTIFICATION:
        return compare_notification(w, object);
    default:
        return true;
    }
}

/* What programs wrote to frames that are still there. */
static bool compare_frame(struct world *w, const struct model_cap *frame)
{
    const uint64_t end = frame->physical + (UINT64_C(1) << frame->size_bits);

    for (uint64_t at = frame->physical; at < end; at += MODEL_PAGE_BYTES) {
        const uint64_t *page = w->model.page[at / MODEL_PAGE_BYTES];

        if (page != NULL && memcmp(page, world_memory(at), MODEL_PAGE_BYTES) != 0) {
            return world_differ(w, "the page at 0x%llx holds something else",
                                (unsigned long long)at);
        }
    }
    return true;
}

static bool compare_frames(struct world *w)
{
    const struct model *m = &w->model;

    for (uint32_t cap = model_next(m, 0, 0); cap != 0; cap = model_next(m, 0, cap)) {
        if (m->cap[cap].type == R4_TYPE_FRAME && !m->cap[cap].is_device &&
            !compare_frame(w, &m->cap[cap])) {
            return false;
        }
    }
    return true;
}

static bool compare_lines(struct world *w)
{
    for (uint32_t i = 0; i < R4_IRQ_LINES; i++) {
        const struct irq_line *line = &world_cluster()->irqs.handler[i].line;
        const uint32_t handler = w->model.handler[i];
        const struct model_object *o = &w->model.object[handler];

        if (line->has_handler != (handler != 0) ||
            (handler != 0 &&
             (line->is_level != o->is_level || line->is_bound != (o->bound_cap != 0)))) {
            return world_differ(w, "interrupt line %u is in another state", i);
        }
    }
    return true;
}

bool world_compare(struct world *w)
{
    if (!compare_tree(w) || !compare_frames(w) || !compare_lines(w)) {
        return false;
    }
    for (uint32_t i = 1; i < w->model.top_object; i++) {
        if (!compare_object(w, i)) {
            return false;
        }
    }
    return true;
}
