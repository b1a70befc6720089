/* SPDX-License-Identifier: MIT */
/*
 * Owns: the simulated machine of this process, seen by the one who drives it: cores, clock,
 * interrupts that wait, what devices were told, a log of what cores did to hardware.
 *
 * Invariants
 * (host I1) Physical address a is the byte host.arena + a; the arena is aligned to
 *     HOST_ARENA_ALIGN, so that blocks aligned as physical memory are aligned as pointers, and
 *     zeroed at host_reset.
 * (host I2) Kernel code executes for host.running and for nobody else; NULL: no core is in the
 *     kernel.
 * Not here: when a core enters the kernel and when its interrupts are taken; that is the driver's
 * choice.
 */
#pragma once

#include <arch/irq.h>
#include <kernel/core.h>
#include <kernel/types.h>
#include <setjmp.h>

/* Bits of arch_core.pending. The first three are numbered as enum arch_ipi. */
enum host_interrupt {
    HOST_INTERRUPT_WAKE,
    HOST_INTERRUPT_SHOOTDOWN,
    HOST_INTERRUPT_DOORBELL,
    HOST_INTERRUPT_TIMER,
    HOST_INTERRUPT_COUNT,
};

enum host_event_kind {
    HOST_EVENT_IPI,       /* a: hardware id of the receiver, b: enum arch_ipi */
    HOST_EVENT_TIMER_ARM, /* a: nanoseconds */
    HOST_EVENT_TIMER_STOP,
    HOST_EVENT_MMU_LOAD,   /* a: root */
    HOST_EVENT_FLUSH_PAGE, /* a: address */
    HOST_EVENT_FLUSH_ALL,
    HOST_EVENT_COUNT,
};

struct host_event {
    enum host_event_kind kind;
    uint32_t hardware_id; /* of the core that did it */
    uint64_t a;
    uint64_t b;
};

#define HOST_CORES_MAX      64u
#define HOST_ARENA_ALIGN    (UINT64_C(1) << 24)
#define HOST_LOG_EVENTS     256u
#define HOST_CAPTURED_BYTES 8192u
#define HOST_FIFO_BYTES     16u /* that a port takes at once */

/* How the kernel touches a word of user memory (arch/word.h). */
enum host_word_access {
    HOST_WORD_LOAD,
    HOST_WORD_SWAP,
    HOST_WORD_STORE,
};

struct host_machine {
    unsigned char *arena;
    uint64_t arena_bytes;
    struct core *cores[HOST_CORES_MAX];
    /* Of each core, so that nobody looks into a foreign core to find it. */
    uint32_t hardware_id[HOST_CORES_MAX];
    /* Interrupts sent and not arrived, bits as in arch_core.pending. */
    uint32_t in_flight[HOST_CORES_MAX];
    uint32_t core_count;
    struct core *running;
    uint64_t now_ns;
    uint64_t cycles;

    /*
     * Called in every spin loop of the kernel: lets the other cores answer. NULL: a spin is a
     * failure.
     */
    void (*on_pause)(void *context);
    void *pause_context;

    /* Called before each access to a word of user memory: other cores' programs run there. */
    void (*on_word)(enum host_word_access access, const uint64_t *word);

    struct host_event log[HOST_LOG_EVENTS]; /* the last ones; event n at n % HOST_LOG_EVENTS */
    uint64_t logged;
    uint64_t logged_of[HOST_EVENT_COUNT];

    char console[HOST_CAPTURED_BYTES]; /* what was written, the latest part; ended by 0 */
    size_t console_bytes;
    char channel[HOST_CAPTURED_BYTES];
    bool is_port_busy; /* neither port is free */
    size_t channel_bytes;
    uint8_t port[65536]; /* the I/O ports are memory */

    jmp_buf *on_exit; /* NULL: arch_exit ends the process */
    uint8_t exit_status;
};

extern struct host_machine host;

/* A machine without cores, with `bytes` (whole granules) of zeroed memory. May be called again. */
void host_reset(uint64_t bytes);
/* Gives the memory back. */
void host_fini(void);
void host_add_core(struct core *core);
struct core *host_find_core(uint32_t hardware_id);
/*
 * Stops the process: the driver or the kernel used the machine in a way in which no machine can be
 * used.
 */
_Noreturn void host_fail(const char *what);
void host_record(enum host_event_kind kind, uint64_t a, uint64_t b);

/*
 * Makes memory reachable or not for this process: an access to what is not reachable ends it. The
 * driver leaves a kernel nothing but its own cluster's memory while it runs.
 */
void host_set_reachable(struct paddr base, uint64_t bytes, bool is_reachable);

/* Interrupts that cores sent arrive: they wait at their receivers. Between entries. */
void host_arrive(void);
/* Moves the clock; timers that run out become pending interrupts. */
void host_advance(uint64_t ns);
/* Makes an interrupt wait at a core, and takes the lowest-numbered one that waits (-1: none). */
void host_raise(struct core *core, enum host_interrupt which);
int host_take_interrupt(struct core *core);

/*
 * Devices: an edge on a line, a level line held or let go. host_take_line takes the lowest line
 * that waits at a core (-1: none); after kernel_line for it comes host_line_done. Lines are those
 * of the cluster that owns the devices.
 */
void host_line_edge(struct arch_irq *irq, uint32_t line);
void host_line_hold(struct arch_irq *irq, uint32_t line, bool is_held);
int host_take_line(struct core *core);
void host_line_done(struct arch_irq *irq, uint32_t line);

/*
 * The address that user code on `core` reaches at `va` with `access` (one of R4_RIGHT_READ, WRITE,
 * EXEC): from the core's TLB if it holds the page, stale or not, else by a walk of the loaded page
 * table, whose result it keeps. False: the access faults.
 */
bool host_translate(struct core *core, uint64_t va, uint16_t access, struct paddr *out);
/* The same without the TLB, under page table `root`. */
bool host_walk(struct paddr root, uint64_t va, struct host_tlb_entry *out);
/* Cached translations of `core` that its loaded page table no longer has. */
uint32_t host_stale_translations(const struct core *core);
