/* SPDX-License-Identifier: MIT */
/*
 * Owns: a proxy window for tests of what stands in one: memory of the test, frames of the stand-in, and
 * a reading of chains inside one window, as the kernel would follow them.
 */
#ifndef WINDOW_WORLD_H
#define WINDOW_WORLD_H

#include <r4/caretaker.h>

#define WORLD_UNTYPED  1u
#define WORLD_TARGET   2u /* a slot; what chains lead to */
#define WORLD_NEAR     5u /* ends of the domain's peer with itself */
#define WORLD_FAR      6u
#define WORLD_CLIENT   7u /* end of a peer with somebody else */
#define WORLD_PAGES    3u
#define WORLD_ROOT_TTL 15u

struct window_world {
    struct r4_window window;
    struct r4_self self;
};

/* Empty slots, a window without a page. */
void window_world_init(struct window_world *world, uint8_t untyped_bits);

/*
 * Where the GRANT `index`, which must name `peer`, leads: the slot at the end, or 0 if the chain is
 * broken or its times to live do not fall. `*hops` counts GRANTs, `*rights` is what comes through.
 */
uint32_t window_world_follow(const struct window_world *world, uint32_t index, uint16_t peer,
                             unsigned *hops, uint16_t *rights);

/* Frames that are marked. */
unsigned window_world_marks(void);

#endif
