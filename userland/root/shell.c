/* SPDX-License-Identifier: MIT */
#include "shell.h"

#include "command.h"
#include "console.h"
#include "record.h"

#include <r4/abi/stubs.h>
#include <string.h>

#define PROMPT      "r4> "
#define SCRIPT_NAME "etc/script"

/* Output that goes to the console and into the command's record. */
struct shell_sink {
    struct sink sink;
    struct record_output output;
};

static void put_text(struct sink *sink, const char *text, size_t bytes)
{
    console_write(text, bytes);
    record_output_add(&((struct shell_sink *)(void *)sink)->output, text, bytes);
}

static void put_event(struct sink *sink, const struct event *event)
{
    (void)sink;
    record_event(event);
}

/* Runs a line and reports it; ends the machine if it says so. */
static uint32_t run_line(struct root *root, const char *line, size_t bytes)
{
    static struct shell_sink out;
    out.output.bytes = 0;
    sink_init(&out.sink, put_text, put_event);
    uint32_t status = command_run(root, &out.sink, line, bytes);
    sink_flush(&out.sink);
    record_command(line, bytes < LINE_MAX_BYTES ? bytes : LINE_MAX_BYTES, status, &out.output);
    if (root->quits) {
        root_end(root->quit_status);
    }
    return status;
}

static bool is_skipped(const char *line, size_t bytes)
{
    size_t i = 0;
    while (i < bytes && (line[i] == ' ' || line[i] == '\t')) {
        i++;
    }
    return i == bytes || line[i] == '#';
}

/* Runs each line of the text; the first that fails ends the machine with its status. */
static void run_script(struct root *root, const char *text, size_t bytes)
{
    size_t start = 0;
    while (start < bytes) {
        size_t end = start;
        while (end < bytes && text[end] != '\n') {
            end++;
        }
        size_t length = end - start;
        if (length > 0 && text[end - 1] == '\r') {
            length--;
        }
        if (!is_skipped(text + start, length)) {
            console_write_raw(PROMPT, sizeof PROMPT - 1);
            console_write(text + start, length);
            console_write("\n", 1);
            uint32_t status = run_line(root, text + start, length);
            if (status != STATUS_OK) {
                root_end(status);
            }
        }
        start = end + 1;
    }
    root_end(STATUS_OK);
}

static char wait_for_byte(void)
{
    char byte;
    while (!console_read(&byte)) {
        __builtin_ia32_pause();
        (void)r4_yield();
    }
    return byte;
}

static void rub_out(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        console_write_raw("\b \b", 3);
    }
}

/* Reads a line with echo; backspace and Ctrl-U edit it. What does not fit any more is counted only. */
static size_t read_line(char *line, size_t size)
{
    const char backspace = 0x08, erase = 0x7f, kill = 0x15;
    size_t bytes = 0;
    for (;;) {
        char c = wait_for_byte();
        if (c == '\r' || c == '\n') {
            console_write("\n", 1);
            return bytes;
        }
        if ((c == backspace || c == erase) && bytes > 0) {
            rub_out(1);
            bytes--;
        } else if (c == kill) {
            rub_out(bytes);
            bytes = 0;
        } else if (c >= ' ' && c < erase) {
            console_write_raw(&c, 1);
            if (bytes < size) {
                line[bytes] = c;
            }
            bytes++;
        }
    }
}

static _Noreturn void run_console(struct root *root)
{
    static const char greeting[] = "R4. `help` lists the commands, `quit` ends the machine.\n";
    char line[LINE_MAX_BYTES + 1]; /* one more, so that a line that is too long is refused */
    console_write(greeting, sizeof greeting - 1);
    for (;;) {
        console_write_raw(PROMPT, sizeof PROMPT - 1);
        record_ready();
        size_t bytes = read_line(line, sizeof line);
        if (bytes > 0) {
            (void)run_line(root, line, bytes < sizeof line ? bytes : sizeof line);
        }
    }
}

_Noreturn void shell_run(struct root *root)
{
    struct cpio_file script;
    record_boot(root->info);
    if (cpio_find(&root->archive, SCRIPT_NAME, &script) == CPIO_OK) {
        run_script(root, (const char *)script.data, script.bytes);
    }
    run_console(root);
}
