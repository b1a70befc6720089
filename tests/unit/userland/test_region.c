/* SPDX-License-Identifier: MIT */
/* userland/root/region.c: requests and replies over shared pages, and what a lying side can do. */
#include "unit.h"

#include "region.h"
#include "sink.h"

#include <stdlib.h>
#include <string.h>

static uint8_t pages[REGION_PAGES * R4_PAGE_BYTES] __attribute__((aligned(4096)));
static struct region client;
static struct region server;
static struct region_message message;
static char line[LINE_MAX_BYTES];
static size_t bytes;
static uint32_t status;

static int setup(void **state)
{
    (void)state;
    memset(pages, 0, sizeof pages);
    region_init(&client, pages);
    region_init(&server, pages);
    region_set_state(&server, REGION_SERVING);
    bytes = 0;
    status = 77;
    return 0;
}

static enum region_news next(void)
{
    return region_next(&client, &message, &status);
}

static enum region_news take(void)
{
    return region_take(&server, line, &bytes);
}

static void test_region__one_request(void **state)
{
    (void)state;
    assert_int_equal(take(), REGION_NOTHING);
    region_post(&client, "run hello", 9);
    assert_int_equal(next(), REGION_NOTHING);
    assert_int_equal(take(), REGION_REQUEST);
    assert_int_equal(bytes, 9);
    assert_memory_equal(line, "run hello", 9);
    assert_int_equal(take(), REGION_NOTHING);
    assert_true(region_put(&server, REGION_TEXT, "hello\n", 6));
    assert_int_equal(next(), REGION_MESSAGE);
    assert_int_equal(message.kind, REGION_TEXT);
    assert_int_equal(message.bytes, 6);
    assert_memory_equal(message.data, "hello\n", 6);
    assert_int_equal(next(), REGION_NOTHING);
    region_finish(&server, 3);
    assert_int_equal(next(), REGION_DONE);
    assert_int_equal(status, 3);
}

static void test_region__output_comes_before_done(void **state)
{
    (void)state;
    struct event event = {.kind = EVENT_AUDIT, .word = {1, 2}};
    region_post(&client, "audit", 5);
    assert_int_equal(take(), REGION_REQUEST);
    assert_true(region_put(&server, REGION_EVENT, &event, sizeof event));
    assert_true(region_put(&server, REGION_TEXT, "x", 1));
    region_finish(&server, 0);
    assert_int_equal(next(), REGION_MESSAGE);
    assert_int_equal(message.kind, REGION_EVENT);
    assert_memory_equal(message.data, &event, sizeof event);
    assert_int_equal(next(), REGION_MESSAGE);
    assert_int_equal(next(), REGION_DONE);
}

static void test_region__many_requests_and_a_full_ring(void **state)
{
    (void)state;
    char text[REGION_MESSAGE_MAX];
    for (unsigned request = 1; request < 50; request++) {
        unsigned put = 0, got = 0;
        region_post(&client, line, request % LINE_MAX_BYTES);
        assert_int_equal(take(), REGION_REQUEST);
        assert_int_equal(bytes, request % LINE_MAX_BYTES);
        while (got < 40) {
            memset(text, (int)put, sizeof text);
            while (put < 40 && region_put(&server, REGION_TEXT, text, 1 + put * 12)) {
                put++;
                memset(text, (int)put, sizeof text);
            }
            while (next() == REGION_MESSAGE) {
                assert_int_equal(message.bytes, 1 + got * 12);
                assert_int_equal(message.data[0], got);
                got++;
            }
        }
        region_finish(&server, request);
        assert_int_equal(next(), REGION_DONE);
        assert_int_equal(status, request);
    }
}

static void test_region__message_needs_room_for_its_header_too(void **state)
{
    (void)state;
    const uint32_t header_bytes = 8;
    uint32_t room = REGION_DATA_BYTES;
    for (; room >= header_bytes + REGION_MESSAGE_MAX; room -= header_bytes + REGION_MESSAGE_MAX) {
        assert_true(region_put(&server, REGION_TEXT, pages, REGION_MESSAGE_MAX));
    }
    assert_false(region_put(&server, REGION_TEXT, pages, room));
    assert_false(region_put(&server, REGION_TEXT, pages, room - header_bytes + 1));
    assert_true(region_put(&server, REGION_TEXT, pages, room - header_bytes));
}

static void test_region__request_may_come_before_the_server(void **state)
{
    (void)state;
    memset(pages, 0, sizeof pages);
    region_post(&client, "help", 4);
    assert_int_equal(next(), REGION_NOTHING);
    region_set_state(&server, REGION_SERVING);
    assert_int_equal(take(), REGION_REQUEST);
}

static void test_region__server_that_ended(void **state)
{
    (void)state;
    region_post(&client, "help", 4);
    assert_true(region_put(&server, REGION_TEXT, "x", 1));
    region_set_state(&server, REGION_ENDED);
    assert_int_equal(next(), REGION_MESSAGE);
    assert_int_equal(next(), REGION_GONE);
}

/* Each lie of a server is found, and nothing is believed afterwards. */
static void expect_broken_client(void)
{
    assert_int_equal(next(), REGION_BROKEN);
    assert_int_equal(status, 77);
    memset(pages, 0, sizeof pages);
    assert_int_equal(next(), REGION_BROKEN);
}

static void test_region__interruption_is_of_one_request(void **state)
{
    (void)state;
    region_post(&client, "run spin", 8);
    assert_int_equal(take(), REGION_REQUEST);
    assert_false(region_is_interrupted(&server));
    region_interrupt(&client);
    assert_true(region_is_interrupted(&server));
    region_finish(&server, 254);
    assert_int_equal(next(), REGION_DONE);
    region_post(&client, "run spin", 8);
    assert_int_equal(take(), REGION_REQUEST);
    assert_false(region_is_interrupted(&server));
    client.request->interrupted = server.sequence + 1; /* a lie: there is no such request yet */
    assert_false(region_is_interrupted(&server));
}

static void test_region__server_lies_about_the_version(void **state)
{
    (void)state;
    region_post(&client, "help", 4);
    client.reply->version++;
    expect_broken_client();
}

static void test_region__server_lies_about_the_state(void **state)
{
    (void)state;
    region_post(&client, "help", 4);
    client.reply->state = 3;
    expect_broken_client();
}

static void test_region__server_lies_about_what_is_done(void **state)
{
    (void)state;
    region_post(&client, "help", 4);
    client.reply->done = 2;
    expect_broken_client();
}

static void test_region__server_lies_about_the_status(void **state)
{
    (void)state;
    region_post(&client, "help", 4);
    assert_int_equal(take(), REGION_REQUEST);
    region_finish(&server, REGION_STATUS_MAX + 1);
    expect_broken_client();
}

static void test_region__server_lies_about_the_count(void **state)
{
    (void)state;
    region_post(&client, "help", 4);
    client.reply->produced = REGION_DATA_BYTES + 1;
    expect_broken_client();
}

static void test_region__server_lies_in_a_header(void **state)
{
    (void)state;
    const uint32_t headers[][2] = {
        {REGION_TEXT, 0},
        {REGION_TEXT, REGION_MESSAGE_MAX + 1},
        {REGION_TEXT, UINT32_MAX},
        {REGION_TEXT, 10},
        {REGION_EVENT, 8},
        {0, 4},
        {3, 4},
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        setup(NULL);
        region_post(&client, "help", 4);
        memcpy(client.ring.data, headers[i], 8);
        client.reply->produced = 8 + 9; /* a header and less than 10 bytes */
        expect_broken_client();
    }
    const uint32_t good[2] = {REGION_TEXT, 1};
    setup(NULL);
    region_post(&client, "help", 4);
    memcpy(client.ring.data, good, sizeof good);
    client.reply->produced = 7; /* less than a header */
    expect_broken_client();
}

static void expect_broken_server(void)
{
    assert_int_equal(take(), REGION_BROKEN);
    memset(pages, 0, sizeof pages);
    assert_int_equal(take(), REGION_BROKEN);
    assert_false(region_put(&server, REGION_TEXT, "x", 1));
}

static void test_region__client_lies(void **state)
{
    (void)state;
    region_post(&client, "help", 4);
    server.request->sequence = 2;
    expect_broken_server();
    setup(NULL);
    region_post(&client, "help", 4);
    server.request->length = LINE_MAX_BYTES + 1;
    expect_broken_server();
    setup(NULL);
    region_post(&client, "help", 4);
    server.request->version = 0;
    expect_broken_server();
    setup(NULL);
    server.request->consumed = 1;
    assert_false(region_put(&server, REGION_TEXT, "x", 1));
    assert_true(server.is_broken);
}

/* Random garbage in the whole region: nothing outside of it is touched (ASan) and both sides end. */
static void test_region__garbage(void **state)
{
    (void)state;
    srand(4);
    for (unsigned round = 0; round < 2000; round++) {
        setup(NULL);
        region_post(&client, "help", 4);
        unsigned changes = 1 + (unsigned)rand() % 8;
        for (unsigned i = 0; i < changes; i++) {
            size_t page = (size_t)(rand() % 3) * R4_PAGE_BYTES;
            pages[page + (size_t)rand() % 48] = (uint8_t)rand();
        }
        unsigned messages = 0;
        while (next() == REGION_MESSAGE) {
            assert_true(message.bytes <= REGION_MESSAGE_MAX);
            assert_true(++messages <= REGION_DATA_BYTES / 8);
        }
        if (take() == REGION_REQUEST) {
            assert_true(bytes <= LINE_MAX_BYTES);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_region__one_request, setup),
        cmocka_unit_test_setup(test_region__output_comes_before_done, setup),
        cmocka_unit_test_setup(test_region__many_requests_and_a_full_ring, setup),
        cmocka_unit_test_setup(test_region__message_needs_room_for_its_header_too, setup),
        cmocka_unit_test_setup(test_region__request_may_come_before_the_server, setup),
        cmocka_unit_test_setup(test_region__server_that_ended, setup),
        cmocka_unit_test_setup(test_region__interruption_is_of_one_request, setup),
        cmocka_unit_test_setup(test_region__server_lies_about_the_version, setup),
        cmocka_unit_test_setup(test_region__server_lies_about_the_state, setup),
        cmocka_unit_test_setup(test_region__server_lies_about_what_is_done, setup),
        cmocka_unit_test_setup(test_region__server_lies_about_the_status, setup),
        cmocka_unit_test_setup(test_region__server_lies_about_the_count, setup),
        cmocka_unit_test_setup(test_region__server_lies_in_a_header, setup),
        cmocka_unit_test_setup(test_region__client_lies, setup),
        cmocka_unit_test_setup(test_region__garbage, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
