/* SPDX-License-Identifier: MIT */
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>
#include <r4/memory.h>

void r4_memory_init(struct r4_memory *memory, struct r4_slots *slots, struct r4_memory_node *nodes,
                    uint16_t node_count)
{
    memory->slots = slots;
    memory->nodes = nodes;
    memory->node_count = node_count;
    for (uint16_t i = 0; i < node_count; i++) {
        nodes[i] = (struct r4_memory_node){.state = R4_MEMORY_UNUSED};
    }
}

/* The first of `count` unused nodes in a row, or R4_MEMORY_NONE. */
static uint16_t find_unused(const struct r4_memory *memory, uint16_t count)
{
    uint16_t run = 0;
    for (uint16_t i = 0; i < memory->node_count; i++) {
        run = memory->nodes[i].state == R4_MEMORY_UNUSED ? (uint16_t)(run + 1) : 0;
        if (run == count) {
            return (uint16_t)(i + 1 - count);
        }
    }
    return R4_MEMORY_NONE;
}

/* The smallest free node of at least 2^size_bits bytes, or R4_MEMORY_NONE. */
static uint16_t find_free(const struct r4_memory *memory, uint8_t size_bits)
{
    uint16_t best = R4_MEMORY_NONE;
    for (uint16_t i = 0; i < memory->node_count; i++) {
        const struct r4_memory_node *n = &memory->nodes[i];
        bool fits = n->state == R4_MEMORY_FREE && n->size_bits >= size_bits;
        if (fits && (best == R4_MEMORY_NONE || n->size_bits < memory->nodes[best].size_bits)) {
            best = i;
        }
    }
    return best;
}

enum r4_err r4_memory_add(struct r4_memory *memory, uint32_t slot, uint8_t size_bits)
{
    uint16_t node = find_unused(memory, 1);
    if (node == R4_MEMORY_NONE) {
        return R4_E_LIMIT;
    }
    memory->nodes[node] = (struct r4_memory_node){
        .slot = slot, .parent = R4_MEMORY_NONE, .size_bits = size_bits, .state = R4_MEMORY_FREE};
    return R4_OK;
}

static enum r4_err split(struct r4_memory *memory, uint16_t node)
{
    struct r4_memory_node *whole = &memory->nodes[node];
    uint8_t size_bits = (uint8_t)(whole->size_bits - 1);
    uint16_t halves = find_unused(memory, 2);
    uint32_t slot;
    if (halves == R4_MEMORY_NONE) {
        return R4_E_LIMIT;
    }
    enum r4_err err = r4_slots_take(memory->slots, 2, &slot);
    if (err != R4_OK) {
        return err;
    }
    err = r4_untyped_retype(whole->slot, R4_TYPE_UNTYPED, size_bits, 0, slot, 2);
    if (err != R4_OK) {
        (void)r4_slots_give(memory->slots, slot, 2);
        return err;
    }
    for (uint16_t i = 0; i < 2; i++) {
        memory->nodes[halves + i] = (struct r4_memory_node){
            .slot = slot + i, .parent = node, .size_bits = size_bits, .state = R4_MEMORY_FREE};
    }
    whole->state = R4_MEMORY_SPLIT;
    whole->halves = halves;
    return R4_OK;
}

/* Joins every pair of free halves, from the smallest up. True if there was one. */
static bool join_all(struct r4_memory *memory)
{
    bool joined = false;
    for (uint16_t i = 0; i < memory->node_count; i++) {
        struct r4_memory_node *whole = &memory->nodes[i];
        struct r4_memory_node *half = &memory->nodes[whole->halves];
        if (whole->state != R4_MEMORY_SPLIT || half[0].state != R4_MEMORY_FREE ||
            half[1].state != R4_MEMORY_FREE) {
            continue;
        }
        for (uint16_t k = 0; k < 2; k++) {
            (void)r4_cap_delete(half[k].slot);
            half[k].state = R4_MEMORY_UNUSED;
        }
        (void)r4_slots_give(memory->slots, half[0].slot, 2);
        whole->state = R4_MEMORY_FREE;
        joined = true;
    }
    return joined;
}

enum r4_err r4_memory_take(struct r4_memory *memory, uint8_t size_bits, uint16_t *node)
{
    uint16_t found = find_free(memory, size_bits);
    while (found == R4_MEMORY_NONE) {
        if (!join_all(memory)) {
            return R4_E_MEMORY;
        }
        found = find_free(memory, size_bits);
    }
    while (memory->nodes[found].size_bits > size_bits) {
        enum r4_err err = split(memory, found);
        if (err != R4_OK) {
            return err;
        }
        found = memory->nodes[found].halves;
    }
    memory->nodes[found].state = R4_MEMORY_TAKEN;
    *node = found;
    return R4_OK;
}

enum r4_err r4_memory_give(struct r4_memory *memory, uint16_t node)
{
    struct r4_memory_node *n = &memory->nodes[node];
    enum r4_err err = r4_cap_revoke(n->slot);
    if (err == R4_OK) {
        n->state = R4_MEMORY_FREE;
    }
    return err;
}

uint64_t r4_memory_free_bytes(const struct r4_memory *memory)
{
    uint64_t bytes = 0;
    for (uint16_t i = 0; i < memory->node_count; i++) {
        if (memory->nodes[i].state == R4_MEMORY_FREE) {
            bytes += UINT64_C(1) << memory->nodes[i].size_bits;
        }
    }
    return bytes;
}
