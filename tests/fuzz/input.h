/* SPDX-License-Identifier: MIT */
/* Owns: an input of a fuzzer, taken byte by byte; behind its end there are zeros. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input {
    const uint8_t *data;
    size_t size;
};

static inline bool input_is_empty(const struct input *in)
{
    return in->size == 0;
}

static inline uint8_t input_byte(struct input *in)
{
    if (in->size == 0) {
        return 0;
    }
    in->size--;
    return *in->data++;
}

static inline uint64_t input_bytes(struct input *in, unsigned count)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < count; i++) {
        value = value << 8 | input_byte(in);
    }
    return value;
}

/* 0 .. bound - 1, of one byte. */
static inline uint32_t input_below(struct input *in, uint32_t bound)
{
    return input_byte(in) % bound;
}
