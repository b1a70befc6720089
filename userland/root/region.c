/* SPDX-License-Identifier: MIT */
#include "region.h"

#include "sink.h"

#include <string.h>

struct header {
    uint32_t kind;
    uint32_t bytes;
};

_Static_assert(sizeof(struct region_request) <= R4_PAGE_BYTES, "a request fits its page");
_Static_assert(sizeof(struct event) <= REGION_MESSAGE_MAX, "an event is one message");

void region_init(struct region *r, void *base)
{
    uint8_t *page = base;
    *r = (struct region){
        .request = (struct region_request *)base,
        .reply = (struct region_reply *)(void *)(page + R4_PAGE_BYTES),
    };
    r->ring = (struct r4_ring){
        .data = page + 2 * R4_PAGE_BYTES,
        .size = REGION_DATA_BYTES,
        .produced = &r->reply->produced,
        .consumed = &r->request->consumed,
    };
}

static uint64_t read_once(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* What was written before is seen by whoever reads this value with read_once. */
static void publish(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static enum region_news broken(struct region *r)
{
    r->is_broken = true;
    return REGION_BROKEN;
}

void region_post(struct region *r, const char *line, size_t bytes)
{
    memcpy(r->request->line, line, bytes);
    r->request->length = bytes;
    r->request->version = REGION_VERSION;
    r->sequence++;
    publish(&r->request->sequence, r->sequence);
}

static bool is_message(const struct header *header)
{
    if (header->kind == REGION_EVENT) {
        return header->bytes == sizeof(struct event);
    }
    return header->kind == REGION_TEXT && header->bytes > 0 && header->bytes <= REGION_MESSAGE_MAX;
}

/* `filled` bytes are in the ring, which must begin with a whole message. */
static enum region_news get_message(struct region *r, uint64_t filled, struct region_message *out)
{
    struct header header;
    if (filled < sizeof header) {
        return broken(r);
    }
    r4_ring_get(&r->ring, &header, sizeof header);
    if (!is_message(&header) || header.bytes > filled - sizeof header) {
        return broken(r);
    }
    r4_ring_get(&r->ring, out->data, header.bytes);
    out->kind = header.kind;
    out->bytes = header.bytes;
    return REGION_MESSAGE;
}

void region_interrupt(struct region *r)
{
    publish(&r->request->interrupted, r->sequence);
}

bool region_is_interrupted(const struct region *r)
{
    return !r->is_broken && read_once(&r->request->interrupted) == r->sequence;
}

enum region_news region_next(struct region *r, struct region_message *message, uint32_t *status)
{
    uint64_t filled;
    if (r->is_broken) {
        return REGION_BROKEN;
    }
    uint64_t state = read_once(&r->reply->state);
    uint64_t done = read_once(&r->reply->done); /* before the ring: see (2) */
    if (state == REGION_ABSENT) {
        return REGION_NOTHING;
    }
    if (read_once(&r->reply->version) != REGION_VERSION || state > REGION_ENDED) {
        return broken(r);
    }
    if (!r4_ring_filled(&r->ring, &filled)) {
        return broken(r);
    }
    if (filled > 0) {
        return get_message(r, filled, message);
    }
    if (done == r->sequence) {
        uint64_t value = read_once(&r->reply->status);
        if (value > REGION_STATUS_MAX) {
            return broken(r);
        }
        *status = (uint32_t)value;
        return REGION_DONE;
    }
    if (done != r->sequence - 1) {
        return broken(r);
    }
    return state == REGION_ENDED ? REGION_GONE : REGION_NOTHING;
}

void region_set_state(struct region *r, enum region_state state)
{
    r->reply->version = REGION_VERSION;
    publish(&r->reply->state, state);
}

enum region_news region_take(struct region *r, char *line, size_t *bytes)
{
    if (r->is_broken) {
        return REGION_BROKEN;
    }
    uint64_t sequence = read_once(&r->request->sequence);
    if (sequence == r->sequence) {
        return REGION_NOTHING;
    }
    uint64_t length = read_once(&r->request->length);
    if (sequence != r->sequence + 1 || read_once(&r->request->version) != REGION_VERSION ||
        length > LINE_MAX_BYTES) {
        return broken(r);
    }
    memcpy(line, r->request->line, length);
    r->sequence = sequence;
    *bytes = length;
    return REGION_REQUEST;
}

bool region_put(struct region *r, enum region_kind kind, const void *data, uint32_t bytes)
{
    const struct header header = {.kind = kind, .bytes = bytes};
    uint8_t whole[sizeof header + REGION_MESSAGE_MAX];
    uint64_t room;
    if (r->is_broken || !r4_ring_room(&r->ring, &room)) {
        r->is_broken = true;
        return false;
    }
    if (room < sizeof header + bytes) {
        return false;
    }
    memcpy(whole, &header, sizeof header);
    memcpy(whole + sizeof header, data, bytes);
    r4_ring_put(&r->ring, whole, sizeof header + bytes);
    return true;
}

void region_finish(struct region *r, uint32_t status)
{
    r->reply->status = status;
    publish(&r->reply->done, r->sequence);
}
