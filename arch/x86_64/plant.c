/* SPDX-License-Identifier: MIT */
/*
 * Owns: planted violations of the kernel's own protections (`plant=NAME`): each does on the boot core, right before the first thread runs,
 * what the page tables or the processor must refuse. A machine that gets past one has lost a protection, and says so.
 */
#include <arch/boot.h>
#include <arch/mmu.h>
#include <kernel/cluster.h>
#include <kernel/panic.h>
#include <kernel/thread.h>
#include <lib/text.h>
#include <x86/boot.h>
#include <x86/plant.h>
#include <x86/watchdog.h>

static void write_byte(const void *place)
{
    volatile uint8_t *byte = (volatile uint8_t *)(uintptr_t)place;
    *byte = *byte;
}

static void run_at(uint64_t address)
{
    void (*function)(void) = (void (*)(void))(uintptr_t)address;
    function();
}

static void write_text(struct core *core)
{
    (void)core;
    write_byte(x86_text_start);
}

static void write_rodata(struct core *core)
{
    (void)core;
    write_byte(x86_rodata_start);
}

static void run_data(struct core *core)
{
    run_at((uintptr_t)core);
}

/* The first thread's address space is loaded, so its next instruction is mapped, for the user. */
static void read_user(struct core *core)
{
    (void)*(const volatile uint8_t *)(uintptr_t)core->current->context.regs.rip;
}

static void run_user(struct core *core)
{
    run_at(core->current->context.regs.rip);
}

static void read_foreign(struct core *core)
{
    const struct cluster *cl = core->cluster;
    const struct region *last = &cl->regions[cl->region_count - 1];
    (void)*(const volatile uint8_t *)arch_dmap_ptr((struct paddr){last->base.a + last->bytes});
}

/* Each level keeps a page of stack until the guard page is met. */
static __attribute__((noinline)) uint64_t descend(uint64_t level)
{
    volatile uint8_t page[1024];
    page[0] = (uint8_t)level;
    return level == UINT64_MAX ? 0 : descend(level + 1) + page[0];
}

static void overflow_stack(struct core *core)
{
    core->counters[0] += descend(0);
}

static const struct {
    const char *name;
    void (*violate)(struct core *core);
} plants[] = {
    {"write-text", write_text},
    {"write-rodata", write_rodata},
    {"run-data", run_data},
    {"read-user", read_user},
    {"run-user", run_user},
    {"read-foreign", read_foreign},
    {"overflow-stack", overflow_stack},
};

bool arch_boot_plant(struct core *core, const char *name)
{
    for (size_t i = 0; i < sizeof plants / sizeof plants[0]; i++) {
        if (text_equal(plants[i].name, name)) {
            core->arch.plant = (uint8_t)(i + 1);
            return true;
        }
    }
    return false;
}

void x86_start(struct core *core)
{
    kernel_start(core);
    if (core->arch.watchdog_ns != 0 && !core->timer_armed) {
        x86_watchdog(core);
    }
    if (core->arch.plant != 0) {
        plants[core->arch.plant - 1].violate(core);
        r4_panic("plant", "nothing stopped the planted violation");
    }
}
