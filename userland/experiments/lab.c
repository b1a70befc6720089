/* SPDX-License-Identifier: MIT */
#include "lab.h"

#include "../programs/number.h"

#include <r4/abi/enums.h>
#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>
#include <r4/peer.h>
#include <r4/thread.h>

#define SLOTS_MAX    256u
#define FIRST        (R4_PROGRAM_SLOT_FREE + 2u)
#define THREADS_MAX  64u
#define STACK_BYTES  4096u
#define SPARES_MAX   32u
#define CLOCK_TRIES  8u
#define STATUS_ODD   1
#define STATUS_USAGE 2

static struct {
    const char *name;
    struct r4_slots slots;
    uint64_t words[SLOTS_MAX / R4_SLOTS_WORD_BITS];
    struct r4_holdings holdings;
    struct r4_vspace vspace;
    struct r4_window window;
    struct r4_window_page pages[LAB_WINDOW_PAGES];
    struct r4_self self;
    struct domain_env env;
    uint32_t spare[SPARES_MAX]; /* memory of domains that have ended */
    uint32_t spares;
    uint32_t threads;
    uint8_t stacks[THREADS_MAX][STACK_BYTES] __attribute__((aligned(16)));
} lab;

void lab_must(const char *what, enum r4_err err)
{
    if (err != R4_OK) {
        r4_printf("%s: %s: %s: %s\n", lab.name, what, r4_err_name(err), r4_err_text(err));
        r4_exit(STATUS_ODD);
    }
}

void lab_equal(const char *what, uint64_t got, uint64_t wanted)
{
    if (got != wanted) {
        r4_printf("%s: %s: %lu instead of %lu\n", lab.name, what, got, wanted);
        r4_exit(STATUS_ODD);
    }
}

uint32_t lab_slots(uint32_t count)
{
    uint32_t first = 0;
    lab_must("taking slots", r4_slots_take(&lab.slots, count, &first));
    return first;
}

void lab_slots_back(uint32_t first, uint32_t count)
{
    lab_must("giving slots back", r4_slots_give(&lab.slots, first, count));
}

uint32_t lab_make(uint8_t type, uint8_t bits)
{
    uint32_t slot = lab_slots(1);
    lab_must("making an object",
             r4_untyped_retype(R4_PROGRAM_SLOT_UNTYPED, type, bits, 0, slot, 1));
    return slot;
}

uint32_t lab_badged(uint64_t badge)
{
    uint32_t plain = lab_make(R4_TYPE_NOTIFICATION, 0);
    uint32_t slot = lab_slots(1);
    lab_must("minting a badge", r4_cap_mint(plain, 0, slot, badge));
    lab_must("deleting what it was made from", r4_cap_delete(plain));
    lab_slots_back(plain, 1);
    return slot;
}

uint32_t lab_word(uint32_t near)
{
    uint32_t index = 0;
    lab_must("taking a word", r4_window_take(&lab.window, near, &index));
    return index;
}

uint64_t *lab_at(uint32_t index)
{
    return r4_window_word(&lab.window, index);
}

struct r4_window *lab_window(void)
{
    return &lab.window;
}

struct r4_self *lab_self(void)
{
    return &lab.self;
}

struct r4_vspace *lab_vspace(void)
{
    return &lab.vspace;
}

const struct domain_env *lab_env(void)
{
    return &lab.env;
}

uint32_t lab_cores(void)
{
    return r4_startup()->cores;
}

void lab_begin(const char *name)
{
    const struct r4_startup *s = r4_startup();
    lab.name = name;
    r4_slots_init(&lab.slots, lab.words, SLOTS_MAX / R4_SLOTS_WORD_BITS, FIRST, s->table_slots - 1);
    r4_holdings_init(&lab.holdings, &lab.slots);
    lab.vspace = (struct r4_vspace){
        .pd = R4_PROGRAM_SLOT_PD, .untyped = R4_PROGRAM_SLOT_UNTYPED, .holdings = &lab.holdings};
    r4_window_init(&lab.window, &lab.vspace, s->window, lab.pages, LAB_WINDOW_PAGES);
    lab.self = (struct r4_self){
        .window = &lab.window, .near = (uint16_t)lab_slots(1), .far = (uint16_t)lab_slots(1)};
    lab.env = (struct domain_env){.slots = &lab.slots,
                                  .self = &lab.vspace,
                                  .fill = LAB_FILL,
                                  .window = R4_PROGRAM_WINDOW,
                                  .table = R4_PROGRAM_SLOT_TABLE,
                                  .asids = LAB_ASIDS,
                                  .must = lab_must};
    lab_peer(R4_PROGRAM_SLOT_PD, lab.self.near, R4_PROGRAM_SLOT_PD, lab.self.far);
}

/* ------------------------------------------------------------------------------------------------
 * Threads
 */

uint32_t lab_thread(void (*entry)(uint64_t), uint64_t arg, uint32_t core)
{
    lab_equal("more threads than stacks", lab.threads < THREADS_MAX, true);
    const struct r4_thread_spec spec = {
        .entry = entry,
        .arg = arg,
        .stack = lab.stacks[lab.threads],
        .stack_bytes = STACK_BYTES,
        .core = core,
        .priority = (uint8_t)r4_startup()->priority,
    };
    uint32_t slot = lab_slots(1);
    lab.threads++;
    lab_must("making a thread", r4_thread_make(slot, &spec));
    return slot;
}

_Noreturn void lab_sleep(void)
{
    for (;;) {
        (void)r4_yield();
        __builtin_ia32_pause();
    }
}

/* ------------------------------------------------------------------------------------------------
 * Domains
 */

void lab_peer(uint32_t pd_a, uint16_t slot_a, uint32_t pd_b, uint16_t slot_b)
{
    const struct r4_peer_end a = {.pd = pd_a, .slot = slot_a};
    const struct r4_peer_end b = {.pd = pd_b, .slot = slot_b};
    uint32_t spare = lab_slots(1);
    lab_must("making a peer", r4_peer_make(R4_PROGRAM_SLOT_UNTYPED, spare, &a, &b));
    lab_slots_back(spare, 1);
}

void lab_window_domain(struct domain *d, uint64_t window_bytes)
{
    const uint32_t memory =
        lab.spares > 0 ? lab.spare[--lab.spares] : lab_make(R4_TYPE_UNTYPED, DOMAIN_BITS);
    domain_make(&lab.env, d, memory, window_bytes);
}

void lab_domain(struct domain *d, const uint64_t *words, uint32_t count, bool is_marked)
{
    lab_window_domain(d, R4_PAGE_BYTES);
    d->frame = domain_page(&lab.env, d, R4_PROGRAM_WINDOW, words, count);
    if (is_marked) {
        lab_must("marking it", r4_frame_mark(d->frame));
    }
}

void lab_domain_end(struct domain *d)
{
    domain_end(&lab.env, d);
    lab_equal("more domains than can be kept", lab.spares < SPARES_MAX, true);
    lab.spare[lab.spares++] = d->memory;
}

/* ------------------------------------------------------------------------------------------------
 * Arguments and figures
 */

static _Noreturn void refuse_arguments(const struct lab_parameter *parameters, uint32_t count)
{
    r4_printf("%s: expected %s", lab.name, count == 0 ? "no arguments" : "");
    for (uint32_t i = 0; i < count; i++) {
        r4_printf("[%s] ", parameters[i].name);
    }
    for (uint32_t i = 0; i < count; i++) {
        r4_printf("%s %s from %lu to %lu", i == 0 ? "with" : ",", parameters[i].name,
                  parameters[i].least, parameters[i].most);
    }
    r4_printf("\n");
    r4_exit(STATUS_USAGE);
}

void lab_arguments(int argc, char **argv, struct lab_parameter *parameters, uint32_t count)
{
    const uint32_t given = argc > 1 ? (uint32_t)argc - 1u : 0;
    bool is_valid = given <= count;
    for (uint32_t i = 0; i < given && is_valid; i++) {
        struct lab_parameter *p = &parameters[i];
        is_valid =
            number_parse(argv[i + 1], &p->value) && p->value >= p->least && p->value <= p->most;
    }
    if (!is_valid) {
        refuse_arguments(parameters, count);
    }
}

uint64_t lab_clock_cost(void)
{
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 0; i < CLOCK_TRIES; i++) {
        const uint64_t start = lab_clock();
        const uint64_t cost = lab_clock() - start;
        least = cost < least ? cost : least;
    }
    return least;
}

void lab_sample(struct lab_samples *s, uint64_t difference)
{
    const uint64_t cost = lab_clock_cost();
    if (s->count < LAB_SAMPLES) {
        s->sample[s->count++] = difference > cost ? difference - cost : 0;
    }
}

static void sort(struct lab_samples *s)
{
    for (uint32_t i = 1; i < s->count; i++) {
        const uint64_t value = s->sample[i];
        uint32_t at = i;
        for (; at > 0 && s->sample[at - 1] > value; at--) {
            s->sample[at] = s->sample[at - 1];
        }
        s->sample[at] = value;
    }
}

void lab_result(const char *what, struct lab_samples *s)
{
    sort(s);
    r4_printf("result %s n=%u min=%lu median=%lu max=%lu\n", what, s->count, s->sample[0],
              s->sample[s->count / 2], s->sample[s->count - 1]);
    s->count = 0;
}

void lab_audit(void)
{
    uint64_t violations = 0;
    uint64_t rule = 0;
    lab_must("auditing", r4_monitor_audit(LAB_MONITOR, &violations, &rule, NULL, NULL));
    lab_equal("a rule of the auditor is broken", rule, 0);
    lab_equal("violations", violations, 0);
}
