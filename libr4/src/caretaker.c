/* SPDX-License-Identifier: MIT */
#include <r4/caretaker.h>

#define TTL_LEAST 2u /* one for the GRANT to oneself, one for what is handed out */

enum r4_err r4_caretaker_make(struct r4_self *self, uint32_t target, uint8_t ttl, uint16_t rights,
                              struct r4_caretaker *c)
{
    struct r4_window *w = self->window;
    uint32_t near = (target & R4_INDEX_WORD) != 0 ? target : R4_NEAR_NOTHING;
    if (ttl < TTL_LEAST) {
        return R4_E_TTL;
    }
    enum r4_err err = r4_window_take(w, near, &c->grant);
    if (err != R4_OK) {
        return err;
    }
    err = r4_window_take(w, c->grant, &c->use);
    if (err != R4_OK) {
        (void)r4_window_give(w, c->grant);
        return err;
    }
    c->ttl = (uint8_t)(ttl - 1u);
    c->rights = rights;
    c->open = r4_word_of(r4_use_from(self->near, rights, c->ttl), c->grant);
    r4_grant(r4_window_word(w, c->grant),
             r4_word_of(r4_grant_to(self->far, rights, c->ttl), target));
    r4_caretaker_open(self, c);
    return R4_OK;
}

void r4_caretaker_end(struct r4_self *self, const struct r4_caretaker *c)
{
    (void)r4_window_give(self->window, c->use);
    (void)r4_window_give(self->window, c->grant);
}
