/* SPDX-License-Identifier: MIT */
/*
 * Owns: what is said when the kernel itself met an exception. Runs on any stack, after any
 * instruction; takes no lock.
 */
#include <kernel/panic.h>
#include <lib/fmt.h>
#include <x86/trap.h>

/* Room for the longest message. */
#define LINE_BYTES 160u

#define VECTOR_UNDEFINED 6u

struct line {
    char text[LINE_BYTES];
    size_t used;
};

/* Leaves room for a number and the NUL. */
static void add_text(struct line *line, const char *text)
{
    while (*text != '\0' && line->used < LINE_BYTES - FMT_DECIMAL_MAX - 1) {
        line->text[line->used++] = *text++;
    }
}

static void add_hex(struct line *line, const char *name, uint64_t value)
{
    add_text(line, name);
    if (line->used < LINE_BYTES - FMT_HEX_MAX) {
        line->used += fmt_hex(&line->text[line->used], value, FMT_HEX_MAX);
    }
}

/* What happened; an undefined instruction is what a check that the compiler has put in ends with. */
static void add_cause(struct line *line, const struct x86_frame *frame)
{
    if (frame->vector != VECTOR_UNDEFINED) {
        add_text(line, "exception ");
        line->used += fmt_decimal(&line->text[line->used], frame->vector);
        return;
    }
    /* The instruction has just been fetched from there. */
    const char *why = x86_trap_text((const uint8_t *)frame->rip);
    add_text(line, why == NULL ? "undefined instruction" : "undefined behaviour: ");
    add_text(line, why == NULL ? "" : why);
}

void x86_fatal(const struct x86_frame *frame)
{
    struct line line = {.used = 0};
    add_cause(&line, frame);
    add_hex(&line, " in kernel mode, rip 0x", frame->rip);
    add_hex(&line, ", rsp 0x", frame->rsp);
    if (frame->vector != VECTOR_UNDEFINED) {
        add_hex(&line, ", cr2 0x", x86_read_cr2());
        add_hex(&line, ", code 0x", frame->error);
    }
    line.text[line.used] = '\0';
    r4_panic("arch/x86_64", line.text);
}
