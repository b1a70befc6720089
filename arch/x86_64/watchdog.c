/* SPDX-License-Identifier: MIT */
/*
 * Owns: the end of a machine that was given so many seconds (`watchdog_s=N`). It shares the boot core's local timer: what the
 * scheduler arms is cut to the watchdog's time, and a timer that stops goes on for the watchdog.
 * Not here: a kernel that keeps interrupts off for ever; only the host sees that.
 */
#include <arch/boot.h>
#include <arch/machine.h>
#include <kernel/core.h>
#include <lib/channel_frame.h>
#include <r4/abi/exits.h>
#include <x86/watchdog.h>

#define NS_PER_S UINT64_C(1000000000)

void arch_boot_watchdog(struct core *core, uint32_t seconds)
{
    core->arch.watchdog_ns = arch_now_ns(core) + seconds * NS_PER_S;
}

uint64_t x86_watchdog_limit(const struct core *core, uint64_t ns)
{
    const uint64_t now = arch_now_ns(core);
    const uint64_t left = now < core->arch.watchdog_ns ? core->arch.watchdog_ns - now : 1;
    return ns < left ? ns : left;
}

static _Noreturn void bite(void)
{
    static const char text[] = "\nwatchdog: the time is up\n";
    static const char json[] = "{\"type\":\"watchdog\"}";
    char frame[sizeof json + CHANNEL_FRAME_EXTRA_BYTES];
    arch_console_write(text, sizeof text - 1);
    arch_channel_write(frame, channel_frame_encode(frame, sizeof frame, json, sizeof json - 1));
    arch_exit(R4_EXIT_WATCHDOG);
}

void x86_watchdog(struct core *core)
{
    if (arch_now_ns(core) >= core->arch.watchdog_ns) {
        bite();
    }
    arch_timer_arm(core, UINT64_MAX);
}
