/* SPDX-License-Identifier: MIT */
#include "console.h"
#include "record.h"
#include "root.h"
#include "terminal.h"

#include <r4/abi/exits.h>
#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>
#include <r4/abi/stubs.h>
#include <r4/format.h>

#define OWN_MEMORY_BITS 18u /* page tables and notifications of the root task itself */

static void check(struct root *root, const char *what, enum r4_err err)
{
    if (err != R4_OK) {
        root_fail(root, what, err);
    }
}

static void take_memory(struct root *root)
{
    const struct r4_bootinfo *info = root->info;
    uint16_t own;
    r4_slots_init(&root->slots, root->slot_words, ROOT_SLOTS_MAX / R4_SLOTS_WORD_BITS,
                  info->first_free_slot, info->table_slots - 1);
    r4_memory_init(&root->memory, &root->slots, root->nodes, ROOT_NODES);
    for (uint32_t i = 0; i < info->untyped_count; i++) {
        if (info->untyped[i].device == 0) {
            check(
                root, "adding memory",
                r4_memory_add(&root->memory, R4_INIT_SLOT_UNTYPED + i, info->untyped[i].size_bits));
        }
    }
    check(root, "taking memory", r4_memory_take(&root->memory, OWN_MEMORY_BITS, &own));
    r4_holdings_init(&root->holdings, &root->slots);
    root->vspace = (struct r4_vspace){
        .pd = R4_INIT_SLOT_PD,
        .untyped = root->nodes[own].slot,
        .holdings = &root->holdings,
    };
}

static uint32_t make_notification(struct root *root)
{
    uint32_t slot = 0;
    check(
        root, "making a notification",
        r4_holdings_make(&root->holdings, root->vspace.untyped, R4_TYPE_NOTIFICATION, 0, 1, &slot));
    return slot;
}

/* Maps the region shared with the peer and has its doorbell arrive at root->events. */
static void connect(struct root *root, uint32_t peer)
{
    uint64_t base = root->info->free_address + ROOT_REGIONS_OFFSET +
                    (uint64_t)peer * REGION_PAGES * R4_PAGE_BYTES;
    for (uint32_t i = 0; i < REGION_PAGES; i++) {
        check(root, "mapping the region of a peer",
              r4_vspace_map(&root->vspace, R4_INIT_SLOT_PAIR_FRAMES + R4_PAIR_FRAMES * peer + i,
                            base + i * R4_PAGE_BYTES, R4_RIGHT_READ | R4_RIGHT_WRITE));
    }
    region_init(&root->region[peer], (void *)base);
    check(root, "binding the doorbell of a peer",
          r4_link_bind(R4_INIT_SLOT_LINKS + peer, root->events));
}

void root_setup(struct root *root, const struct r4_bootinfo *info)
{
    root->info = info;
    if (info->magic != R4_BOOTINFO_MAGIC || info->version != R4_ABI_VERSION ||
        info->clusters > R4_CLUSTERS_MAX || info->untyped_count > R4_BOOT_UNTYPED_MAX) {
        root_fail(root, "reading the boot-info page", R4_E_RANGE);
    }
    root->archive = (struct cpio_archive){.bytes = (const uint8_t *)info->archive,
                                          .length = info->archive_bytes};
    take_memory(root);
    check(root, "showing the capability table",
          r4_cap_views_map(&root->views, &root->vspace, R4_INIT_SLOT_CAP_TABLE, info->table_slots,
                           info->free_address + ROOT_VIEWS_OFFSET));
    root->events = make_notification(root);
    root->env = (struct r4_process_env){
        .slots = &root->slots,
        .memory = &root->memory,
        .self = &root->vspace,
        .asid_control = R4_INIT_SLOT_ASID_CONTROL,
        .pd = R4_INIT_SLOT_PD,
        .events = root->events,
        .scratch = info->free_address + ROOT_SCRATCH_OFFSET,
        .output_window = info->free_address + ROOT_OUTPUT_OFFSET,
    };
    uint32_t end = root_has_console(root) ? info->clusters : CONSOLE_CLUSTER + 1;
    for (uint32_t peer = 0; peer < end; peer++) {
        if (peer != info->cluster) {
            connect(root, peer);
        }
    }
}

void root_ring(uint32_t peer)
{
    (void)r4_link_signal(R4_INIT_SLOT_LINKS + peer, 1);
}

_Noreturn void root_end(uint32_t status)
{
    terminal_flush();
    record_exit(status);
    uint8_t failed = record_saw_violation() ? R4_EXIT_AUDIT : R4_EXIT_FAIL;
    (void)r4_monitor_exit(R4_INIT_SLOT_MONITOR, status == 0 ? R4_EXIT_PASS : failed);
    for (;;) {
        (void)r4_thread_suspend(R4_INIT_SLOT_THREAD);
    }
}

_Noreturn void root_fail(struct root *root, const char *what, enum r4_err err)
{
    if (root_has_console(root)) {
        char text[160];
        size_t bytes = r4_snprintf(text, sizeof text, "root task: %s: %s: %s\n", what,
                                   r4_err_name(err), r4_err_text(err));
        console_write(text, bytes < sizeof text ? bytes : sizeof text - 1);
        root_end(STATUS_FAILED);
    }
    if (root->region[CONSOLE_CLUSTER].reply != NULL) {
        region_set_state(&root->region[CONSOLE_CLUSTER], REGION_ENDED);
        root_ring(CONSOLE_CLUSTER);
    }
    for (;;) {
        (void)r4_thread_suspend(R4_INIT_SLOT_THREAD);
    }
}
