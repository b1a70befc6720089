/* SPDX-License-Identifier: MIT */
/*
 * Owns: rows in which one thread hands the core to another one.
 *   signal_no_waiter  a signal that nobody waits for
 *   signal_waiter     a signal to a higher thread of another address space, until that thread runs
 *   yield_other       from a thread to an equal one of another address space, until that one runs
 *   irq_user          a device's interrupt in user mode, until a higher thread of another address
 *                     space runs that waits for it
 * The partner reads the clock as its first action and leaves the difference in the shared page.
 */
#include "world.h"

#include <r4/abi/enums.h>
#include <r4/abi/objects.h>
#include <r4/abi/stubs.h>

#define HIGHER (BENCH_PRIORITY + 1u)

static void run_signal_no_waiter(struct bench *b)
{
    uint32_t n = world_make(R4_TYPE_NOTIFICATION, 0);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        enum r4_err err;
        uint64_t bits = 0;
        BENCH_MEASURE(b, err = r4_notification_signal(n));
        bench_check("signal", err, R4_OK);
        bench_check("poll", r4_notification_poll(n, &bits), R4_OK);
        bench_check("the bits of a signal", bits, 1);
    }
    bench_end(b, "signal_no_waiter");
}

static void waiter(uint64_t address, uint64_t n)
{
    volatile struct bench_page *page = (struct bench_page *)address;
    for (;;) {
        struct r4_result r = r4_invoke0((uint32_t)n, R4_CALL_NOTIFICATION_WAIT);
        uint32_t end = bench_clock();
        page->sample = end - page->start;
        page->wrong += r.err != R4_OK || r.m[0] != 1;
        page->rounds++;
    }
}

/* The partner's part of a round is there and was right. */
static void take_partner(struct bench *b, const char *what, uint32_t round)
{
    bench_check(what, b->page->rounds, round + 1);
    bench_check(what, b->page->wrong, 0);
    bench_sample(b, b->page->sample);
}

static void run_signal_waiter(struct bench *b)
{
    volatile struct bench_page *page = b->page;
    uint32_t n = world_make(R4_TYPE_NOTIFICATION, 0);
    page->rounds = 0;
    page->wrong = 0;
    uint32_t thread = world_partner(waiter, n, 0, HIGHER); /* runs at once, until it waits */
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        page->start = bench_clock();
        enum r4_err err = r4_notification_signal(n);
        bench_check("signal", err, R4_OK);
        take_partner(b, "the waiter", i);
    }
    bench_end(b, "signal_waiter");
    world_must("ending the waiter", r4_cap_delete(thread));
}

static void yielder(uint64_t address, uint64_t unused)
{
    volatile struct bench_page *page = (struct bench_page *)address;
    (void)unused;
    for (;;) {
        struct r4_result r = r4_invoke0(0, R4_CALL_YIELD);
        uint32_t end = bench_clock();
        page->sample = end - page->start;
        page->wrong += r.err != R4_OK;
        page->rounds++;
    }
}

static void run_yield_other(struct bench *b)
{
    volatile struct bench_page *page = b->page;
    uint32_t thread = world_partner(yielder, 0, 0, BENCH_PRIORITY);
    world_must("the first yield", r4_yield()); /* the partner yields back without having measured */
    page->rounds = 0;
    page->wrong = 0;
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        page->start = bench_clock();
        enum r4_err err = r4_yield();
        bench_check("yield", err, R4_OK);
        take_partner(b, "the yielder", i);
    }
    bench_end(b, "yield_other");
    world_must("ending the yielder", r4_cap_delete(thread));
}

/*
 * The device is the first serial port, whose transmitter is always empty: enabling that interrupt
 * raises it, inside of the call that writes the register. The kernel runs with interrupts off, so
 * it is taken in user mode, before the first instruction after the call.
 */
enum uart_register {
    UART_INTERRUPT_ENABLE = 1,
    UART_INTERRUPT_CAUSE = 2,
    UART_MODEM_CONTROL = 4,
};

#define UART_PORT         0x3f8u
#define UART_LINE         4u
#define UART_ENABLE_EMPTY 0x02u
#define UART_CAUSE_EMPTY  0x02u /* reading it clears it */
#define UART_CAUSE_MASK   0x0fu /* the rest tells of queues */
#define UART_MODEM_LINES  0x0bu /* DTR, RTS; OUT2 gates the interrupt */

static enum r4_err write_uart(enum uart_register number, uint32_t value)
{
    return r4_io_write(R4_INIT_SLOT_SERIAL_PORTS, (uint16_t)(UART_PORT + number), 1, value);
}

/*
 * What this thread sees pass from before the call until the reading after it. One copy of the code,
 * so that both kinds of writes execute the same instructions.
 */
static __attribute__((noinline)) uint32_t write_enable(volatile struct bench_page *page,
                                                       uint32_t value)
{
    page->start = bench_clock();
    enum r4_err err = write_uart(UART_INTERRUPT_ENABLE, value);
    uint32_t end = bench_clock();
    bench_check("enabling the device's interrupt", err, R4_OK);
    return end - page->start;
}

static uint32_t take_uart_line(uint32_t notification)
{
    uint32_t handler = world_slots(1);
    world_must("taking the line",
               r4_irq_get(R4_INIT_SLOT_IRQ_CONTROL, UART_LINE, R4_IRQ_MODE_EDGE, 0, handler));
    world_must("binding the line", r4_irq_bind(handler, notification));
    world_must("silencing the device", write_uart(UART_INTERRUPT_ENABLE, 0));
    world_must("opening its gate", write_uart(UART_MODEM_CONTROL, UART_MODEM_LINES));
    return handler;
}

/* The device raised the interrupt, it was delivered once, and it is over now. */
static void finish_interrupt(uint32_t handler, uint32_t round)
{
    uint64_t cause = 0;
    uint64_t delivered = 0;
    uint64_t merged = 0;
    world_must("reading the cause",
               r4_io_read(R4_INIT_SLOT_SERIAL_PORTS, UART_PORT + UART_INTERRUPT_CAUSE, 1, &cause));
    bench_check("the device's cause", cause & UART_CAUSE_MASK, UART_CAUSE_EMPTY);
    world_must("silencing the device", write_uart(UART_INTERRUPT_ENABLE, 0));
    world_must("acknowledging the interrupt", r4_irq_ack(handler));
    world_must("reading the line", r4_irq_state(handler, NULL, &delivered, &merged));
    bench_check("interrupts delivered", delivered, round + 1);
    bench_check("interrupts merged", merged, 0);
}

static void run_irq_user(struct bench *b)
{
    volatile struct bench_page *page = b->page;
    uint32_t n = world_make(R4_TYPE_NOTIFICATION, 0);
    uint32_t handler = take_uart_line(n);
    page->rounds = 0;
    page->wrong = 0;
    uint32_t thread = world_partner(waiter, n, 0, HIGHER);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        uint32_t quiet = write_enable(page, 0);
        bench_check("interrupts before the device is enabled", page->rounds, i);
        uint32_t resumed = write_enable(page, UART_ENABLE_EMPTY);
        bench_check("the waiter's rounds", page->rounds, i + 1);
        bench_check("the waiter's results", page->wrong, 0);
        bench_check("the interrupt came before the reading", resumed > page->sample, true);
        finish_interrupt(handler, i);
        /* `quiet` holds the cost of reading already, which bench_sample takes off again. */
        bench_sample(b, page->sample - quiet + b->own_cost);
    }
    bench_end(b, "irq_user");
    world_must("ending the waiter", r4_cap_delete(thread));
    world_must("giving the line back", r4_cap_delete(handler));
}

const struct bench_row rows_switch[] = {
    {"signal_no_waiter", run_signal_no_waiter},
    {"signal_waiter", run_signal_waiter},
    {"yield_other", run_yield_other},
    {"irq_user", run_irq_user},
    {NULL, NULL},
};
