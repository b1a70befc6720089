/* SPDX-License-Identifier: MIT */
/* Owns: the simulated machine: memory, clock, cores, interrupts that wait, the log. */
#include <host/machine.h>

#include <arch/machine.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <r4/abi/limits.h>

struct host_machine host;

_Noreturn void host_fail(const char *what)
{
    fprintf(stderr, "arch/host: %s\n", what);
    abort();
}

void host_set_reachable(struct paddr base, uint64_t bytes, bool is_reachable)
{
    if (mprotect(host.arena + base.a, bytes, is_reachable ? PROT_READ | PROT_WRITE : PROT_NONE) !=
        0) {
        host_fail("memory cannot be protected");
    }
}

void host_fini(void)
{
    if (host.arena != NULL) {
        host_set_reachable((struct paddr){0}, host.arena_bytes, true);
    }
    free(host.arena);
    memset(&host, 0, sizeof(host));
}

void host_reset(uint64_t bytes)
{
    if (bytes == 0 || bytes % R4_GRANULE_BYTES != 0) {
        host_fail("memory is not in whole granules");
    }
    host_fini();
    host.arena =
        aligned_alloc(HOST_ARENA_ALIGN, (bytes + HOST_ARENA_ALIGN - 1u) & ~(HOST_ARENA_ALIGN - 1u));
    if (host.arena == NULL) {
        host_fail("no memory for the arena");
    }
    memset(host.arena, 0, bytes);
    host.arena_bytes = bytes;
}

void host_add_core(struct core *core)
{
    if (host.core_count == HOST_CORES_MAX || host_find_core(core->hardware_id) != NULL) {
        host_fail("too many cores, or two with one hardware id");
    }
    host.hardware_id[host.core_count] = core->hardware_id;
    host.cores[host.core_count++] = core;
}

/* Place in host.cores; core_count if there is none. */
static uint32_t place_of(uint32_t hardware_id)
{
    uint32_t i = 0;

    while (i < host.core_count && host.hardware_id[i] != hardware_id) {
        i++;
    }
    return i;
}

struct core *host_find_core(uint32_t hardware_id)
{
    const uint32_t place = place_of(hardware_id);

    return place == host.core_count ? NULL : host.cores[place];
}

void host_arrive(void)
{
    for (uint32_t i = 0; i < host.core_count; i++) {
        host.cores[i]->arch.pending |= host.in_flight[i];
        host.in_flight[i] = 0;
    }
}

void host_record(enum host_event_kind kind, uint64_t a, uint64_t b)
{
    host.log[host.logged++ % HOST_LOG_EVENTS] = (struct host_event){
        .kind = kind,
        .hardware_id = host.running == NULL ? UINT32_MAX : host.running->hardware_id,
        .a = a,
        .b = b,
    };
    host.logged_of[kind]++;
}

void host_raise(struct core *core, enum host_interrupt which)
{
    core->arch.pending |= UINT32_C(1) << which;
}

int host_take_interrupt(struct core *core)
{
    if (core->arch.pending == 0) {
        return -1;
    }
    const int which = __builtin_ctz(core->arch.pending);

    core->arch.pending &= core->arch.pending - 1;
    return which;
}

void host_advance(uint64_t ns)
{
    host.now_ns += ns;
    for (uint32_t i = 0; i < host.core_count; i++) {
        struct arch_core *arch = &host.cores[i]->arch;

        if (arch->timer_is_armed && arch->timer_at_ns <= host.now_ns) {
            arch->timer_is_armed = false;
            host_raise(host.cores[i], HOST_INTERRUPT_TIMER);
        }
    }
}

struct core *arch_this_core(void)
{
    if (host.running == NULL) {
        host_fail("kernel code runs on no core");
    }
    return host.running;
}

uint64_t arch_cycles(void)
{
    return ++host.cycles;
}

uint64_t arch_now_ns(const struct core *core)
{
    (void)core;
    return host.now_ns;
}

void arch_pause(void)
{
    if (host.on_pause == NULL) {
        host_fail("a core spins and nobody can answer");
    }
    host.on_pause(host.pause_context);
}

bool arch_interrupt_pending(struct core *core)
{
    return core->arch.pending != 0 || core->arch.pending_lines != 0;
}

void arch_set_return_stack(struct core *core, struct thread *thread)
{
    core->arch.return_thread = thread;
}

void arch_ipi_send(struct core *core, uint32_t hardware_id, enum arch_ipi kind)
{
    const uint32_t receiver = place_of(hardware_id);

    if (core != host.running || receiver == host.core_count) {
        host_fail("an interrupt from or to a core that is not there");
    }
    host_record(HOST_EVENT_IPI, hardware_id, (uint64_t)kind);
    host.in_flight[receiver] |= UINT32_C(1) << kind;
}

void arch_timer_arm(struct core *core, uint64_t ns)
{
    host_record(HOST_EVENT_TIMER_ARM, ns, 0);
    core->arch.timer_is_armed = true;
    core->arch.timer_at_ns = host.now_ns + ns;
    core->arch.pending &= ~(UINT32_C(1) << HOST_INTERRUPT_TIMER);
}

void arch_timer_stop(struct core *core)
{
    host_record(HOST_EVENT_TIMER_STOP, 0, 0);
    core->arch.timer_is_armed = false;
    core->arch.pending &= ~(UINT32_C(1) << HOST_INTERRUPT_TIMER);
}

/* The host's own stack is the sanitizers' business. */
bool arch_stacks_are_intact(const struct core *core)
{
    (void)core;
    return true;
}
