/* SPDX-License-Identifier: MIT */
/*
 * Owns: the protocol by which cluster 0 has another cluster run a command: over the region of four
 * pages that the two share. Pure over the given memory.
 *
 *   page 0     written by the client (cluster 0): the request, and how much output it has taken
 *   page 1     written by the server: how much output there is, which request is done, its status
 *   page 2, 3  written by the server: a ring of messages, each a header and its bytes
 *
 * Invariants
 * (1) Requests are numbered from 1. A request is posted when the one before is done.
 * (2) All output of a request is in the ring before the request is done.
 * (3) Each side believes only its own counts and numbers. What it reads it reads once, then checks;
 *     after the first nonsense it calls the other side broken and does not look at its pages again.
 * Locking: none; one thread on each side.
 * Not here: doorbells. Each side rings after it changed something that the other may wait for.
 */
#ifndef ROOT_REGION_H
#define ROOT_REGION_H

#include "words.h"

#include <r4/page.h>
#include <r4/ring.h>

#define REGION_VERSION     UINT64_C(0x52344f4e00000001)
#define REGION_DATA_BYTES  8192u
#define REGION_MESSAGE_MAX 512u
#define REGION_STATUS_MAX  255u
#define REGION_PAGES       4u

struct region_request {
    uint64_t version;
    uint64_t sequence;
    uint64_t consumed;
    uint64_t length;
    uint64_t interrupted; /* number of the last request that shall be broken off */
    uint8_t line[LINE_MAX_BYTES];
};

enum region_state {
    REGION_ABSENT = 0, /* the server has not started */
    REGION_SERVING = 1,
    REGION_ENDED = 2 /* the server can serve no more */
};

struct region_reply {
    uint64_t version;
    uint64_t state; /* enum region_state */
    uint64_t produced;
    uint64_t done; /* number of the last request that is done */
    uint64_t status;
};

enum region_kind { REGION_TEXT = 1, REGION_EVENT = 2 };

struct region_message {
    uint32_t kind; /* enum region_kind */
    uint32_t bytes;
    uint8_t data[REGION_MESSAGE_MAX];
};

/* One side. */
struct region {
    struct region_request *request;
    struct region_reply *reply;
    struct r4_ring ring;
    uint64_t sequence; /* of the last request posted or taken */
    bool is_broken;
};

enum region_news {
    REGION_NOTHING = 0,
    REGION_MESSAGE, /* client: a piece of output */
    REGION_DONE,    /* client: the request is done */
    REGION_REQUEST, /* server: a new request */
    REGION_GONE,    /* client: the server has ended */
    REGION_BROKEN   /* the other side wrote nonsense */
};

/* Both sides: the region is mapped at `base`, four pages, zero before either side came. */
void region_init(struct region *r, void *base);

/* Client: posts a request of at most LINE_MAX_BYTES; the one before is done. */
void region_post(struct region *r, const char *line, size_t bytes);
/* Client: asks the server to break off the request that was posted last. */
void region_interrupt(struct region *r);
/* Client: what has come: `message` is written for REGION_MESSAGE, `status` for REGION_DONE. */
enum region_news region_next(struct region *r, struct region_message *message, uint32_t *status);

/* Server: tells the client that requests are taken, or never again will be. */
void region_set_state(struct region *r, enum region_state state);
/* Server: a request that was not taken yet; `line` has room for LINE_MAX_BYTES. */
enum region_news region_take(struct region *r, char *line, size_t *bytes);
/* Server: whether the client wants the request that was taken last to be broken off. */
bool region_is_interrupted(const struct region *r);
/* Server: puts output. False: there is no room now, or never (is_broken). */
bool region_put(struct region *r, enum region_kind kind, const void *data, uint32_t bytes);
/* Server: the request that was taken is done. */
void region_finish(struct region *r, uint32_t status);

#endif
