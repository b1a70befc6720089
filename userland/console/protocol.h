/* SPDX-License-Identifier: MIT */
/*
 * Owns: what the console server and its one client, the root task of cluster 0, share: two pages
 * with a ring of bytes each, and the capabilities and addresses with which the server starts.
 *
 * Invariants
 * (1) Each page is written by one side only; the other has it mapped to read.
 * (2) Neither side believes the other's counts (<r4/ring.h>). Each rings the other's notification
 *     after it put something; after it took something only if the other says that it waits for
 *     room.
 * (3) A side that is about to wait says so first and then looks again, with a full fence between; a
 *     side that made room does so first and then looks whether the other waits. So one of them sees
 *     the other.
 */
#ifndef CONSOLE_PROTOCOL_H
#define CONSOLE_PROTOCOL_H

#include <r4/page.h>
#include <r4/ring.h>
#include <r4/startup.h>

#define CONSOLE_RING_BYTES 2048u

/* Written by the client. */
struct console_client_page {
    uint64_t output_produced;
    uint64_t input_consumed;
    uint32_t waits; /* 1: ring when output was written */
    uint8_t reserved[2028];
    uint8_t output[CONSOLE_RING_BYTES];
};
_Static_assert(sizeof(struct console_client_page) == R4_PAGE_BYTES, "one page");

/* Written by the server. */
struct console_server_page {
    uint64_t output_consumed;
    uint64_t output_written; /* bytes that the device has got */
    uint64_t input_produced;
    uint32_t waits; /* 1: ring when input was taken */
    uint8_t reserved[2020];
    uint8_t input[CONSOLE_RING_BYTES];
};
_Static_assert(sizeof(struct console_server_page) == R4_PAGE_BYTES, "one page");

/* Where the server finds the pages. */
#define CONSOLE_CLIENT_ADDRESS (R4_PROGRAM_OUTPUT + UINT64_C(0x2000))
#define CONSOLE_SERVER_ADDRESS (R4_PROGRAM_OUTPUT + UINT64_C(0x4000))

/* Capabilities of the server at its start, beside those of every program. */
enum console_slot {
    CONSOLE_SLOT_PORTS = R4_PROGRAM_SLOT_FREE, /* the device's eight I/O ports */
    CONSOLE_SLOT_IRQ,                          /* handler of its line; signals CONSOLE_SLOT_BELL */
    CONSOLE_SLOT_BELL,                         /* notification at which the server waits */
    CONSOLE_SLOT_CLIENT,                       /* notification of the client, to signal */
    CONSOLE_SLOT_END
};

/* Bits of the server's notification. */
#define CONSOLE_BIT_IRQ    UINT64_C(1)
#define CONSOLE_BIT_CLIENT UINT64_C(2)

#define CONSOLE_PORT 0x3f8u
#define CONSOLE_LINE 4u

#endif
