/* SPDX-License-Identifier: MIT */
/* Owns: how the model's numbers and the kernel's structures name the same thing. */
#pragma once

#include "sim.h"
#include "world.h"

#include <arch/mmu.h>
#include <kernel/table.h>

/* world_boot.c */
void world_boot(struct world *w);

static inline struct cluster *world_cluster(void)
{
    return sim.of[0].cluster;
}

static inline void *world_memory(uint64_t physical)
{
    return arch_dmap_ptr((struct paddr){physical});
}

/* A table's header lies at the end of its memory. */
static inline struct cap_table *world_table(const struct model_object *o)
{
    struct slot *first =
        (struct slot *)(void *)((struct slot_view *)world_memory(o->physical) + o->slot_count);

    return (struct cap_table *)(void *)(first + o->slot_count - 1);
}

static inline struct pd *world_pd(const struct model_object *o)
{
    return (struct pd *)(void *)((char *)world_memory(o->physical) + PD_STRUCT_OFFSET);
}

/* The kernel's slot at the place where the model's capability stands. */
struct slot *world_slot(const struct model *m, uint32_t cap);
/* The `object` word that its slot must have. */
uint64_t world_object_word(const struct model *m, uint32_t cap);
