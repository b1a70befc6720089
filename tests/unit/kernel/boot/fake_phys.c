/* SPDX-License-Identifier: MIT */
#include "fake_phys.h"

#include <stdlib.h>

static const void *fake_map(void *ctx, uint64_t paddr, size_t bytes)
{
    const struct fake_phys *phys = ctx;
    for (size_t i = 0; i < phys->count; i++) {
        const struct fake_region *region = &phys->regions[i];
        if (paddr < region->paddr) {
            continue;
        }
        uint64_t offset = paddr - region->paddr;
        if (offset <= region->bytes && bytes <= region->bytes - offset) {
            return region->data + offset;
        }
    }
    return NULL;
}

void fake_phys_init(struct fake_phys *phys)
{
    memset(phys, 0, sizeof *phys);
    phys->view = (struct phys_view){.map = fake_map, .ctx = phys};
}

void fake_phys_fini(struct fake_phys *phys)
{
    for (size_t i = 0; i < phys->count; i++) {
        free(phys->regions[i].data);
    }
    phys->count = 0;
}

void fake_phys_put(struct fake_phys *phys, uint64_t paddr, const void *from, size_t bytes)
{
    size_t i = 0;
    while (i < phys->count && phys->regions[i].paddr != paddr) {
        i++;
    }
    if (i == FAKE_PHYS_REGIONS) {
        abort();
    }
    if (i == phys->count) {
        phys->count++;
    }
    struct fake_region *region = &phys->regions[i];
    free(region->data);
    *region = (struct fake_region){.paddr = paddr, .bytes = bytes, .data = malloc(bytes)};
    if (region->data == NULL) {
        abort();
    }
    memcpy(region->data, from, bytes);
}
