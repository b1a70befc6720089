/* SPDX-License-Identifier: MIT */
/*
 * Owns: starting the other cores, one at a time, and letting all of them go at once. A core that
 * is up idles in the kernel's ordinary idle loop, with its own page table; the first interrupt
 * after the release makes it call kernel_start (trap.c).
 */
#include <arch/impl/mmu.h>
#include <arch/machine.h>
#include <kernel/core.h>
#include <r4/abi/limits.h>
#include <string.h>
#include <x86/apic.h>
#include <x86/boot.h>
#include <x86/instructions.h>
#include <x86/trap.h>

#define CPUID_FEATURES       1u
#define CPUID_ECX_HYPERVISOR (1u << 31)
#define TRAMPOLINE_PAGE      (X86_TRAMPOLINE_PADDR >> R4_PAGE_BITS)
#define INIT_DELAY_NS        UINT64_C(10000000)
#define FIRST_TRY_NS         UINT64_C(100000000)
#define SECOND_TRY_NS        UINT64_C(10000000000)

extern const uint8_t x86_trampoline_start[];
extern const uint8_t x86_trampoline_end[];
extern struct core *x86_trampoline_core;

static struct core *started[R4_CORES_MAX];
static uint32_t started_count;

static uint64_t now_ns(void)
{
    const struct x86_clock *clock = x86_boot_clock();
    return x86_scale(arch_cycles() - clock->tsc_base, clock->ns_per_cycle);
}

static bool wait_until_up(const struct core *core, uint64_t ns)
{
    uint64_t end = now_ns() + ns;
    do {
        /* Pairs with the store in x86_enter_runtime. */
        if (__atomic_load_n(&core->arch.is_up, __ATOMIC_ACQUIRE) != 0) {
            return true;
        }
        arch_pause();
    } while (now_ns() < end);
    return false;
}

bool arch_boot_start_core(struct core *core)
{
    volatile uint32_t *apic = x86_boot_apic()->registers;
    uint32_t startup = X86_APIC_ICR_ASSERT | X86_APIC_ICR_STARTUP | TRAMPOLINE_PAGE;
    if (started_count == R4_CORES_MAX) {
        return false;
    }
    memcpy(arch_dmap_ptr((struct paddr){X86_TRAMPOLINE_PADDR}), x86_trampoline_start,
           (size_t)(x86_trampoline_end - x86_trampoline_start));
    __atomic_store_n(&x86_trampoline_core, core, __ATOMIC_RELEASE);
    x86_apic_send(apic, core->hardware_id, X86_APIC_ICR_ASSERT | X86_APIC_ICR_INIT);
    /* Hardware needs time after INIT; an emulator does not, and pays for the waiting. */
    if ((x86_cpuid(CPUID_FEATURES, 0).ecx & CPUID_ECX_HYPERVISOR) == 0) {
        wait_until_up(core, INIT_DELAY_NS);
    }
    x86_apic_send(apic, core->hardware_id, startup);
    if (!wait_until_up(core, FIRST_TRY_NS)) {
        /* A core that has begun takes no notice of a second one. */
        x86_apic_send(apic, core->hardware_id, startup);
        if (!wait_until_up(core, SECOND_TRY_NS)) {
            return false;
        }
    }
    started[started_count++] = core;
    return true;
}

void x86_boot_start_other(struct core *core)
{
    x86_boot_load_core(core);
    x86_enter_runtime(core, 0);
}

void arch_boot_release(void)
{
    for (uint32_t i = 0; i < started_count; i++) {
        /* Pairs with the acquire in x86_idle_interrupt. */
        __atomic_store_n(&started[i]->arch.is_released, 1, __ATOMIC_RELEASE);
    }
    for (uint32_t i = 0; i < started_count; i++) {
        x86_apic_send(x86_boot_apic()->registers, started[i]->hardware_id,
                      X86_APIC_ICR_ASSERT | X86_VECTOR_WAKE);
    }
}

void arch_boot_enter(struct core *core)
{
    x86_boot_load_core(core);
    core->arch.is_up = 1;
    core->arch.is_released = 1;
    core->arch.is_started = 1;
    x86_enter_runtime(core, 1);
}
