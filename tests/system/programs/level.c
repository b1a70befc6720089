/* SPDX-License-Identifier: MIT */
/*
 * level: a root task of its own (boot option root=bin/level) that serves a device as a program does
 * whose interrupt line is level-triggered. The device is the first serial port: with its transmitter
 * empty, enabling that interrupt raises the line, and the port holds it until its cause register is
 * read. The same is then done with the line taken by its edges, so that the two can be told apart.
 * Ends the machine with PASS, or with FAIL and a sentence on the console.
 */
#include <r4/abi/counters.h>
#include <r4/abi/enums.h>
#include <r4/abi/exits.h>
#include <r4/abi/layout.h>
#include <r4/abi/objects.h>
#include <r4/abi/structs.h>
#include <r4/abi/stubs.h>
#include <r4/format.h>
#include <string.h>

#define PORT         0x3f8u
#define ENABLE       (PORT + 1u)
#define CAUSE        (PORT + 2u)
#define MODEM        (PORT + 4u)
#define ENABLE_EMPTY 0x02u
#define CAUSE_EMPTY  0x02u
#define CAUSE_MASK   0x0fu
#define MODEM_GATE   0x0bu /* DTR, RTS; OUT2 gates the interrupt */
#define LINE         4u
#define BADGE        UINT64_C(0x20)
#define LOOKS        1000u /* calls during each of which a line that is not masked would interrupt */
#define WRITE_BYTES  40u
#define MONITOR      R4_INIT_SLOT_MONITOR

/* Slots that boot leaves empty. */
static uint32_t notification;
static uint32_t badged;
static uint32_t handler;

__asm__(".section .text.start, \"ax\", @progbits\n"
        ".globl _start\n"
        "_start:\n"
        "    xorl %ebp, %ebp\n"
        "    andq $-16, %rsp\n"
        "    call root_main\n"
        "    ud2\n"
        ".text\n");

static _Noreturn void sleep_for_ever(void)
{
    for (;;) {
        (void)r4_thread_suspend(R4_INIT_SLOT_THREAD);
    }
}

static _Noreturn void end(enum r4_exit status)
{
    (void)r4_monitor_exit(MONITOR, (uint8_t)status);
    sleep_for_ever();
}

static void say(const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        uint64_t w[WRITE_BYTES / 8] = {0};
        const size_t piece = left < WRITE_BYTES ? left : WRITE_BYTES;
        memcpy(w, text, piece);
        uint64_t taken = 0;
        (void)r4_monitor_console_write(MONITOR, (uint8_t)piece, w[0], w[1], w[2], w[3], w[4],
                                       &taken);
        text += taken;
        left -= taken;
    }
}

static void check(const char *what, uint64_t got, uint64_t wanted)
{
    char text[160];
    if (got != wanted) {
        r4_snprintf(text, sizeof text, "level: %s: got %lu, expected %lu\n", what, got, wanted);
        say(text);
        end(R4_EXIT_FAIL);
    }
}

static void must(const char *what, enum r4_err err)
{
    check(what, err, R4_OK);
}

/* ------------------------------------------------------------------------------------------------
 * The device
 */

static void write_port(uint32_t port, uint32_t value)
{
    must("writing a port", r4_io_write(R4_INIT_SLOT_SERIAL_PORTS, (uint16_t)port, 1, value));
}

/* The port raises its line. */
static void provoke(void)
{
    write_port(ENABLE, 0);
    write_port(ENABLE, ENABLE_EMPTY);
}

/* The port lets its line go: reading the cause takes it away. */
static void serve(void)
{
    uint64_t cause = 0;
    must("reading the cause", r4_io_read(R4_INIT_SLOT_SERIAL_PORTS, CAUSE, 1, &cause));
    check("the cause", cause & CAUSE_MASK, CAUSE_EMPTY);
}

/* ------------------------------------------------------------------------------------------------
 * The line
 */

static void take_line(enum r4_irq_mode mode)
{
    must("taking the line", r4_irq_get(R4_INIT_SLOT_IRQ_CONTROL, LINE, (uint8_t)mode, 0, handler));
    must("binding the line", r4_irq_bind(handler, badged));
}

/* So many interrupts were delivered to the handler, whether one is not acknowledged, and no other entered the kernel. */
static void expect_line(const char *what, uint64_t delivered, bool is_open)
{
    static uint64_t before;
    uint64_t info = 0;
    uint64_t count = 0;
    uint64_t merged = 0;
    uint64_t entries = 0;
    must("reading the line", r4_irq_state(handler, &info, &count, &merged));
    must("counting", r4_monitor_counter(MONITOR, R4_COUNTER_DEVICE_INTERRUPTS, 0, &entries));
    check(what, count, delivered);
    check(what, r4_irq_info_delivered(info), !is_open);
    if (delivered == 0) {
        before = entries;
    }
    check("interrupts that entered the kernel", entries - before, delivered);
    check("interrupts that were merged", merged, 0);
}

/* One signal was there, and no more comes however long one looks. */
static void expect_signals(const char *what, uint64_t expected)
{
    uint64_t bits = 0;
    uint64_t found = 0;
    for (uint32_t i = 0; i < LOOKS; i++) {
        if (r4_notification_poll(notification, &bits) == R4_OK) {
            check("the badge", bits, BADGE);
            found++;
        }
    }
    check(what, found, expected);
}

static void expect_waited_for(void)
{
    uint64_t bits = 0;
    must("waiting", r4_notification_wait(notification, &bits));
    check("the badge", bits, BADGE);
}

static void serve_by_level(void)
{
    take_line(R4_IRQ_MODE_LEVEL);
    expect_line("before anything", 0, true);
    expect_signals("before anything", 0);

    provoke();
    expect_signals("raised", 1);
    expect_line("held by the device, masked until it is acknowledged", 1, false);

    must("acknowledging", r4_irq_ack(handler));
    expect_signals("acknowledged without being served", 1);
    expect_line("acknowledged without being served", 2, false);

    serve();
    must("acknowledging", r4_irq_ack(handler));
    expect_signals("served", 0);
    expect_line("served", 2, true);

    must("masking", r4_irq_mask(handler));
    provoke();
    expect_signals("raised behind the mask", 0);
    expect_line("raised behind the mask", 2, true);
    must("unmasking", r4_irq_unmask(handler));
    expect_waited_for();
    expect_line("still raised when the mask went", 3, false);
    serve();
    must("acknowledging", r4_irq_ack(handler));

    must("masking", r4_irq_mask(handler));
    provoke();
    serve();
    must("unmasking", r4_irq_unmask(handler));
    expect_signals("raised and served behind the mask", 0);
    expect_line("raised and served behind the mask", 3, true);

    must("giving the line back", r4_cap_delete(handler));
}

/* What an edge-triggered line does otherwise. */
static void serve_by_edge(void)
{
    take_line(R4_IRQ_MODE_EDGE);
    expect_line("edge: before anything", 0, true);
    provoke();
    expect_signals("edge: raised", 1);
    expect_line("edge: raised", 1, false);
    must("acknowledging", r4_irq_ack(handler));
    expect_signals("edge: acknowledged without being served", 0);
    expect_line("edge: acknowledged without being served", 1, true);
    must("masking", r4_irq_mask(handler));
    serve();
    provoke();
    serve();
    must("unmasking", r4_irq_unmask(handler));
    expect_signals("edge: raised and served behind the mask", 1);
    must("acknowledging", r4_irq_ack(handler));
    must("giving the line back", r4_cap_delete(handler));
}

/* Called by _start with the address of the boot-info page. */
_Noreturn void root_main(const struct r4_bootinfo *info);

_Noreturn void root_main(const struct r4_bootinfo *info)
{
    if (info->cluster != 0) {
        sleep_for_ever();
    }
    notification = info->first_free_slot;
    badged = notification + 1;
    handler = notification + 2;
    must("making a notification",
         r4_untyped_retype(R4_INIT_SLOT_UNTYPED, R4_TYPE_NOTIFICATION, 0, 0, notification, 1));
    must("minting", r4_cap_mint(notification, 0, badged, BADGE));
    write_port(ENABLE, 0);
    write_port(MODEM, MODEM_GATE);
    serve_by_level();
    serve_by_edge();
    end(R4_EXIT_PASS);
}
