/* SPDX-License-Identifier: MIT */
/*
 * Owns: the proxy window of a program: pages for it when they are needed, and which of its words are
 * free.
 *
 * Invariants
 * (1) Pages 0 to `pages` - 1 of the window are mapped and marked, so that GRANTs and USEs can stand
 *     anywhere in them.
 * (2) A free word is 0.
 * (3) The frames are the window's, in slots of vspace->holdings->slots, and no rows of the holdings; page
 *     tables, one for every 512 pages and those above, are.
 * A word that is used again for the same peer is what that peer's old USEs then lead to.
 * Locking: none; one thread takes and gives words. What stands in them may be written by any thread.
 */
#ifndef R4_WINDOW_H
#define R4_WINDOW_H

#include <r4/abi/limits.h>
#include <r4/page.h>
#include <r4/proxy.h>
#include <r4/vspace.h>

#define R4_PAGE_WORDS    512u
#define R4_NEAR_NOTHING  UINT32_MAX
#define R4_WINDOW_GROUPS (R4_PAGE_WORDS / 64u)

struct r4_window_page {
    uint64_t free[R4_WINDOW_GROUPS]; /* a set bit is a free word */
    uint32_t count;                  /* of free words */
    uint32_t frame;                  /* its slot */
};

struct r4_window {
    uint64_t base;
    struct r4_vspace *vspace; /* of this domain; pages are made from vspace->untyped */
    struct r4_window_page *page;
    uint32_t pages;
    uint32_t pages_max;
};

/*
 * The window at `base`, as it was given to pd_configure, with no page yet; `page` is the caller's, one
 * for each page that the window may have. Cost: no kernel entry.
 */
void r4_window_init(struct r4_window *window, struct r4_vspace *vspace, uint64_t base,
                    struct r4_window_page *page, uint32_t pages_max);

/*
 * A free word: its index. It is in the page of the word `near` if there is room, so that a chain that
 * leads through both needs one walk less; R4_NEAR_NOTHING: anywhere. R4_E_LIMIT: the window is full, or
 * no slot is free; errors of making, mapping and marking a page, of which nothing is left behind. Cost:
 * 64 instructions in the first page, more for each full page that is passed over; no kernel entry, but
 * for every 512th word 3 (retype, map, mark) and as many more as page tables are missing.
 */
enum r4_err r4_window_take(struct r4_window *window, uint32_t near, uint32_t *index);

/*
 * Erases the word and frees it. R4_E_INDEX: no word of the window; R4_E_STATE: it is free already. Cost:
 * 1 store that takes back, 36 instructions; no kernel entry.
 */
enum r4_err r4_window_give(struct r4_window *window, uint32_t index);

/*
 * Deletes the window's pages and gives their slots back: no word of it counts any more. Cost: 1 kernel
 * entry for each page.
 */
void r4_window_release(struct r4_window *window);

/* Where a word lies. Cost: arithmetic; no kernel entry. */
static inline uint64_t *r4_window_word(const struct r4_window *window, uint32_t index)
{
    return (uint64_t *)window->base + (index & (R4_INDEX_WORD - 1u));
}

#endif
