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

static void drop_frame(struct r4_window *window, uint32_t frame)
{
    (void)r4_cap_delete(frame); /* R4_E_EMPTY: it was never made */
    (void)r4_slots_give(window->vspace->holdings->slots, frame, 1);
}

/* Makes, maps and marks it. */
static enum r4_err make_frame(struct r4_window *window, uint32_t frame, uint64_t address)
{
    struct r4_vspace *v = window->vspace;
    enum r4_err err = r4_untyped_retype(v->untyped, R4_TYPE_FRAME, R4_PAGE_BITS, 0, frame, 1);
    if (err == R4_OK) {
        err = r4_vspace_map(v, frame, address, READ_WRITE);
    }
    return err == R4_OK ? r4_frame_mark(frame) : err;
}

static enum r4_err add_page(struct r4_window *window)
{
    const uint64_t address = window->base + (uint64_t)window->pages * R4_PAGE_BYTES;
    uint32_t frame;
    if (window->pages == window->pages_max) {
        return R4_E_LIMIT;
    }
    enum r4_err err = r4_slots_take(window->vspace->holdings->slots, 1, &frame);
    if (err != R4_OK) {
        return err;
    }
    err = make_frame(window, frame, address);
    if (err != R4_OK) {
        drop_frame(window, frame);
        return err;
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

void r4_window_release(struct r4_window *window)
{
    while (window->pages > 0) {
        drop_frame(window, window->page[--window->pages].frame);
    }
}
