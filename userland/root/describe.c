/* SPDX-License-Identifier: MIT */
#include "describe.h"

#include <r4/abi/layout.h>
#include <r4/abi/names.h>
#include <r4/abi/objects.h>

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

void describe_cap(struct sink *out, int type_width, uint64_t view, uint64_t badge)
{
    const uint32_t type = r4_cap_view_type(view);
    sink_printf(out, "%-*s ttl %2u", type_width, r4_type_name(type), r4_cap_view_ttl(view));
    if (r4_cap_view_size_bits(view) != 0) {
        sink_printf(out, " 2^%u bytes", r4_cap_view_size_bits(view));
    }
    if (type == R4_TYPE_IO_PORT) {
        sink_printf(out, " ports 0x%x+%u", r4_io_range_first(badge), r4_io_range_count(badge));
    } else if (badge != 0) {
        sink_printf(out, " badge 0x%lx", badge);
    }
    sink_printf(out, "%s%s%s", r4_cap_view_device(view) ? " device" : "",
                r4_cap_view_shared(view) ? " shared" : "",
                r4_cap_view_mapped(view) ? " mapped" : "");
    describe_rights(out, r4_cap_view_rights(view));
}
