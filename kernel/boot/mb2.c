/* SPDX-License-Identifier: MIT */
/*
 * Owns: the layout of the multiboot2 information: a list of tags, each 8-byte aligned.
 *
 * Invariants: every step of the walk advances by at least a tag header, so it ends; a tag handler
 * sees a tag that lies wholly inside the information.
 */
#include <kernel/boot/loader.h>

enum {
    MB2_HEAD_BYTES = 8,
    MB2_TAG_BYTES = 8,
    MB2_RANGE_BYTES = 24,
    MB2_MAX_INFO_BYTES = 1 << 20,
};

enum mb2_tag_type {
    MB2_TAG_END = 0,
    MB2_TAG_CMDLINE = 1,
    MB2_TAG_MODULE = 3,
    MB2_TAG_MEMMAP = 6,
    MB2_TAG_RSDP_OLD = 14,
    MB2_TAG_RSDP_NEW = 15,
};

struct mb2_tag {
    uint32_t type;
    uint32_t offset; /* in the information, for messages */
    const uint8_t *body;
    size_t body_bytes;
};

/* What has been met so far; each of these may come once. */
struct mb2_seen {
    bool has_cmdline;
    bool has_memmap;
    bool has_rsdp_old;
    bool has_rsdp_new;
};

static enum boot_err claim_once(bool *has, const struct mb2_tag *tag, const char *where,
                                struct boot_problem *problem)
{
    if (*has) {
        return boot_fail(problem, BOOT_E_TAG_TWICE, where, tag->type);
    }
    *has = true;
    return BOOT_OK;
}

static bool has_nul(const uint8_t *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == 0) {
            return true;
        }
    }
    return false;
}

static enum boot_err take_cmdline(const struct mb2_tag *tag, struct boot_facts *facts,
                                  struct boot_problem *problem)
{
    if (tag->body_bytes > sizeof facts->cmdline) {
        return boot_fail(problem, BOOT_E_STRING_LENGTH, "mb2 command line", sizeof facts->cmdline);
    }
    if (!has_nul(tag->body, tag->body_bytes)) {
        return boot_fail(problem, BOOT_E_TRUNCATED, "mb2 command line", tag->offset);
    }
    memcpy(facts->cmdline, tag->body, tag->body_bytes);
    return BOOT_OK;
}

static enum boot_err take_module(const struct mb2_tag *tag, struct boot_facts *facts,
                                 struct boot_problem *problem)
{
    if (tag->body_bytes < 8) {
        return boot_fail(problem, BOOT_E_TAG_LENGTH, "mb2 module", tag->offset);
    }
    uint32_t start = load_u32(tag->body);
    uint32_t end = load_u32(tag->body + 4);
    const uint8_t *text = tag->body + 8;
    size_t text_bytes = tag->body_bytes - 8;
    if (end < start) {
        return boot_fail(problem, BOOT_E_RANGE_OVERFLOW, "mb2 module", start);
    }
    if (text_bytes > 0 && !has_nul(text, text_bytes)) {
        return boot_fail(problem, BOOT_E_TRUNCATED, "mb2 module", tag->offset);
    }
    const char *line = text_bytes > 0 ? (const char *)text : "";
    return loader_add_module(facts, start, end - start, line, problem);
}

static enum boot_err take_memmap(const struct mb2_tag *tag, struct boot_facts *facts,
                                 struct boot_problem *problem)
{
    if (tag->body_bytes < 8) {
        return boot_fail(problem, BOOT_E_TAG_LENGTH, "mb2 memory map", tag->offset);
    }
    uint32_t stride = load_u32(tag->body);
    size_t left = tag->body_bytes - 8;
    if (stride < MB2_RANGE_BYTES || left % stride != 0) {
        return boot_fail(problem, BOOT_E_TAG_LENGTH, "mb2 memory map", tag->offset);
    }
    for (const uint8_t *entry = tag->body + 8; left > 0; entry += stride, left -= stride) {
        enum boot_err err = loader_add_range(facts, load_u64(entry), load_u64(entry + 8),
                                             load_u32(entry + 16), problem);
        if (err != BOOT_OK) {
            return err;
        }
    }
    return BOOT_OK;
}

static enum boot_err take_rsdp(const struct mb2_tag *tag, struct boot_facts *facts,
                               struct boot_problem *problem)
{
    if (tag->body_bytes == 0 || tag->body_bytes > sizeof facts->rsdp.bytes) {
        return boot_fail(problem, BOOT_E_TAG_LENGTH, "mb2 RSDP", tag->offset);
    }
    memcpy(facts->rsdp.bytes, tag->body, tag->body_bytes);
    facts->rsdp.byte_count = (uint32_t)tag->body_bytes;
    return BOOT_OK;
}

static enum boot_err take_tag(const struct mb2_tag *tag, struct mb2_seen *seen,
                              struct boot_facts *facts, struct boot_problem *problem)
{
    enum boot_err err;
    switch (tag->type) {
    case MB2_TAG_CMDLINE:
        err = claim_once(&seen->has_cmdline, tag, "mb2 command line", problem);
        return err == BOOT_OK ? take_cmdline(tag, facts, problem) : err;
    case MB2_TAG_MODULE:
        return take_module(tag, facts, problem);
    case MB2_TAG_MEMMAP:
        err = claim_once(&seen->has_memmap, tag, "mb2 memory map", problem);
        return err == BOOT_OK ? take_memmap(tag, facts, problem) : err;
    case MB2_TAG_RSDP_OLD: /* the new one knows the XSDT and is preferred in either order */
        err = claim_once(&seen->has_rsdp_old, tag, "mb2 RSDP", problem);
        return err == BOOT_OK && !seen->has_rsdp_new ? take_rsdp(tag, facts, problem) : err;
    case MB2_TAG_RSDP_NEW:
        err = claim_once(&seen->has_rsdp_new, tag, "mb2 RSDP", problem);
        return err == BOOT_OK ? take_rsdp(tag, facts, problem) : err;
    default:
        return BOOT_OK;
    }
}

static enum boot_err map_info(const struct phys_view *view, uint64_t paddr, const uint8_t **info,
                              uint32_t *info_bytes, struct boot_problem *problem)
{
    uint8_t head[MB2_HEAD_BYTES];
    if (!phys_read(view, paddr, head, sizeof head)) {
        return boot_fail(problem, BOOT_E_UNREADABLE, "mb2 information", paddr);
    }
    uint32_t bytes = load_u32(head);
    if (bytes < MB2_HEAD_BYTES + MB2_TAG_BYTES || bytes > MB2_MAX_INFO_BYTES) {
        return boot_fail(problem, BOOT_E_INFO_LENGTH, "mb2 information", bytes);
    }
    const uint8_t *mapped = phys_map(view, paddr, bytes);
    if (mapped == NULL) {
        return boot_fail(problem, BOOT_E_UNREADABLE, "mb2 information", paddr);
    }
    *info = mapped;
    *info_bytes = bytes;
    return BOOT_OK;
}

enum boot_err mb2_parse(const struct phys_view *view, uint64_t info_paddr, struct boot_facts *facts,
                        struct boot_problem *problem)
{
    const uint8_t *info = NULL;
    uint32_t info_bytes = 0;
    enum boot_err err = map_info(view, info_paddr, &info, &info_bytes, problem);
    if (err != BOOT_OK) {
        return err;
    }
    struct mb2_seen seen = {0};
    for (uint32_t offset = MB2_HEAD_BYTES;;) {
        if (offset > info_bytes || info_bytes - offset < MB2_TAG_BYTES) {
            return boot_fail(problem, BOOT_E_TRUNCATED, "mb2 information", offset);
        }
        uint32_t size = load_u32(info + offset + 4);
        if (size < MB2_TAG_BYTES || size > info_bytes - offset) {
            return boot_fail(problem, BOOT_E_TAG_LENGTH, "mb2 information", offset);
        }
        struct mb2_tag tag = {.type = load_u32(info + offset),
                              .offset = offset,
                              .body = info + offset + MB2_TAG_BYTES,
                              .body_bytes = size - MB2_TAG_BYTES};
        if (tag.type == MB2_TAG_END) {
            break;
        }
        err = take_tag(&tag, &seen, facts, problem);
        if (err != BOOT_OK) {
            return err;
        }
        offset += (size + 7u) & ~7u;
    }
    if (!seen.has_memmap) {
        return boot_fail(problem, BOOT_E_NO_MEMMAP, "mb2 information", 0);
    }
    return BOOT_OK;
}
