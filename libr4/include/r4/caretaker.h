/* SPDX-License-Identifier: MIT */
/*
 * Owns: caretakers: revocable forwarders. A caretaker is a GRANT to oneself and a USE of it, through a
 * peer of the domain with itself. What is handed out leads to the USE; erasing the USE takes back from
 * everybody, however many GRANTs lead there, and leaves them all standing.
 *
 *     client's USE -> GRANT to the client -> [USE -> GRANT to oneself] -> capability
 *                     (any number of them)    the caretaker
 *
 * A caretaker costs one hop and one of the time to live. It may stand before another caretaker, or
 * before a USE of something that somebody else granted (which is a forwarder already, without one).
 * Locking: none, as window.h; closing and opening again may be done by any thread.
 */
#ifndef R4_CARETAKER_H
#define R4_CARETAKER_H

#include <r4/window.h>

/* A domain's way to itself: its window, and the two ends of a peer in its own table. */
struct r4_self {
    struct r4_window *window;
    uint16_t near; /* its GRANTs name `far`, its USEs `near` */
    uint16_t far;
};

struct r4_caretaker {
    uint32_t grant; /* words of the window, in one page if there was room */
    uint32_t use;
    uint64_t open;   /* the USE */
    uint8_t ttl;     /* of the USE: what is handed out has less */
    uint16_t rights; /* of the GRANT */
};

/*
 * Before `target`, a slot or a USE of one's own, whose time to live is `ttl`. R4_E_TTL: it is below 2,
 * and nothing could be handed out; else the errors of r4_window_take, and nothing is left behind.
 * Cost: 2 stores, 200 instructions; kernel entries only for a new page of the window.
 */
enum r4_err r4_caretaker_make(struct r4_self *self, uint32_t target, uint8_t ttl, uint16_t rights,
                              struct r4_caretaker *caretaker);

/* The GRANT to hand out to a peer. Cost: 15 instructions; no kernel entry. */
static inline uint64_t r4_caretaker_grant(const struct r4_caretaker *caretaker, uint16_t peer,
                                          uint16_t rights)
{
    return r4_word_of(r4_grant_to(peer, rights, (uint8_t)(caretaker->ttl - 1u)), caretaker->use);
}

/* Takes back everything that was handed out. Cost: 1 store, 8 instructions; no kernel entry. */
static inline void r4_caretaker_close(const struct r4_self *self,
                                      const struct r4_caretaker *caretaker)
{
    r4_ungrant(r4_window_word(self->window, caretaker->use));
}

/* Gives all of it again. Cost: 1 store, 9 instructions; no kernel entry. */
static inline void r4_caretaker_open(const struct r4_self *self,
                                     const struct r4_caretaker *caretaker)
{
    r4_use(r4_window_word(self->window, caretaker->use), caretaker->open);
}

/*
 * Closes it and frees its words. GRANTs that were handed out should be erased before: the USE may
 * become one of something else. Cost: 2 stores, 78 instructions; no kernel entry.
 */
void r4_caretaker_end(struct r4_self *self, const struct r4_caretaker *caretaker);

#endif
