/* SPDX-License-Identifier: MIT */
/* Owns: the grammar of the kernel's command line. */
#include <kernel/boot/options.h>

#include <stdbool.h>
#include <string.h>

/* A piece of the command line, not terminated. */
struct text {
    const char *at;
    size_t length;
};

static bool text_is(struct text text, const char *word)
{
    for (size_t i = 0; i < text.length; i++) {
        if (word[i] != text.at[i]) { /* also at the word's NUL: text has none */
            return false;
        }
    }
    return word[text.length] == '\0';
}

/* Cuts at the first separator: the part before it is returned, the part after it stays in text.
 * Without a separator everything is returned and *has_more is false. */
static struct text text_cut(struct text *text, char separator, bool *has_more)
{
    struct text head = {.at = text->at, .length = 0};
    while (head.length < text->length && text->at[head.length] != separator) {
        head.length++;
    }
    *has_more = head.length < text->length;
    size_t used = head.length + (*has_more ? 1 : 0);
    text->at += used;
    text->length -= used;
    return head;
}

static bool is_name(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_digit = c >= '0' && c <= '9';
        if (!is_letter && !is_digit && c != '_' && c != '-' && c != '.' && c != '/') {
            return false;
        }
    }
    return text.length > 0;
}

static bool take_name(struct text text, char dst[BOOT_WORD_BYTES])
{
    if (!is_name(text) || text.length >= BOOT_WORD_BYTES) {
        return false;
    }
    memcpy(dst, text.at, text.length);
    dst[text.length] = '\0';
    return true;
}

static bool take_number(struct text text, uint32_t min, uint32_t max, uint32_t *out)
{
    uint64_t value = 0;
    if (text.length == 0 || text.length > 10) {
        return false;
    }
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    if (value < min || value > max) {
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

/* The index of a word in a list that ends with NULL. */
static bool take_word(struct text text, const char *const *words, uint32_t *index)
{
    for (uint32_t i = 0; words[i] != NULL; i++) {
        if (text_is(text, words[i])) {
            *index = i;
            return true;
        }
    }
    return false;
}

static bool take_clusters(struct text value, struct boot_options *options)
{
    static const char *const words[] = {[BOOT_POLICY_NUMA] = "numa",
                                        [BOOT_POLICY_PACKAGE] = "package",
                                        [BOOT_POLICY_SINGLE] = "single",
                                        [BOOT_POLICY_CORE] = "core",
                                        NULL};
    uint32_t index;
    if (!take_word(value, words, &index)) {
        return false;
    }
    options->policy = (enum boot_policy)index;
    return true;
}

static bool take_root(struct text value, struct boot_options *options)
{
    return take_name(value, options->root);
}

static bool take_slice(struct text value, struct boot_options *options)
{
    return take_number(value, BOOT_SLICE_US_MIN, BOOT_SLICE_US_MAX, &options->slice_us);
}

static bool take_watchdog(struct text value, struct boot_options *options)
{
    return take_number(value, 1, BOOT_WATCHDOG_S_MAX, &options->watchdog_s);
}

static bool take_trace(struct text value, struct boot_options *options)
{
    static const char *const words[] = {"off", "on", NULL};
    uint32_t index;
    if (!take_word(value, words, &index)) {
        return false;
    }
    options->trace = index == 1;
    return true;
}

static bool take_plant(struct text value, struct boot_options *options)
{
    return take_name(value, options->plant);
}

static bool take_fault(struct text value, struct boot_options *options)
{
    bool has_nth;
    bool has_action;
    struct boot_fault *fault = &options->faults[options->fault_count];
    struct text point = text_cut(&value, ':', &has_nth);
    struct text nth = text_cut(&value, ':', &has_action);
    if (!has_nth || !has_action || !take_name(point, fault->point) ||
        !take_number(nth, 1, UINT32_MAX, &fault->nth) || !take_name(value, fault->action)) {
        return false;
    }
    options->fault_count++;
    return true;
}

static bool take_corrupt(struct text value, struct boot_options *options)
{
    static const char *const tables[] = {"rsdp", "xsdt",   "madt",   "srat",
                                         "slit", "memmap", "module", NULL};
    static const char *const kinds[] = {"checksum", "length",  "truncate",
                                        "overlap",  "toomany", NULL};
    bool has_kind;
    uint32_t table;
    uint32_t kind;
    struct text name = text_cut(&value, ':', &has_kind);
    if (!has_kind || !take_word(name, tables, &table) || !take_word(value, kinds, &kind)) {
        return false;
    }
    options->corruption.table = (enum boot_corrupt_table)(BOOT_CORRUPT_RSDP + table);
    options->corruption.kind = (enum boot_corrupt_kind)kind;
    return true;
}

struct option {
    const char *name;
    uint32_t most; /* how often it may be given */
    bool (*take)(struct text value, struct boot_options *options);
};

static const struct option options_known[] = {
    {"clusters", 1, take_clusters}, {"root", 1, take_root},
    {"slice_us", 1, take_slice},    {"fault", BOOT_MAX_FAULTS, take_fault},
    {"corrupt", 1, take_corrupt},   {"plant", 1, take_plant},
    {"trace", 1, take_trace},       {"watchdog_s", 1, take_watchdog},
};

enum { OPTION_COUNT = sizeof options_known / sizeof options_known[0] };

static enum boot_err fail_at(struct boot_problem *problem, enum boot_err err, struct text word,
                             const char *line)
{
    char where[BOOT_WHERE_BYTES];
    size_t length = word.length < sizeof where - 1 ? word.length : sizeof where - 1;
    for (size_t i = 0; i < length; i++) {
        bool is_printable = word.at[i] >= ' ' && word.at[i] <= '~';
        where[i] = '?';
        if (is_printable) {
            where[i] = word.at[i];
        }
    }
    where[length] = '\0';
    return boot_fail(problem, err, where, (uint64_t)(word.at - line));
}

static enum boot_err take_option(struct text word, uint32_t given[OPTION_COUNT],
                                 struct boot_options *options)
{
    bool has_value;
    struct text value = word;
    struct text name = text_cut(&value, '=', &has_value);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!text_is(name, options_known[i].name)) {
            continue;
        }
        if (given[i]++ == options_known[i].most) {
            return BOOT_E_OPTION_TWICE;
        }
        return has_value && options_known[i].take(value, options) ? BOOT_OK : BOOT_E_OPTION_VALUE;
    }
    return BOOT_E_OPTION;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_terminated(const char *line)
{
    for (size_t i = 0; i < BOOT_CMDLINE_BYTES; i++) {
        if (line[i] == '\0') {
            return true;
        }
    }
    return false;
}

static void take_args(const char *rest, struct boot_options *options)
{
    size_t length = 0;
    while (is_blank(*rest)) {
        rest++;
    }
    for (; rest[length] != '\0'; length++) {
        options->args[length] = rest[length];
    }
    options->args[length] = '\0';
}

enum boot_err cmdline_parse(const char *line, struct boot_options *options,
                            struct boot_problem *problem)
{
    uint32_t given[OPTION_COUNT] = {0};
    if (!is_terminated(line)) {
        return boot_fail(problem, BOOT_E_STRING_LENGTH, "command line", BOOT_CMDLINE_BYTES);
    }
    memset(options, 0, sizeof *options);
    options->policy = BOOT_POLICY_NUMA;
    options->slice_us = BOOT_SLICE_US_DEFAULT;
    memcpy(options->root, "sys/root", sizeof "sys/root");
    for (const char *at = line;;) {
        while (is_blank(*at)) {
            at++;
        }
        if (*at == '\0') {
            return BOOT_OK;
        }
        struct text word = {.at = at, .length = 0};
        while (*at != '\0' && !is_blank(*at)) {
            at++;
        }
        word.length = (size_t)(at - word.at);
        if (text_is(word, "--")) {
            take_args(at, options);
            return BOOT_OK;
        }
        enum boot_err err = take_option(word, given, options);
        if (err != BOOT_OK) {
            return fail_at(problem, err, word, line);
        }
    }
}
