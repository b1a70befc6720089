/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include "console.h"

#include "../console/protocol.h"

#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <string.h>

#define SERVER_NAME     "sys/console"
#define SERVER_PRIORITY 200u /* above the root task: a byte that comes is carried at once */
#define SERVER_CORE     0u   /* where its interrupts arrive */
#define AHEAD_BYTES     4096u
#define PAGE_STEP       (2 * R4_PAGE_BYTES)
#define READ_WRITE      (R4_RIGHT_READ | R4_RIGHT_WRITE)
#define INTERRUPT       '\3' /* Ctrl-C */

static struct terminal {
    struct root *root;
    bool is_served;
    struct r4_process_env env;
    struct r4_process server;
    struct console_client_page *client_page;
    const struct console_server_page *server_page;
    struct r4_ring output;
    struct r4_ring input;
    uint32_t bell;      /* notification of the server, with CONSOLE_BIT_CLIENT */
    size_t ahead_first; /* typed and not read yet: from here up to the end */
    size_t ahead_end;
    uint32_t interrupts; /* how often Ctrl-C was seen */
    char ahead[AHEAD_BYTES];
} terminal;

/* ------------------------------------------------------------------------------------------------
 * The server's start
 */

static void check(const char *what, enum r4_err err)
{
    if (err != R4_OK) {
        root_fail(terminal.root, what, err);
    }
}

/* A frame, mapped at `address` of the root task. */
static uint32_t make_page(uint64_t address, uint16_t access)
{
    struct r4_vspace *vspace = &terminal.root->vspace;
    uint32_t frame = 0;
    check("making a page for the console",
          r4_holdings_make(vspace->holdings, vspace->untyped, R4_TYPE_FRAME, R4_PAGE_BITS, 1,
                           &frame));
    check("mapping a page for the console", r4_vspace_map(vspace, frame, address, access));
    return frame;
}

static uint32_t take_slot(void)
{
    uint32_t slot = 0;
    check("taking a slot", r4_holdings_take(&terminal.root->holdings, 1, &slot));
    return slot;
}

static uint32_t mint(uint32_t notification, uint64_t badge)
{
    uint32_t slot = take_slot();
    check("minting a notification", r4_cap_mint(notification, 0, slot, badge));
    return slot;
}

/* The handler of the device's line; signals the bell. */
static uint32_t make_handler(uint32_t bell)
{
    uint32_t handler = take_slot();
    check("taking the console's interrupt",
          r4_irq_get(R4_INIT_SLOT_IRQ_CONTROL, CONSOLE_LINE, R4_IRQ_MODE_EDGE, 0, handler));
    check("binding the console's interrupt", r4_irq_bind(handler, mint(bell, CONSOLE_BIT_IRQ)));
    return handler;
}

static void make_rings(void)
{
    struct terminal *t = &terminal;
    t->output = (struct r4_ring){
        .data = t->client_page->output,
        .size = CONSOLE_RING_BYTES,
        .produced = &t->client_page->output_produced,
        .consumed = (uint64_t *)(uintptr_t)&t->server_page->output_consumed,
    };
    t->input = (struct r4_ring){
        .data = (uint8_t *)(uintptr_t)t->server_page->input,
        .size = CONSOLE_RING_BYTES,
        .produced = (uint64_t *)(uintptr_t)&t->server_page->input_produced,
        .consumed = &t->client_page->input_consumed,
    };
}

static void launch(const struct cpio_file *image, const struct r4_process_gift *gifts,
                   const struct r4_process_share *shares)
{
    static const char *const arguments[] = {"console"};
    const struct r4_bootinfo *info = terminal.root->info;
    const struct r4_process_spec spec = {
        .image = image->data,
        .image_bytes = image->bytes,
        .argc = 1,
        .argv = arguments,
        .core = SERVER_CORE,
        .priority = SERVER_PRIORITY,
        .gifts = gifts,
        .gift_count = CONSOLE_SLOT_END - CONSOLE_SLOT_PORTS,
        .shares = shares,
        .share_count = 2,
        .cluster = info->cluster,
        .clusters = info->clusters,
        .cores = info->cores,
        .cycles_per_us = info->cycles_per_us,
    };
    enum r4_err err = r4_process_create(&terminal.env, &spec, &terminal.server);
    if (err != R4_OK) {
        root_fail(terminal.root, terminal.env.step, err);
    }
}

void terminal_start(struct root *root)
{
    const uint64_t base = root->info->free_address + ROOT_CONSOLE_OFFSET;
    struct cpio_file image;
    uint32_t bell = 0;
    terminal.root = root;
    terminal.env = root->env;
    terminal.env.output_window = base;
    if (cpio_find(&root->archive, SERVER_NAME, &image) != CPIO_OK) {
        root_fail(root, "finding sys/console in the boot archive", R4_E_EMPTY);
    }
    const struct r4_process_share shares[] = {
        {make_page(base + PAGE_STEP, READ_WRITE), CONSOLE_CLIENT_ADDRESS, R4_RIGHT_READ},
        {make_page(base + 2 * PAGE_STEP, R4_RIGHT_READ), CONSOLE_SERVER_ADDRESS, READ_WRITE},
    };
    terminal.client_page = (struct console_client_page *)(base + PAGE_STEP);
    terminal.server_page = (const struct console_server_page *)(base + 2 * PAGE_STEP);
    make_rings();
    check(
        "making the console's notification",
        r4_holdings_make(&root->holdings, root->vspace.untyped, R4_TYPE_NOTIFICATION, 0, 1, &bell));
    const struct r4_process_gift gifts[] = {
        {R4_INIT_SLOT_SERIAL_PORTS, CONSOLE_SLOT_PORTS, READ_WRITE},
        {make_handler(bell), CONSOLE_SLOT_IRQ, R4_RIGHT_CONTROL},
        {bell, CONSOLE_SLOT_BELL, R4_RIGHT_RECEIVE},
        {root->events, CONSOLE_SLOT_CLIENT, R4_RIGHT_SIGNAL},
    };
    terminal.bell = mint(bell, CONSOLE_BIT_CLIENT);
    launch(&image, gifts, shares);
    terminal.is_served = true;
}

/* ------------------------------------------------------------------------------------------------
 * Waiting
 */

static void pass_on_text(void *context, const char *text, size_t bytes)
{
    (void)context;
    console_write(text, bytes);
}

/* The server has ended or writes nonsense: from now on the kernel writes. */
static void give_up(const char *why)
{
    static const char start[] = "\nroot task: the console server ", end[] = "\n";
    terminal.is_served = false;
    console_write(start, sizeof start - 1);
    console_write(why, strlen(why));
    console_write(end, sizeof end - 1);
}

/* Sleeps until something happens; finds out if the server has ended. */
static void sleep(void)
{
    enum r4_err err = r4_notification_wait(terminal.root->events, NULL);
    if (err != R4_OK) {
        terminal.is_served = false; /* or saying so would wait again */
        root_fail(terminal.root, "waiting for the console", err);
    }
    if (r4_process_look(&terminal.env, &terminal.server, pass_on_text, NULL) != R4_PROCESS_RUNS) {
        give_up("has ended");
    }
}

static void ring_server(void)
{
    (void)r4_notification_signal(terminal.bell);
}

/* ------------------------------------------------------------------------------------------------
 * Output
 */

static uint64_t output_room(void)
{
    uint64_t room = 0;
    if (terminal.is_served && !r4_ring_room(&terminal.output, &room)) {
        give_up("broke the protocol");
    }
    return room;
}

/* Bytes that have not reached the device. */
static uint64_t output_left(void)
{
    /* Pairs with the release in ../console/main.c. */
    return terminal.output.mine -
           __atomic_load_n(&terminal.server_page->output_written, __ATOMIC_ACQUIRE);
}

static bool has_room(void)
{
    return output_room() > 0;
}

static bool is_flushed(void)
{
    return output_left() == 0;
}

/* Waits for output to get on. Whoever waits for other things wakes, too. */
static void wait_for_output(bool (*is_enough)(void))
{
    uint32_t *waits = &terminal.client_page->waits;
    __atomic_store_n(waits, 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    while (terminal.is_served && !is_enough()) {
        sleep();
    }
    __atomic_store_n(waits, 0, __ATOMIC_RELAXED);
    (void)r4_notification_signal(terminal.root->events);
}

void terminal_write_raw(const char *bytes, size_t count)
{
    while (terminal.is_served && count > 0) {
        uint64_t room = output_room();
        uint64_t piece = count < room ? count : room;
        if (piece > 0) {
            r4_ring_put(&terminal.output, bytes, piece);
            ring_server();
            bytes += piece;
            count -= piece;
        } else if (terminal.is_served) {
            wait_for_output(has_room);
        }
    }
    if (count > 0) {
        console_write_raw(bytes, count);
    }
}

void terminal_write(const char *text, size_t bytes)
{
    console_clean(terminal_write_raw, text, bytes);
}

void terminal_flush(void)
{
    if (terminal.is_served && !is_flushed()) {
        wait_for_output(is_flushed);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Input
 */

/* Takes what was typed out of the ring, as far as there is room here. */
static void take_input(void)
{
    struct terminal *t = &terminal;
    uint64_t filled = 0;
    if (!t->is_served) {
        return;
    }
    if (!r4_ring_filled(&t->input, &filled)) {
        give_up("broke the protocol");
        return;
    }
    if (t->ahead_first > 0) {
        t->ahead_end -= t->ahead_first;
        memmove(t->ahead, t->ahead + t->ahead_first, t->ahead_end);
        t->ahead_first = 0;
    }
    const size_t room = AHEAD_BYTES - t->ahead_end;
    const size_t piece = filled < room ? filled : room;
    if (piece == 0) {
        return;
    }
    r4_ring_get(&t->input, t->ahead + t->ahead_end, piece);
    t->ahead_end += piece;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&t->server_page->waits, __ATOMIC_RELAXED) != 0) {
        ring_server();
    }
}

char terminal_read(void)
{
    if (terminal.ahead_first == terminal.ahead_end) {
        take_input();
    }
    while (terminal.ahead_first == terminal.ahead_end) {
        if (!terminal.is_served) {
            root_end(STATUS_FAILED); /* nobody can type any more */
        }
        sleep();
        take_input();
    }
    return terminal.ahead[terminal.ahead_first++];
}

bool terminal_is_interrupted(void *unused)
{
    (void)unused;
    take_input();
    for (size_t i = terminal.ahead_end; i > terminal.ahead_first; i--) {
        if (terminal.ahead[i - 1] == INTERRUPT) {
            terminal.ahead_first = i;
            terminal.interrupts++;
            return true;
        }
    }
    return false;
}

uint32_t terminal_interrupts(void)
{
    return terminal.interrupts;
}
