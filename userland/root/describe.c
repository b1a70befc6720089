/* SPDX-License-Identifier: MIT */
#include "describe.h"

#include <r4/abi/enums.h>
#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <r4/abi/names.h>
#include <r4/abi/objects.h>
#include <r4/abi/rights.h>

#define RIGHT_BITS 12u

static void describe_rights(struct sink *out, uint32_t rights)
{
    bool is_first = true;
    for (uint32_t bit = 0; bit < RIGHT_BITS; bit++) {
        if ((rights >> bit & 1u) != 0) {
            sink_printf(out, "%s%s", is_first ? " " : "+", r4_right_name(bit));
            is_first = false;
        }
    }
}

void describe_index(struct sink *out, uint32_t index)
{
    if ((index & R4_INDEX_WORD) != 0) {
        sink_printf(out, "w%u", index - R4_INDEX_WORD);
    } else {
        sink_printf(out, "slot %u", index);
    }
}

void describe_session(struct sink *out, uint64_t session)
{
    sink_printf(out, "session ");
    describe_index(out, (uint32_t)r4_session_index(session));
    sink_printf(out, " of ASID %u generation %u", (unsigned)r4_session_asid(session),
                (unsigned)r4_session_generation(session));
}

void describe_link(struct sink *out, uint64_t link)
{
    if (link == 0) {
        sink_printf(out, "nobody");
        return;
    }
    sink_printf(out, "ASID %u slot %u", (unsigned)r4_asid_index((uint32_t)r4_peer_asid(link)),
                (unsigned)r4_peer_slot(link));
}

/* An end has no rights; a peer that is not bound yet has. */
static void describe_peer(struct sink *out, uint32_t rights, uint64_t link)
{
    if (link != 0) {
        sink_printf(out, " with ");
        describe_link(out, link);
    } else {
        sink_printf(out, rights == 0 ? " tombstone" : " not bound");
    }
}

/* `badge` of a view, which means different things for different types. */
static void describe_badge(struct sink *out, uint64_t view, uint64_t badge)
{
    const uint32_t type = r4_cap_view_type(view);
    if (type == R4_TYPE_IO_PORT) {
        sink_printf(out, " ports 0x%x+%u", r4_io_range_first(badge), r4_io_range_count(badge));
    } else if (type == R4_TYPE_PEER) {
        describe_peer(out, r4_cap_view_rights(view), badge);
    } else if (r4_session_is_session(badge)) {
        sink_printf(out, " ");
        describe_session(out, badge);
    } else if (badge != 0) {
        sink_printf(out, " badge 0x%lx", badge);
    }
}

void describe_cap(struct sink *out, int type_width, uint64_t view, uint64_t badge)
{
    sink_printf(out, "%-*s ttl %2u", type_width, r4_type_name(r4_cap_view_type(view)),
                r4_cap_view_ttl(view));
    if (r4_cap_view_size_bits(view) != 0) {
        sink_printf(out, " 2^%u bytes", r4_cap_view_size_bits(view));
    }
    describe_badge(out, view, badge);
    sink_printf(out, "%s%s%s%s", r4_cap_view_device(view) ? " device" : "",
                r4_cap_view_shared(view) ? " shared" : "",
                r4_cap_view_mapped(view) ? " mapped" : "",
                r4_cap_view_marked(view) ? " marked" : "");
    describe_rights(out, r4_cap_view_rights(view));
}

void describe_proxy(struct sink *out, uint64_t word)
{
    const uint64_t reserved = word & (R4_PROXY_MBZ_MASK | R4_PROXY_ZERO_MASK);
    const uint32_t rights = r4_proxy_rights(word);
    const bool is_use = r4_proxy_kind(word) == R4_PROXY_KIND_USE;
    sink_printf(out, "%s of ", r4_proxy_kind_name((uint32_t)r4_proxy_kind(word)));
    describe_index(out, (uint32_t)r4_proxy_index(word));
    sink_printf(out, " %s peer %u ttl %u%s", is_use ? "of" : "to", (unsigned)r4_proxy_peer(word),
                (unsigned)r4_proxy_ttl(word), r4_proxy_once(word) ? " once" : "");
    if (reserved != 0) {
        sink_printf(out, " reserved bits 0x%lx", reserved);
    }
    if (rights == 0 || rights == R4_RIGHTS_DEFINED) {
        sink_printf(out, rights == 0 ? " no rights" : " all rights");
    } else {
        describe_rights(out, rights);
    }
}
