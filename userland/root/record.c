/* SPDX-License-Identifier: MIT */
#include "record.h"

#include "console.h"
#include "result.h"

#include <lib/channel_frame.h>
#include <lib/json.h>
#include <r4/abi/names.h>
#include <string.h>

#define JSON_MAX 12288u /* a command record whose every byte is escaped */

static char text[JSON_MAX];
static char frame[JSON_MAX + CHANNEL_FRAME_EXTRA_BYTES];

static struct json begin(const char *type)
{
    struct json json;
    json_begin(&json, text, sizeof text);
    json_string(&json, "type", type);
    return json;
}

static void end(struct json *json)
{
    size_t bytes = json_end(json);
    channel_write(frame, channel_frame_encode(frame, sizeof frame, text, bytes));
}

void record_output_add(struct record_output *output, const char *bytes, size_t count)
{
    if (output->bytes < sizeof output->text) {
        size_t room = sizeof output->text - output->bytes;
        memcpy(output->text + output->bytes, bytes, count < room ? count : room);
    }
    output->bytes += count;
}

void record_boot(const struct r4_bootinfo *info)
{
    struct json json = begin("boot");
    json_number(&json, "clusters", info->clusters);
    json_number(&json, "cores", info->total_cores);
    end(&json);
}

void record_ready(void)
{
    struct json json = begin("ready");
    end(&json);
}

void record_command(const char *line, size_t bytes, uint32_t status,
                    const struct record_output *output)
{
    struct json json = begin("command");
    bool is_cut = output->bytes > sizeof output->text;
    json_bytes(&json, "line", line, bytes);
    json_number(&json, "status", status);
    json_bytes(&json, "output", output->text, is_cut ? sizeof output->text : output->bytes);
    if (is_cut) {
        json_bool(&json, "cut", true);
    }
    end(&json);
}

static bool saw_violation;

bool record_saw_violation(void)
{
    return saw_violation;
}

static void record_audit(const struct event *event)
{
    saw_violation = saw_violation || event->word[0] != 0;
    struct json json = begin("audit");
    json_number(&json, "cluster", event->cluster);
    json_number(&json, "violations", event->word[0]);
    json_number(&json, "rule", event->word[1]);
    end(&json);
}

static void record_fault(const struct event *event)
{
    struct json json = begin("fault");
    json_number(&json, "cluster", event->cluster);
    json_number(&json, "cause", event->word[0]);
    json_string(&json, "name", r4_fault_cause_name((uint32_t)event->word[0]));
    json_number(&json, "address", event->word[1]);
    json_number(&json, "code", event->word[2]);
    json_number(&json, "ip", event->word[3]);
    json_number(&json, "sp", event->word[4]);
    end(&json);
}

static void record_trace(const struct event *event)
{
    struct json json = begin("trace");
    json_number(&json, "cluster", event->cluster);
    json_number(&json, "core", event->word[0]);
    json_number(&json, "number", event->word[1]);
    json_number(&json, "ns", event->word[2]);
    json_number(&json, "point", event->word[3]);
    json_number(&json, "first", event->word[4]);
    json_number(&json, "second", event->word[5]);
    end(&json);
}

void record_event(const struct event *event)
{
    if (event->kind == EVENT_AUDIT) {
        record_audit(event);
    } else if (event->kind == EVENT_FAULT) {
        record_fault(event);
    } else if (event->kind == EVENT_TRACE) {
        record_trace(event);
    }
}

void record_result(const char *line, size_t bytes)
{
    struct result_field field;
    if (!result_begin(&line, &bytes, &field)) {
        return;
    }
    struct json json = begin("result");
    json_bytes(&json, "name", field.text, field.bytes);
    while (result_next(&line, &bytes, &field)) {
        if (field.is_number) {
            json_number(&json, field.key, field.number);
        } else {
            json_bytes(&json, field.key, field.text, field.bytes);
        }
    }
    end(&json);
}

void record_exit(uint32_t status)
{
    struct json json = begin("exit");
    json_number(&json, "status", status);
    end(&json);
}
