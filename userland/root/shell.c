/* SPDX-License-Identifier: MIT */
#include "shell.h"

#include "command.h"
#include "complete.h"
#include "edit.h"
#include "record.h"
#include "terminal.h"

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
    terminal_write(text, bytes);
    record_output_add(&((struct shell_sink *)(void *)sink)->output, text, bytes);
    record_result(text, bytes);
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
            terminal_write_raw(PROMPT, sizeof PROMPT - 1);
            terminal_write(text + start, length);
            terminal_write("\n", 1);
            uint32_t status = run_line(root, text + start, length);
            if (status != STATUS_OK) {
                root_end(status);
            }
        }
        start = end + 1;
    }
    root_end(STATUS_OK);
}

/* ------------------------------------------------------------------------------------------------
 * Lines that are typed
 */

static void put_screen(void *context, const char *bytes, size_t count)
{
    (void)context;
    terminal_write_raw(bytes, count);
}

static const char *name_of(void *context, enum complete_kind kind, size_t i)
{
    switch (kind) {
    case COMPLETE_COMMAND:
        return command_name(i);
    case COMPLETE_PROGRAM:
        return program_name(context, i);
    case COMPLETE_NOTHING:
        break;
    }
    return NULL;
}

static void find_completion(void *context, const char *line, size_t cursor,
                            struct edit_completion *out)
{
    const struct complete_place place = complete_place(line, cursor);
    complete_find(&place, name_of, context, out);
}

static void show_completions(void *context, const char *line, size_t cursor)
{
    const struct complete_place place = complete_place(line, cursor);
    const char *name;
    for (size_t i = 0; (name = name_of(context, place.kind, i)) != NULL; i++) {
        if (complete_fits(&place, name)) {
            terminal_write(name, strlen(name));
            terminal_write("  ", 2);
        }
    }
    terminal_write("\n", 1);
}

static _Noreturn void run_console(struct root *root)
{
    static const char greeting[] = "R4. `help` lists the commands, `quit` ends the machine.\n";
    static struct edit edit;
    edit.prompt = PROMPT;
    edit.context = root;
    edit.put = put_screen;
    edit.complete = find_completion;
    edit.show = show_completions;
    terminal_write(greeting, sizeof greeting - 1);
    for (;;) {
        enum edit_event event = EDIT_NOTHING;
        edit_begin(&edit);
        record_ready();
        while (event == EDIT_NOTHING) {
            event = edit_take(&edit, terminal_read());
        }
        if (event == EDIT_ENTER && edit.line.length > 0) {
            (void)run_line(root, edit.line.text, edit.line.length);
        }
    }
}

_Noreturn void shell_run(struct root *root)
{
    struct cpio_file script;
    terminal_start(root);
    root->env.is_interrupted = terminal_is_interrupted;
    record_boot(root->info);
    if (cpio_find(&root->archive, SCRIPT_NAME, &script) == CPIO_OK) {
        run_script(root, (const char *)script.data, script.bytes);
    }
    run_console(root);
}
