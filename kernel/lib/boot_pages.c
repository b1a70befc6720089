/* SPDX-License-Identifier: MIT */
/*
 * Owns: how memory is cut out of a run: what lies before the cut stays, in front of what lies
 * behind it.
 */
#include <lib/boot_pages.h>

#include <string.h>

#define PAGE_BYTES UINT64_C(4096)

/* Where `bytes` go inside the run; false if they do not fit. */
static bool find_place(const struct boot_pages_run *run, uint64_t bytes, uint64_t align,
                       uint64_t *place)
{
    const uint64_t first = run->base == 0 ? align : run->base;
    const uint64_t skip = (align - first % align) % align + (first - run->base);

    if (skip > run->bytes || bytes > run->bytes - skip) {
        return false;
    }
    *place = run->base + skip;
    return true;
}

static void remove_run(struct boot_pages *pages, uint32_t index)
{
    pages->count--;
    memmove(&pages->run[index], &pages->run[index + 1u],
            (pages->count - index) * sizeof(pages->run[0]));
}

/* Whether a run can be split in two, which needs a place in the list. */
static bool can_split(const struct boot_pages *pages)
{
    return pages->count < BOOT_PAGES_RUNS_MAX;
}

static void insert_run(struct boot_pages *pages, uint32_t index, struct boot_pages_run run)
{
    memmove(&pages->run[index + 1u], &pages->run[index],
            (pages->count - index) * sizeof(pages->run[0]));
    pages->run[index] = run;
    pages->count++;
}

/*
 * Takes [place, place + bytes) out of run `index`; false if that would need one run more than there
 * can be.
 */
static bool cut(struct boot_pages *pages, uint32_t index, uint64_t place, uint64_t bytes)
{
    struct boot_pages_run *run = &pages->run[index];
    const uint64_t before = place - run->base;
    const uint64_t after = run->bytes - before - bytes;

    if (before > 0 && after > 0) {
        if (!can_split(pages)) {
            return false;
        }
        run->bytes = before;
        insert_run(pages, index + 1u,
                   (struct boot_pages_run){.base = place + bytes, .bytes = after});
    } else if (before > 0) {
        run->bytes = before;
    } else if (after > 0) {
        run->base = place + bytes;
        run->bytes = after;
    } else {
        remove_run(pages, index);
    }
    return true;
}

static bool is_request(uint64_t bytes, uint64_t align)
{
    return bytes != 0 && bytes % PAGE_BYTES == 0 && align >= PAGE_BYTES &&
           (align & (align - 1u)) == 0;
}

uint64_t boot_pages_take(struct boot_pages *pages, uint64_t bytes, uint64_t align)
{
    if (!is_request(bytes, align)) {
        return 0;
    }
    for (uint32_t i = 0; i < pages->count; i++) {
        uint64_t place;

        if (find_place(&pages->run[i], bytes, align, &place) && cut(pages, i, place, bytes)) {
            memset(pages->pointer(place), 0, bytes);
            pages->taken_bytes += bytes;
            return place;
        }
    }
    return 0;
}

void *boot_pages_take_pointer(struct boot_pages *pages, uint64_t bytes, uint64_t align)
{
    const uint64_t place = boot_pages_take(pages, bytes, align);

    return place == 0 ? NULL : pages->pointer(place);
}
