/* SPDX-License-Identifier: MIT */
/*
 * Owns: how a capability looks as text.
 */
#ifndef ROOT_DESCRIBE_H
#define ROOT_DESCRIBE_H

#include "sink.h"

#include <stdint.h>

/*
 * Type (at least `type_width` wide), time to live, size, badge or ports, flags and rights; no
 * newline. `view`: layout `cap_view`.
 */
void describe_cap(struct sink *out, int type_width, uint64_t view, uint64_t badge);

#endif
