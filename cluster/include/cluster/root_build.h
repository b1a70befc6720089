/* SPDX-License-Identifier: MIT */
/*
 * Owns: making objects, mappings and capabilities for a root task out of boot memory.
 * Locking: none; the boot core, before the cluster runs.
 */
#pragma once

#include <cluster/build.h>
#include <kernel/pd.h>
#include <r4/abi/enums.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/structs.h>

/* log2 of the slots of a root task's table. */
#define ROOT_TABLE_BITS 12u

struct root_build {
    struct machine_build *machine;
    struct cluster_build *build;
    struct cap_table *table;
    struct pd *pd;
    uint32_t next_slot; /* next slot that is not at a fixed number */
};

/* Table and PD with their capabilities; the PD gets its ASID. */
void root_begin(struct root_build *r);

/* Zeroed memory for an object of 2^bits bytes. */
void *root_take_object(struct root_build *r, uint8_t bits);

/* A capability for a kernel object with a header, for a part of the cluster, for memory. */
void root_give_object(struct root_build *r, uint32_t n, uint8_t type, uint16_t rights,
                      void *object);
void root_give_control(struct root_build *r, uint32_t n, uint8_t type, uint16_t rights, void *part);
/* A control capability with something in its badge word. */
void root_give_part(struct root_build *r, uint32_t n, uint8_t type, uint16_t rights, void *part,
                    uint64_t badge);
struct slot *root_give_memory(struct root_build *r, uint32_t n, uint8_t type, uint16_t rights,
                              uint64_t flags, struct paddr memory, uint8_t bits);

/* Maps given memory, or a fresh zeroed page, which it returns; makes the page tables on the way. */
void root_map_frame(struct root_build *r, uint64_t va, struct paddr memory, uint8_t bits,
                    uint16_t access);
void *root_map_page(struct root_build *r, uint64_t va, uint16_t access);
void *root_map_page_at(struct root_build *r, uint32_t n, uint64_t va, uint16_t access);

/*
 * Turns what is left of the cluster's memory into untyped capabilities; describes them and returns
 * how many.
 */
uint32_t root_give_untyped(struct root_build *r, struct r4_boot_untyped *out);
