/* SPDX-License-Identifier: MIT */
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/window.h>

#define READ_WRITE (R4_RIGHT_READ | R4_RIGHT_WRITE)

void r4_window_init(struct r4_window *window, struct r4_vspace *vspace, uint64_t base,
                    struct r4_window_page *page, uint32_t pages_max)
{
    const uint32_t largest = R4_WINDOW_BYTES_MAX / R4_PAGE_BYTES;

    *window = (struct r4_window){
        .base = base,
        .vspace = vspace,
        .page = page,
        .pages_max = pages_max < largest ? pages_max : largest,
    };
}

/* Undoes what was made of a page that does not become one. */
static enum r4_err refuse(uint32_t frame, enum r4_err err)
{
    (void)r4_cap_delete(frame);
    return err;
}

static enum r4_err add_page(struct r4_window *window)
{
    struct r4_vspace *v = window->vspace;
    const uint64_t address = window->base + (uint64_t)window->pages * R4_PAGE_BYTES;
    uint32_t frame;
    if (window->pages == window->pages_max) {
        return R4_E_LIMIT;
    }
    enum r4_err err =
        r4_holdings_make(v->holdings, v->untyped, R4_TYPE_FRAME, R4_PAGE_BITS, 1, &frame);
    if (err != R4_OK) {
        return err;
    }
    err = r4_vspace_map(v, frame, address, READ_WRITE);
    if (err == R4_OK) {
        err = r4_frame_mark(frame);
    }
    if (err != R4_OK) {
        return refuse(frame, err);
    }
    struct r4_window_page *page = &window->page[window->pages++];
    *page = (struct r4_window_page){.count = R4_PAGE_WORDS, .frame = frame};
    for (uint32_t i = 0; i < R4_WINDOW_GROUPS; i++) {
        page->free[i] = UINT64_MAX;
    }
    return R4_OK;
}

/* The page has a free word. */
static uint32_t take_from(struct r4_window *window, uint32_t number)
{
    struct r4_window_page *page = &window->page[number];
    uint32_t group = 0;
    while (page->free[group] == 0) {
        group++;
    }
    const uint32_t bit = (uint32_t)__builtin_ctzll(page->free[group]);
    page->free[group] &= page->free[group] - 1;
    page->count--;
    return R4_INDEX_WORD | (number * R4_PAGE_WORDS + group * 64u + bit);
}

enum r4_err r4_window_take(struct r4_window *window, uint32_t near, uint32_t *index)
{
    uint32_t number = (near & (R4_INDEX_WORD - 1u)) / R4_PAGE_WORDS;
    const bool is_near = near != R4_NEAR_NOTHING && number < window->pages;
    if (!is_near || window->page[number].count == 0) {
        number = 0;
        while (number < window->pages && window->page[number].count == 0) {
            number++;
        }
    }
    if (number == window->pages) {
        enum r4_err err = add_page(window);
        if (err != R4_OK) {
            return err;
        }
    }
    *index = take_from(window, number);
    return R4_OK;
}

enum r4_err r4_window_give(struct r4_window *window, uint32_t index)
{
    const uint32_t word = index & (R4_INDEX_WORD - 1u);
    const uint32_t number = word / R4_PAGE_WORDS;
    const uint32_t in_page = word % R4_PAGE_WORDS;
    const uint64_t bit = UINT64_C(1) << in_page % 64u;
    if ((index & R4_INDEX_WORD) == 0 || number >= window->pages) {
        return R4_E_INDEX;
    }
    struct r4_window_page *page = &window->page[number];
    if ((page->free[in_page / 64u] & bit) != 0) {
        return R4_E_STATE;
    }
    r4_ungrant(r4_window_word(window, index));
    page->free[in_page / 64u] |= bit;
    page->count++;
    return R4_OK;
}
