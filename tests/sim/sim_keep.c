/* SPDX-License-Identifier: MIT */
/*
 * Owns: a moment of the machine to which a test goes back again and again. The memory that was is a
 * file; what the machine works on is a private mapping of it, of which the operating system copies
 * what is written to, and forgets it all at once.
 */
#define _GNU_SOURCE /* memfd_create */
#include "sim.h"

#include "sim_user.h"

#include <sys/mman.h>
#include <unistd.h>

static struct {
    struct host_machine host;
    struct sim sim;
    int memory; /* the file */
} kept = {.memory = -1};

static void map_memory(void)
{
    void *const at = mmap(host.arena, host.arena_bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_FIXED, kept.memory, 0);

    if (at != host.arena) {
        sim_fail("memory cannot be mapped");
    }
}

void sim_keep(void)
{
    uint64_t done = 0;

    if (kept.memory >= 0) {
        (void)close(kept.memory);
    }
    kept.memory = memfd_create("sim", 0);
    while (kept.memory >= 0 && done < host.arena_bytes) {
        const ssize_t n = write(kept.memory, host.arena + done, host.arena_bytes - done);

        if (n <= 0) {
            sim_fail("memory cannot be kept");
        }
        done += (uint64_t)n;
    }
    kept.host = host;
    kept.sim = sim;
    sim_user_keep();
    map_memory();
}

void sim_return(void)
{
    host = kept.host;
    sim = kept.sim;
    sim_user_return();
    map_memory();
}
