/* SPDX-License-Identifier: MIT */
/*
 * Owns: the command `caps`: what stands in the root task's own capability table, read from its views.
 */
#include "command.h"
#include "describe.h"

#include <r4/abi/layout.h>
#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <string.h>

#define TYPE_WIDTH 12

struct cap {
    uint32_t slot;
    uint64_t view; /* layout `cap_view` */
    uint64_t badge;
};

/* The capability in the slot; false if it is empty. Nobody changes the table meanwhile. */
static bool look(const struct root *root, uint32_t slot, struct cap *cap)
{
    cap->slot = slot;
    cap->view = r4_cap_views_word(&root->views, slot);
    cap->badge = r4_cap_views_badge(&root->views, slot);
    return r4_cap_view_type(cap->view) != R4_TYPE_NONE;
}

static void show(struct sink *out, const struct cap *cap)
{
    sink_printf(out, "%5u ", cap->slot);
    describe_cap(out, TYPE_WIDTH, cap->view, cap->badge);
    sink_printf(out, "\n");
}

/* How many there are of each type. */
static uint32_t count_all(struct root *root, struct sink *out)
{
    uint32_t count[R4_TYPE_TABLE_SIZE] = {0};
    uint32_t used = 0;
    struct cap cap;
    for (uint32_t slot = 1; slot < root->info->table_slots - 1; slot++) {
        if (look(root, slot, &cap)) {
            count[r4_cap_view_type(cap.view) % R4_TYPE_TABLE_SIZE]++;
            used++;
        }
    }
    for (uint32_t type = 1; type < R4_TYPE_TABLE_SIZE; type++) {
        if (count[type] > 0) {
            sink_printf(out, "%5u %s\n", count[type], r4_type_name(type));
        }
    }
    sink_printf(out, "%5u of %u slots\n", used, root->info->table_slots - 2);
    return STATUS_OK;
}

static unsigned lower(char c)
{
    const unsigned code = (unsigned char)c;
    return code - 'A' <= 'Z' - 'A' ? code + ('a' - 'A') : code;
}

static bool is_same_word(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

/* The number of the type, R4_TYPE_NONE if there is none of this name. */
static uint32_t find_type(const char *name)
{
    for (uint32_t type = 1; type < R4_TYPE_TABLE_SIZE; type++) {
        if (is_same_word(r4_type_name(type), name)) {
            return type;
        }
    }
    return R4_TYPE_NONE;
}

static uint32_t list_type(struct root *root, struct sink *out, uint32_t type)
{
    struct cap cap;
    for (uint32_t slot = 1; slot < root->info->table_slots - 1; slot++) {
        if (look(root, slot, &cap) && r4_cap_view_type(cap.view) == type) {
            show(out, &cap);
        }
    }
    return STATUS_OK;
}

uint32_t command_caps(struct root *root, struct sink *out, const struct words *words)
{
    uint64_t slot;
    struct cap cap;
    if (words->count == 1) {
        return count_all(root, out);
    }
    if (words->count == 2 && words_number(words->word[1], root->info->table_slots - 2, &slot)) {
        if (slot != 0 && look(root, (uint32_t)slot, &cap)) {
            show(out, &cap);
        } else {
            sink_printf(out, "slot %lu is empty\n", slot);
        }
        return STATUS_OK;
    }
    uint32_t type = words->count == 2 ? find_type(words->word[1]) : R4_TYPE_NONE;
    if (type == R4_TYPE_NONE) {
        return command_usage(out, "caps", "expected nothing, a type, or the number of a slot");
    }
    return list_type(root, out, type);
}
