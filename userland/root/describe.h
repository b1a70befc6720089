/* SPDX-License-Identifier: MIT */
/*
 * Owns: how capabilities and proxy words look as text.
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

/* A slot by its number, a word of a proxy window as `w` and its number. */
void describe_index(struct sink *out, uint32_t index);

/* The session id as the GRANT that it names. */
void describe_session(struct sink *out, uint64_t session);

/* Where the other end of a peer is. `link`: layout `peer`, 0 for none. */
void describe_link(struct sink *out, uint64_t link);

/* What a word of a proxy window says; no newline. `word`: layout `proxy`. */
void describe_proxy(struct sink *out, uint64_t word);

#endif
