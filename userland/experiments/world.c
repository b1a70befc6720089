/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <r4/abi/counters.h>
#include <r4/abi/enums.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/page.h>
#include <string.h>

#define SLOTS_MAX     4096u
#define READ_WRITE    (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define PARTNER_PAGES 16u /* stacks */
#define TEXT_FIRST    UINT64_C(0x400000)
#define LONGEST_MAX   20000u
#define HOLDING_ROWS  R4_HOLDINGS_MAX

/* End of the program's read-only part, from user.ld. */
extern const uint8_t r4_rodata_end[];

/* All of it is set up once, before the first row. */
static struct {
    const struct r4_bootinfo *info;
    struct r4_slots slots;
    uint64_t slot_words[SLOTS_MAX / R4_SLOTS_WORD_BITS];
    uint32_t memory;
    uint32_t page_frame;
    uint32_t second_pd; /* 0: not made yet */
    uint32_t stacks;
    struct r4_holdings own_tables;
    struct r4_holdings second_tables;
    struct r4_vspace own;
    struct r4_vspace second;
} world;

void world_must(const char *what, enum r4_err err)
{
    bench_check(what, err, R4_OK);
}

void world_check_bounded(void)
{
    uint64_t longest = 0;
    world_must("reading a counter",
               r4_monitor_counter(R4_INIT_SLOT_MONITOR, R4_COUNTER_LONGEST_IRQS_OFF, 0, &longest));
    bench_check("the longest stretch with interrupts off is short", longest <= LONGEST_MAX, true);
}

static uint64_t address_of(uint64_t offset)
{
    return WORLD_FREE_ADDRESS(world.info) + offset;
}

/* The largest untyped of the cluster. */
static uint32_t largest_memory(const struct r4_bootinfo *info)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < info->untyped_count; i++) {
        const bool is_device = info->untyped[i].device != 0;
        if (!is_device && info->untyped[i].size_bits > info->untyped[best].size_bits) {
            best = i;
        }
    }
    return R4_INIT_SLOT_UNTYPED + best;
}

uint32_t world_slots(uint32_t count)
{
    uint32_t slot = 0;
    world_must("taking slots", r4_slots_take(&world.slots, count, &slot));
    return slot;
}

uint32_t world_make(uint8_t type, uint8_t bits)
{
    uint32_t slot = world_slots(1);
    world_must("making an object", r4_untyped_retype(world.memory, type, bits, 0, slot, 1));
    return slot;
}

void world_map(uint32_t frame, uint64_t address, uint16_t access)
{
    world_must("mapping a frame", r4_vspace_map(&world.own, frame, address, access));
}

struct r4_vspace *world_vspace(void)
{
    return &world.own;
}

struct domain_env world_domains(void)
{
    return (struct domain_env){.slots = &world.slots,
                               .self = &world.own,
                               .fill = address_of(WORLD_LOAD_OFFSET),
                               .window = R4_ROOT_WINDOW,
                               .table = R4_INIT_SLOT_CAP_TABLE,
                               .asids = R4_INIT_SLOT_ASID_CONTROL,
                               .must = world_must};
}

void world_begin(const struct r4_bootinfo *info, struct bench_page **page)
{
    uint32_t end = info->table_slots <= SLOTS_MAX ? info->table_slots - 1 : SLOTS_MAX;
    world.info = info;
    world.memory = largest_memory(info);
    r4_slots_init(&world.slots, world.slot_words, SLOTS_MAX / R4_SLOTS_WORD_BITS,
                  info->first_free_slot, end);
    r4_holdings_init(&world.own_tables, &world.slots);
    r4_holdings_init(&world.second_tables, &world.slots);
    world.own = (struct r4_vspace){
        .pd = R4_INIT_SLOT_PD, .untyped = world.memory, .holdings = &world.own_tables};
    world.page_frame = world_make(R4_TYPE_FRAME, R4_PAGE_BITS);
    world_map(world.page_frame, address_of(WORLD_PAGE_OFFSET), READ_WRITE);
    *page = (struct bench_page *)address_of(WORLD_PAGE_OFFSET);
}

/* ------------------------------------------------------------------------------------------------
 * The second address space
 */

static void map_second(uint32_t frame, uint64_t address, uint16_t access)
{
    world_must("mapping a frame for a partner",
               r4_vspace_map(&world.second, frame, address, access));
}

/* A copy of one page of the program's code and constants, at the same address. */
static void show_page(uint64_t address)
{
    uint32_t frame = world_make(R4_TYPE_FRAME, R4_PAGE_BITS);
    uint64_t load = address_of(WORLD_LOAD_OFFSET);
    world_map(frame, load, READ_WRITE);
    memcpy((void *)load, (const void *)address, R4_PAGE_BYTES);
    world_must("unmapping a frame", r4_frame_unmap(frame));
    map_second(frame, address, R4_RIGHT_READ | R4_RIGHT_EXEC);
}

static void make_second(void)
{
    uint32_t copy = world_slots(1);
    world.second_pd = world_make(R4_TYPE_PD, 0);
    world_must("configuring a partner's address space",
               r4_pd_configure(world.second_pd, R4_INIT_SLOT_CAP_TABLE, 0, 0));
    world_must("giving it an ASID",
               r4_asid_assign(R4_INIT_SLOT_ASID_CONTROL, world.second_pd, NULL));
    world.second = (struct r4_vspace){
        .pd = world.second_pd, .untyped = world.memory, .holdings = &world.second_tables};
    for (uint64_t at = TEXT_FIRST; at < (uint64_t)r4_rodata_end; at += R4_PAGE_BYTES) {
        show_page(at);
    }
    world_must("copying the shared page", r4_cap_copy(world.page_frame, 0, copy));
    map_second(copy, address_of(WORLD_PAGE_OFFSET), READ_WRITE);
}

/* ------------------------------------------------------------------------------------------------
 * Threads
 */

static uint32_t start(uint32_t pd, world_entry *entry, uint64_t arg, uint32_t core,
                      uint8_t priority)
{
    uint32_t thread = world_make(R4_TYPE_THREAD, 0);
    /* As after a call instruction, which the compiler expects at the entry of a function. */
    uint64_t stack = address_of(WORLD_STACK_OFFSET) + (world.stacks + 1) * R4_PAGE_BYTES - 8;
    world.stacks++;
    world_must("configuring a thread", r4_thread_configure(thread, pd, core, priority));
    world_must("starting a thread",
               r4_thread_start(thread, (uint64_t)entry, stack, address_of(WORLD_PAGE_OFFSET), arg));
    return thread;
}

/* A page for the next stack. */
static uint32_t make_stack(uint64_t *address)
{
    bench_check("stacks", world.stacks < PARTNER_PAGES, true);
    *address = address_of(WORLD_STACK_OFFSET) + world.stacks * R4_PAGE_BYTES;
    return world_make(R4_TYPE_FRAME, R4_PAGE_BITS);
}

uint32_t world_thread(world_entry *entry, uint64_t arg, uint32_t core, uint8_t priority)
{
    uint64_t address;
    uint32_t frame = make_stack(&address);
    world_map(frame, address, READ_WRITE);
    return start(R4_INIT_SLOT_PD, entry, arg, core, priority);
}

uint32_t world_partner(world_entry *entry, uint64_t arg, uint32_t core, uint8_t priority)
{
    uint64_t address;
    if (world.second_pd == 0) {
        make_second();
    }
    uint32_t frame = make_stack(&address);
    map_second(frame, address, READ_WRITE);
    return start(world.second_pd, entry, arg, core, priority);
}
