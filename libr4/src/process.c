/* SPDX-License-Identifier: MIT */
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/cap_views.h>
#include <r4/page.h>
#include <r4/peer.h>
#include <r4/process.h>
#include <string.h>

#define STACK_FIRST (R4_PROGRAM_STACK_TOP - R4_PROGRAM_STACK_BYTES)
#define READ_WRITE  (R4_RIGHT_READ | R4_RIGHT_WRITE)

/* Page tables of the image (two regions of 2 MiB at least), the stack and the pages near it. */
#define TABLES_FIXED 6u

/* Room for the startup record while it is filled. */
static struct r4_startup record;

/*
 * log2 of the untyped that everything is made from, in this order: the program's untyped, table, PD,
 * thread, pages and page tables, the peer. Each is aligned where the ones before end, but the pages.
 */
static uint8_t size_bits_of(const struct elf_plan *plan, uint8_t untyped_bits)
{
    uint64_t image = r4_image_bytes(plan);
    uint64_t span = image >> 21;
    uint64_t bytes = (UINT64_C(1) << R4_PROCESS_TABLE_BITS) + (UINT64_C(1) << R4_PD_SIZE_BITS) +
                     (UINT64_C(1) << R4_THREAD_SIZE_BITS) + image + R4_PROGRAM_STACK_BYTES +
                     (3 + TABLES_FIXED + span + UINT64_C(2) * plan->segment_count) * R4_PAGE_BYTES;
    uint8_t bits = untyped_bits + 1;
    while ((UINT64_C(1) << bits) < bytes + (UINT64_C(1) << untyped_bits)) {
        bits++;
    }
    return bits;
}

/* Remembers what is being done and passes the result on. */
static enum r4_err at(struct r4_process_env *env, const char *step, enum r4_err err)
{
    env->step = step;
    return err;
}

#define TRY(step, call)                                                                            \
    do {                                                                                           \
        enum r4_err err_ = at(env, step, call);                                                    \
        if (err_ != R4_OK) {                                                                       \
            return err_;                                                                           \
        }                                                                                          \
    } while (0)

static enum r4_err make_more(struct r4_process_env *env, const struct r4_process_spec *spec,
                             struct r4_process *p)
{
    if (spec->more_bits == 0) {
        return R4_OK;
    }
    TRY("taking more memory", r4_memory_take(env->memory, spec->more_bits, &p->more_node));
    TRY("making more memory", r4_holdings_make(&p->holdings, env->memory->nodes[p->more_node].slot,
                                               R4_TYPE_UNTYPED, spec->more_bits, 1, &p->more));
    return R4_OK;
}

static enum r4_err make_objects(struct r4_process_env *env, struct r4_process *p)
{
    struct r4_holdings *h = &p->holdings;
    TRY("making its memory",
        r4_holdings_make(h, p->untyped, R4_TYPE_UNTYPED, p->untyped_bits, 1, &p->memory));
    TRY("making the capability table",
        r4_holdings_make(h, p->untyped, R4_TYPE_CAP_TABLE, R4_PROCESS_TABLE_BITS, 1, &p->table));
    TRY("making the protection domain", r4_holdings_make(h, p->untyped, R4_TYPE_PD, 0, 1, &p->pd));
    TRY("making the thread", r4_holdings_make(h, p->untyped, R4_TYPE_THREAD, 0, 1, &p->thread));
    TRY("configuring the protection domain",
        r4_pd_configure(p->pd, p->table, R4_PROGRAM_WINDOW, R4_WINDOW_BYTES_MAX));
    TRY("giving it an ASID", r4_asid_assign(env->asid_control, p->pd, NULL));
    p->table_slots = UINT32_C(1) << (R4_PROCESS_TABLE_BITS - 6);
    p->vspace = (struct r4_vspace){.pd = p->pd, .untyped = p->untyped, .holdings = h};
    return R4_OK;
}

/* One frame, mapped by the process to write and by us to read and to acknowledge. */
static enum r4_err make_output(struct r4_process_env *env, struct r4_process *p)
{
    uint32_t frame;
    uint32_t copy;
    TRY("making the output page",
        r4_holdings_make(&p->holdings, p->untyped, R4_TYPE_FRAME, R4_PAGE_BITS, 1, &frame));
    TRY("taking a slot", r4_holdings_take(&p->holdings, 1, &copy));
    TRY("copying the output page", r4_cap_copy(frame, 0, copy));
    TRY("mapping the output page", r4_vspace_map(&p->vspace, copy, R4_PROGRAM_OUTPUT, READ_WRITE));
    TRY("mapping the output page here",
        r4_vspace_map(env->self, frame, env->output_window, READ_WRITE));
    p->output = r4_output_ring((struct r4_output *)env->output_window);
    return R4_OK;
}

static enum r4_err make_memory(struct r4_process_env *env, const struct r4_process_spec *spec,
                               const struct elf_plan *plan, struct r4_process *p)
{
    struct r4_loader loader = {.self = env->self, .scratch = env->scratch, .target = &p->vspace};
    const struct r4_contents nothing = {.data = NULL};
    const struct r4_contents page = {
        .start = R4_PROGRAM_RECORD, .data = (const uint8_t *)&record, .bytes = sizeof record};
    record = (struct r4_startup){
        .cluster = spec->cluster,
        .clusters = spec->clusters,
        .cores = spec->cores,
        .core = spec->core,
        .priority = spec->priority,
        .table_slots = p->table_slots,
        .untyped_bits = p->untyped_bits,
        .cycles_per_us = spec->cycles_per_us,
        .window = R4_PROGRAM_WINDOW,
        .window_bytes = R4_WINDOW_BYTES_MAX,
        .parent = spec->with_peer ? R4_PROGRAM_SLOT_PARENT : 0,
        .more_bits = spec->more_bits,
    };
    TRY("passing the arguments", r4_startup_fill(&record, spec->argc, spec->argv));
    TRY("loading the image", r4_load_image(&loader, spec->image, plan));
    TRY("making the stack",
        r4_load_pages(&loader, STACK_FIRST, R4_PROGRAM_STACK_TOP, &nothing, READ_WRITE));
    TRY("making the startup record",
        r4_load_pages(&loader, R4_PROGRAM_RECORD, R4_PROGRAM_RECORD + R4_PAGE_BYTES, &page,
                      R4_RIGHT_READ));
    return make_output(env, p);
}

/* The program reads what it has by loads; the mapping goes with our capability for its table. */
static enum r4_err show_table(struct r4_process_env *env, struct r4_process *p)
{
    struct r4_cap_views views;
    TRY("showing the capability table",
        r4_cap_views_map(&views, &p->vspace, p->table, p->table_slots, R4_PROGRAM_VIEWS));
    return R4_OK;
}

static enum r4_err map_shares(struct r4_process_env *env, const struct r4_process_spec *spec,
                              struct r4_process *p)
{
    for (uint32_t i = 0; i < spec->share_count; i++) {
        const struct r4_process_share *share = &spec->shares[i];
        uint32_t copy;
        TRY("taking a slot", r4_holdings_take(&p->holdings, 1, &copy));
        TRY("copying a shared page", r4_cap_copy(share->slot, 0, copy));
        TRY("mapping a shared page",
            r4_vspace_map(&p->vspace, copy, share->address, share->access));
    }
    return R4_OK;
}

/* Fills the first slots of the new table. */
static enum r4_err give_capabilities(struct r4_process_env *env, const struct r4_process_spec *spec,
                                     struct r4_process *p)
{
    TRY("giving the capability table", r4_cap_copy(p->table, p->table, R4_PROGRAM_SLOT_TABLE));
    TRY("giving the protection domain", r4_cap_copy(p->pd, p->table, R4_PROGRAM_SLOT_PD));
    TRY("giving the thread", r4_cap_copy(p->thread, p->table, R4_PROGRAM_SLOT_THREAD));
    TRY("giving the output signal",
        r4_cap_derive(env->events, p->table, R4_PROGRAM_SLOT_OUTPUT, R4_RIGHT_SIGNAL));
    TRY("giving memory", r4_cap_move(p->memory, p->table, R4_PROGRAM_SLOT_UNTYPED));
    if (p->more != 0) {
        TRY("giving more memory", r4_cap_move(p->more, p->table, R4_PROGRAM_SLOT_MORE));
    }
    for (uint32_t i = 0; i < spec->gift_count; i++) {
        const struct r4_process_gift *gift = &spec->gifts[i];
        TRY("giving more", r4_cap_derive(gift->slot, p->table, gift->dest, gift->rights));
    }
    return R4_OK;
}

/* The end in our table goes when the process does: the peer is made from its memory. */
static enum r4_err make_peer(struct r4_process_env *env, struct r4_process *p)
{
    uint32_t slots;
    TRY("taking slots for a peer", r4_holdings_take(&p->holdings, 2, &slots));
    const struct r4_peer_end ours = {.pd = env->pd, .slot = (uint16_t)slots};
    const struct r4_peer_end its = {.pd = p->pd, .slot = R4_PROGRAM_SLOT_PARENT};
    if (slots >= R4_PEER_SLOTS) {
        return at(env, "taking a slot for a peer", R4_E_LIMIT);
    }
    TRY("making a peer", r4_peer_make(p->untyped, slots + 1, &ours, &its));
    p->peer = slots;
    return R4_OK;
}

/* Up to 16 bytes of the name as the call takes them. */
static enum r4_err set_name(uint32_t thread, const char *name)
{
    uint64_t word[2] = {0, 0};
    size_t bytes = strlen(name);
    memcpy(word, name, bytes < sizeof word ? bytes : sizeof word);
    return r4_thread_set_name(thread, word[0], word[1]);
}

static enum r4_err start(struct r4_process_env *env, const struct r4_process_spec *spec,
                         const struct elf_plan *plan, struct r4_process *p)
{
    TRY("configuring the thread",
        r4_thread_configure(p->thread, p->pd, spec->core, spec->priority));
    TRY("binding its faults", r4_thread_bind_fault(p->thread, env->events));
    TRY("naming the thread", set_name(p->thread, spec->argc > 0 ? spec->argv[0] : "?"));
    TRY("starting the thread",
        r4_thread_start(p->thread, plan->entry, R4_PROGRAM_STACK_TOP, R4_PROGRAM_RECORD, 0));
    return R4_OK;
}

static enum r4_err build(struct r4_process_env *env, const struct r4_process_spec *spec,
                         const struct elf_plan *plan, struct r4_process *p)
{
    enum r4_err err = make_objects(env, p);
    if (err == R4_OK) {
        err = make_more(env, spec, p);
    }
    if (err == R4_OK) {
        err = make_memory(env, spec, plan, p);
    }
    if (err == R4_OK) {
        err = show_table(env, p);
    }
    if (err == R4_OK) {
        err = map_shares(env, spec, p);
    }
    if (err == R4_OK) {
        err = give_capabilities(env, spec, p);
    }
    if (err == R4_OK && spec->with_peer) {
        err = make_peer(env, p);
    }
    if (err == R4_OK) {
        err = start(env, spec, plan, p);
    }
    return err;
}

enum r4_err r4_process_create(struct r4_process_env *env, const struct r4_process_spec *spec,
                              struct r4_process *p)
{
    static struct elf_plan plan;
    const struct elf_limits limits = {.first = R4_PROGRAM_FIRST, .end = R4_PROGRAM_END};
    enum elf_reason reason = elf_check(spec->image, spec->image_bytes, limits, &plan);
    if (reason != ELF_OK) {
        return at(env, elf_reason_text(reason), R4_E_STATE);
    }
    *p = (struct r4_process){
        .memory_node = R4_MEMORY_NONE,
        .more_node = R4_MEMORY_NONE,
        .untyped_bits = spec->untyped_bits != 0 ? spec->untyped_bits : R4_PROCESS_UNTYPED_BITS,
    };
    r4_holdings_init(&p->holdings, env->slots);
    TRY("taking memory",
        r4_memory_take(env->memory, size_bits_of(&plan, p->untyped_bits), &p->memory_node));
    p->untyped = env->memory->nodes[p->memory_node].slot;
    enum r4_err err = build(env, spec, &plan, p);
    if (err != R4_OK) {
        const char *step = env->step;
        (void)r4_process_destroy(env, p);
        env->step = step;
    }
    return err;
}

/*
 * One revoke ends its threads and empties its tables, wherever it hid the capabilities for them. What
 * is left is ours: copies of shared pages.
 */
enum r4_err r4_process_destroy(struct r4_process_env *env, struct r4_process *p)
{
    enum r4_err err = r4_memory_give(env->memory, p->memory_node);
    enum r4_err more =
        p->more_node == R4_MEMORY_NONE ? R4_OK : r4_memory_give(env->memory, p->more_node);
    r4_holdings_release(&p->holdings);
    return err != R4_OK ? err : more;
}
