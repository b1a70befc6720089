/* SPDX-License-Identifier: MIT */
/*
 * Owns: the untyped memory of a task, in halves of halves: hands out untyped capabilities by size and
 * takes them back.
 *
 * Invariants
 * (1) A FREE or TAKEN node's slot holds an untyped without children of ours; a SPLIT one's two halves
 *     are its children.
 * (2) Halves are joined again only when nothing else fits: the kernel zeroes joined memory anew.
 * Locking: none; one thread.
 */
#ifndef R4_MEMORY_H
#define R4_MEMORY_H

#include <r4/slots.h>
#include <stddef.h>

enum r4_memory_state {
    R4_MEMORY_UNUSED = 0, /* of the node itself: stands for no memory */
    R4_MEMORY_FREE,
    R4_MEMORY_TAKEN,
    R4_MEMORY_SPLIT
};

#define R4_MEMORY_NONE UINT16_MAX

struct r4_memory_node {
    uint32_t slot;   /* the untyped */
    uint16_t parent; /* R4_MEMORY_NONE for memory that was added */
    uint16_t halves; /* SPLIT: the first of two nodes in a row */
    uint8_t size_bits;
    uint8_t state; /* enum r4_memory_state */
};

struct r4_memory {
    struct r4_slots *slots;
    struct r4_memory_node *nodes;
    uint16_t node_count;
};

/* No memory yet; `nodes` is the caller's, fewer than R4_MEMORY_NONE. */
void r4_memory_init(struct r4_memory *memory, struct r4_slots *slots, struct r4_memory_node *nodes,
                    uint16_t node_count);

/* Adds an untyped of 2^size_bits bytes without children. R4_E_LIMIT: no node is left. */
enum r4_err r4_memory_add(struct r4_memory *memory, uint32_t slot, uint8_t size_bits);

/*
 * An untyped of exactly 2^size_bits bytes; `*node` names it, its capability is in
 * memory->nodes[*node].slot. R4_E_MEMORY: there is none; R4_E_LIMIT: nodes or slots are used up.
 */
enum r4_err r4_memory_take(struct r4_memory *memory, uint8_t size_bits, uint16_t *node);

/*
 * Takes it back with all that was made from it, whoever holds that. Costs one call. Errors: those of
 * cap_revoke; the memory stays taken then.
 */
enum r4_err r4_memory_give(struct r4_memory *memory, uint16_t node);

/* Bytes in nodes that are free. */
uint64_t r4_memory_free_bytes(const struct r4_memory *memory);

#endif
