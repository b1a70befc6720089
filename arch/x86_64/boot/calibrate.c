/* SPDX-License-Identifier: MIT */
/*
 * Owns: the measurement of time-stamp counter and local timer against the PIT's channel 2, whose
 * frequency is fixed. It takes one to two milliseconds of spinning, with few port accesses: those
 * are what costs under an emulator.
 */
#include <arch/impl/core.h>
#include <x86/apic.h>
#include <x86/boot.h>
#include <x86/instructions.h>

#define PIT_HZ           UINT64_C(1193182)
#define PIT_COMMAND      0x43u
#define PIT_CHANNEL_2    0x42u
#define PIT_MODE_0       0xb0u /* channel 2, low byte then high byte, count down once */
#define PIT_LATCH        0x80u /* channel 2 */
#define PIT_WINDOW_TICKS 1200u /* about a millisecond */
#define PIT_START        0xffffu
#define PORT_B           0x61u
#define PORT_B_GATE      0x01u
#define PORT_B_SPEAKER   0x02u
#define PORT_B_ENDED     0x20u /* the counter went through 0 */
#define TRIES_MAX        10u
#define EDGE_READS_MAX   100000u
#define SPIN_LOOPS       2000u
#define WINDOW_READS_MAX 1000000u
#define FRACTION_BITS    32u
#define NS_PER_SECOND    UINT64_C(1000000000)
#define HZ_MIN           UINT64_C(1000000)

struct instant {
    uint64_t tsc;
    uint32_t apic; /* counts down */
    uint32_t pit;  /* ticks since start */
};

static struct x86_clock boot_clock;

const struct x86_clock *x86_boot_clock(void)
{
    return &boot_clock;
}

static void start_pit(void)
{
    uint8_t port_b = x86_inb(PORT_B);
    x86_outb(PORT_B, (uint8_t)((port_b & ~PORT_B_SPEAKER) | PORT_B_GATE));
    x86_outb(PIT_COMMAND, PIT_MODE_0);
    x86_outb(PIT_CHANNEL_2, PIT_START & 0xffu);
    x86_outb(PIT_CHANNEL_2, PIT_START >> 8);
}

static uint32_t read_pit(void)
{
    x86_outb(PIT_COMMAND, PIT_LATCH);
    uint32_t low = x86_inb(PIT_CHANNEL_2);
    uint32_t high = x86_inb(PIT_CHANNEL_2);
    return PIT_START - (high << 8 | low);
}

/* The three counters right after the PIT's next tick. */
static struct instant next_edge(volatile uint32_t *apic)
{
    uint32_t before = read_pit();
    for (uint32_t i = 0; i < EDGE_READS_MAX; i++) {
        uint32_t pit = read_pit();
        if (pit != before) {
            return (struct instant){.tsc = arch_cycles(),
                                    .apic = x86_apic_read(apic, X86_APIC_TIMER_CURRENT),
                                    .pit = pit};
        }
    }
    arch_boot_fail("the timer chip does not count", "PIT channel 2");
}

static void wait_until(uint32_t pit_ticks)
{
    for (uint32_t i = 0; i < WINDOW_READS_MAX; i++) {
        if (read_pit() >= pit_ticks) {
            return;
        }
        for (uint32_t spin = 0; spin < SPIN_LOOPS; spin++) {
            __asm__ volatile("");
        }
    }
    arch_boot_fail("the timer chip does not count", "PIT channel 2");
}

/* numerator / denominator with FRACTION_BITS bits of fraction; the whole part must fit. */
static uint64_t fraction(uint64_t numerator, uint64_t denominator)
{
    uint64_t whole = numerator / denominator;
    uint64_t rest = numerator % denominator;
    return whole << FRACTION_BITS | (rest << FRACTION_BITS) / denominator;
}

/* False if the counter ran out meanwhile: the machine did not get to run for long. */
static bool measure(volatile uint32_t *apic, struct instant *first, struct instant *last)
{
    start_pit();
    *first = next_edge(apic);
    wait_until(first->pit + PIT_WINDOW_TICKS);
    *last = next_edge(apic);
    return (x86_inb(PORT_B) & PORT_B_ENDED) == 0;
}

uint64_t arch_boot_calibrate(void)
{
    volatile uint32_t *apic = x86_boot_apic()->registers;
    struct instant first;
    struct instant last;
    unsigned tries = 0;
    x86_apic_write(apic, X86_APIC_TIMER_INITIAL, UINT32_MAX);
    while (!measure(apic, &first, &last)) {
        if (++tries == TRIES_MAX) {
            arch_boot_fail("the timer chip runs too fast to measure with", "PIT channel 2");
        }
        x86_apic_write(apic, X86_APIC_TIMER_INITIAL, UINT32_MAX);
    }
    x86_apic_write(apic, X86_APIC_TIMER_INITIAL, 0);

    uint64_t pit_ticks = last.pit - first.pit;
    uint64_t tsc_hz = (last.tsc - first.tsc) * PIT_HZ / pit_ticks;
    uint64_t apic_hz = (uint64_t)(first.apic - last.apic) * PIT_HZ / pit_ticks;
    if (tsc_hz < HZ_MIN || apic_hz < HZ_MIN) {
        arch_boot_fail("the processor's clocks do not count", "calibration");
    }
    boot_clock.tsc_base = first.tsc;
    boot_clock.ns_per_cycle = fraction(NS_PER_SECOND, tsc_hz);
    boot_clock.ticks_per_ns = fraction(apic_hz, NS_PER_SECOND);
    return (tsc_hz + 500000) / 1000000;
}
