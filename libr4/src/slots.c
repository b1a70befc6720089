/* SPDX-License-Identifier: MIT */
#include <r4/slots.h>
#include <stdbool.h>

static uint64_t bit_of(uint32_t slot)
{
    return UINT64_C(1) << slot % R4_SLOTS_WORD_BITS;
}

static bool is_free(const struct r4_slots *slots, uint32_t slot)
{
    return (slots->words[slot / R4_SLOTS_WORD_BITS] & bit_of(slot)) != 0;
}

void r4_slots_init(struct r4_slots *slots, uint64_t *words, size_t word_count, uint32_t first,
                   uint32_t end)
{
    uint64_t described = (uint64_t)word_count * R4_SLOTS_WORD_BITS;
    for (size_t i = 0; i < word_count; i++) {
        words[i] = 0;
    }
    slots->words = words;
    slots->first = first;
    slots->end = end < described ? end : (uint32_t)described;
    slots->free = 0;
    for (uint32_t slot = first; slot < slots->end; slot++) {
        words[slot / R4_SLOTS_WORD_BITS] |= bit_of(slot);
        slots->free++;
    }
}

enum r4_err r4_slots_take(struct r4_slots *slots, uint32_t count, uint32_t *out)
{
    if (count == 0) {
        return R4_E_RANGE;
    }
    uint32_t run = 0;
    for (uint32_t slot = slots->first; slot < slots->end; slot++) {
        run = is_free(slots, slot) ? run + 1 : 0;
        if (run < count) {
            continue;
        }
        uint32_t first = slot + 1 - count;
        for (uint32_t taken = first; taken <= slot; taken++) {
            slots->words[taken / R4_SLOTS_WORD_BITS] &= ~bit_of(taken);
        }
        slots->free -= count;
        *out = first;
        return R4_OK;
    }
    return R4_E_LIMIT;
}

enum r4_err r4_slots_give(struct r4_slots *slots, uint32_t first, uint32_t count)
{
    if (first < slots->first || first > slots->end || count > slots->end - first) {
        return R4_E_RANGE;
    }
    for (uint32_t slot = first; slot < first + count; slot++) {
        if (is_free(slots, slot)) {
            return R4_E_STATE;
        }
    }
    for (uint32_t slot = first; slot < first + count; slot++) {
        slots->words[slot / R4_SLOTS_WORD_BITS] |= bit_of(slot);
    }
    slots->free += count;
    return R4_OK;
}
