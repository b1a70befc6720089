/* SPDX-License-Identifier: MIT */
/*
 * Owns: the first task of a cluster: its protection domain, table, thread, image, and the capabilities that boot hands out.
 * Every object and mapping gets its capability, as if the task had made it itself; what is left of the memory becomes untyped.
 *
 * Address space: the image where it was linked; below STACK_TOP the stack with nothing under it; the boot-info page;
 * the archive in 2 MiB frames; from FREE_ADDRESS on nothing.
 */
#include <arch/boot.h>
#include <arch/mmu.h>
#include <cluster/root_build.h>
#include <kernel/cap.h>
#include <kernel/pd.h>
#include <kernel/thread.h>
#include <lib/cpio.h>
#include <lib/elf.h>
#include <r4/abi/layout.h>
#include <string.h>

#define STACK_TOP        UINT64_C(0x7fe00000)
#define STACK_BYTES      (UINT64_C(16) * R4_PAGE_BYTES)
#define BOOTINFO_ADDRESS UINT64_C(0x7fe00000)
#define ARCHIVE_ADDRESS  UINT64_C(0x80000000)
#define FREE_ADDRESS     UINT64_C(0x100000000)
#define IMAGE_FIRST      UINT64_C(0x200000)
#define IMAGE_END        UINT64_C(0x70000000)
#define ROOT_PRIORITY    128u
#define SERIAL_PORT      0x3f8u
#define PCI_PORT         0xcf8u
#define PORTS            8u /* of each of them */

static struct elf_plan plan;

static struct cpio_file find_image(const struct machine_build *m)
{
    const struct cpio_archive archive = {.bytes = m->archive, .length = m->archive_bytes};
    struct cpio_file file;
    enum cpio_err err = cpio_find(&archive, m->options->root, &file);
    if (err != CPIO_OK) {
        arch_boot_fail(cpio_err_text(err), m->options->root);
    }
    const struct elf_limits limits = {.first = IMAGE_FIRST, .end = IMAGE_END};
    enum elf_reason reason = elf_check(file.data, file.bytes, limits, &plan);
    if (reason != ELF_OK) {
        arch_boot_fail(elf_reason_text(reason), m->options->root);
    }
    return file;
}

static void load_segment(struct root_build *r, const struct cpio_file *file,
                         const struct elf_segment *segment)
{
    uint64_t first = segment->vaddr & ~(R4_PAGE_BYTES - 1);
    uint64_t end = segment->vaddr + segment->mem_bytes;
    uint16_t access = (segment->flags & ELF_WRITE) != 0     ? R4_RIGHT_READ | R4_RIGHT_WRITE
                      : (segment->flags & ELF_EXECUTE) != 0 ? R4_RIGHT_READ | R4_RIGHT_EXEC
                                                            : R4_RIGHT_READ;
    for (uint64_t va = first; va < end; va += R4_PAGE_BYTES) {
        uint8_t *page = root_map_page(r, va, access);
        uint64_t from = va > segment->vaddr ? va : segment->vaddr;
        uint64_t file_end = segment->vaddr + segment->file_bytes;
        uint64_t to = va + R4_PAGE_BYTES < file_end ? va + R4_PAGE_BYTES : file_end;
        if (from < to) {
            memcpy(page + (from - va), file->data + segment->file_offset + (from - segment->vaddr),
                   to - from);
        }
    }
}

static void load_image(struct root_build *r)
{
    struct cpio_file file = find_image(r->machine);
    for (uint32_t i = 0; i < plan.segment_count; i++) {
        load_segment(r, &file, &plan.segments[i]);
    }
    for (uint64_t va = STACK_TOP - STACK_BYTES; va < STACK_TOP; va += R4_PAGE_BYTES) {
        root_map_page(r, va, R4_RIGHT_READ | R4_RIGHT_WRITE);
    }
}

static void copy_archive(struct root_build *r)
{
    const struct machine_build *m = r->machine;
    uint64_t frames = (m->archive_bytes + R4_GRANULE_BYTES - 1) / R4_GRANULE_BYTES;
    uint64_t base = boot_pages_take(&r->build->pages, frames * R4_GRANULE_BYTES, R4_GRANULE_BYTES);
    if (base == 0) {
        arch_boot_fail("a cluster has too little memory for its copy of the boot archive",
                       "root task");
    }
    memcpy(arch_dmap_ptr((struct paddr){base}), m->archive, m->archive_bytes);
    for (uint64_t i = 0; i < frames; i++) {
        root_map_frame(r, ARCHIVE_ADDRESS + i * R4_GRANULE_BYTES,
                       (struct paddr){base + i * R4_GRANULE_BYTES}, R4_GRANULE_BITS, R4_RIGHT_READ);
    }
}

static void give_ports(struct root_build *r, uint32_t n, uint16_t first)
{
    const uint64_t range = r4_io_range_with_count(r4_io_range_with_first(0, first), PORTS);
    root_give_part(r, n, R4_TYPE_IO_PORT, R4_IO_PORT_RIGHTS, r->build->cluster, range);
}

static void give_devices(struct root_build *r)
{
    give_ports(r, R4_INIT_SLOT_SERIAL_PORTS, SERIAL_PORT);
    give_ports(r, R4_INIT_SLOT_PCI_PORTS, PCI_PORT);
    root_give_control(r, R4_INIT_SLOT_IRQ_CONTROL, R4_TYPE_IRQ_CONTROL, R4_IRQ_CONTROL_RIGHTS,
                      r->build->cluster);
}

static void give_controls(struct root_build *r)
{
    struct cluster *cl = r->build->cluster;
    root_give_control(r, R4_INIT_SLOT_ASID_CONTROL, R4_TYPE_ASID_CONTROL, R4_ASID_CONTROL_RIGHTS,
                      cl);
    root_give_control(r, R4_INIT_SLOT_MONITOR, R4_TYPE_MONITOR, R4_MONITOR_RIGHTS, cl);
    if (cl->owns_devices) {
        give_devices(r);
    }
    for (uint32_t peer = 0; peer < cl->cluster_count; peer++) {
        if (peer == cl->id) {
            continue;
        }
        root_give_control(r, R4_INIT_SLOT_LINKS + peer, R4_TYPE_CLUSTER_LINK,
                          R4_CLUSTER_LINK_RIGHTS, &cl->links[peer]);
        for (uint32_t i = 0; i < R4_PAIR_FRAMES; i++) {
            struct paddr frame = {r->build->pair_region[peer].a + i * R4_PAGE_BYTES};
            root_give_memory(r, R4_INIT_SLOT_PAIR_FRAMES + R4_PAIR_FRAMES * peer + i, R4_TYPE_FRAME,
                             R4_RIGHT_READ | R4_RIGHT_WRITE | R4_RIGHT_LINK | R4_RIGHT_MODIFY,
                             SLOT_SHARED, frame, R4_PAGE_BITS);
        }
    }
}

static void make_thread(struct root_build *r)
{
    struct cluster *cl = r->build->cluster;
    struct thread *t = thread_format(cl, root_take_object(r, R4_THREAD_SIZE_BITS));
    struct slot *pd = table_slot(r->table, R4_INIT_SLOT_PD);
    root_give_object(r, R4_INIT_SLOT_THREAD, R4_TYPE_THREAD, R4_THREAD_RIGHTS, &t->object);
    const struct cap_ref pd_ref = cap_ref_own(pd);
    slot_embed(&pd_ref, &t->pd_slot, SLOT_HOME_THREAD_PD);
    arch_context_init(&t->context, (struct uaddr){plan.entry}, (struct uaddr){STACK_TOP - 8},
                      BOOTINFO_ADDRESS, 0);
    static const char name[] = "root";
    for (unsigned i = 0; i < sizeof name - 1; i++) {
        t->name[0] |= (uint64_t)name[i] << (8 * i);
    }
    t->priority = ROOT_PRIORITY;
    t->core = 0;
    t->was_started = 1;
    t->state = R4_THREAD_STATE_READY;
    runq_push_back(&cl->cores[0]->runq, &t->link, t->priority);
}

static void fill_bootinfo(struct root_build *r, struct r4_bootinfo *info)
{
    const struct cluster *cl = r->build->cluster;
    const struct machine_build *m = r->machine;
    info->magic = R4_BOOTINFO_MAGIC;
    info->version = R4_ABI_VERSION;
    info->cluster = cl->id;
    info->clusters = cl->cluster_count;
    info->cores = cl->core_count;
    info->total_cores = cl->total_cores;
    info->table_slots = table_slots(r->table);
    info->archive = ARCHIVE_ADDRESS;
    info->archive_bytes = m->archive_bytes;
    info->free_address = FREE_ADDRESS;
    info->cycles_per_us = cl->cycles_per_us;
    for (uint32_t peer = 0; peer < cl->cluster_count; peer++) {
        info->distances[peer] = peer == cl->id ? BOOT_DISTANCE_LOCAL : cl->links[peer].distance;
    }
    memcpy(info->command_line, (const uint8_t *)m->facts->cmdline, sizeof info->command_line);
}

void build_root_task(struct machine_build *m, uint32_t id)
{
    struct root_build root = {.machine = m, .build = &m->cluster[id]};
    struct root_build *r = &root;
    struct cluster *cl = r->build->cluster;
    cl->memory.kernel = r->build->pages.taken_bytes - cl->memory.pair;

    root_begin(r);
    load_image(r);
    struct r4_bootinfo *info =
        root_map_page_at(r, R4_INIT_SLOT_BOOTINFO, BOOTINFO_ADDRESS, R4_RIGHT_READ);
    copy_archive(r);
    give_controls(r);
    make_thread(r);
    cl->memory.root = r->build->pages.taken_bytes - cl->memory.kernel - cl->memory.pair;
    build_plant_account(m, cl);

    fill_bootinfo(r, info);
    info->untyped_count = root_give_untyped(r, info->untyped);
    info->first_free_slot = r->next_slot;
}
