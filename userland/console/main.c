/* SPDX-License-Identifier: MIT */
/*
 * console: the driver of the serial port at which people type. Carries bytes between the device and
 * the rings that it shares with its client; knows nothing of lines. Sleeps when there is nothing to
 * carry.
 *
 * Invariants: no byte is dropped. What the input ring has no room for stays in the device, whose
 * interrupt is off meanwhile. When it sleeps, the device's enabled conditions are false, so the
 * next one is an edge of its line.
 */
#include "protocol.h"
#include "uart.h"

#include <r4/abi/names.h>
#include <r4/abi/stubs.h>
#include <r4/program.h>
#include <stdbool.h>

static struct console_client_page *const client =
    (struct console_client_page *)CONSOLE_CLIENT_ADDRESS;
static struct console_server_page *const server =
    (struct console_server_page *)CONSOLE_SERVER_ADDRESS;

static struct r4_ring output;
static struct r4_ring input;

static void make_rings(void)
{
    output = (struct r4_ring){
        .data = client->output,
        .size = CONSOLE_RING_BYTES,
        .produced = &client->output_produced,
        .consumed = &server->output_consumed,
    };
    input = (struct r4_ring){
        .data = server->input,
        .size = CONSOLE_RING_BYTES,
        .produced = &server->input_produced,
        .consumed = &client->input_consumed,
    };
}

static void ring_client(void)
{
    (void)r4_notification_signal(CONSOLE_SLOT_CLIENT);
}

/* Room for input; none if the client's count is nonsense. */
static uint64_t input_room(void)
{
    uint64_t room;
    return r4_ring_room(&input, &room) ? room : 0;
}

static uint64_t output_filled(void)
{
    uint64_t filled;
    return r4_ring_filled(&output, &filled) ? filled : 0;
}

/* Takes what the device has received, as far as there is room. */
static bool receive(void)
{
    uint8_t bytes[UART_FIFO_BYTES];
    uint64_t room = input_room();
    uint64_t count = 0;
    while (count < room && count < sizeof bytes && uart_look().has_received) {
        bytes[count++] = uart_receive();
    }
    if (count == 0) {
        return false;
    }
    r4_ring_put(&input, bytes, count);
    ring_client();
    return true;
}

/* Gives the device what it can take. */
static bool send(void)
{
    uint8_t bytes[UART_FIFO_BYTES];
    uint64_t count = output_filled();
    if (count == 0 || !uart_look().can_send) {
        return false;
    }
    count = count < sizeof bytes ? count : sizeof bytes;
    r4_ring_get(&output, bytes, count);
    uart_send(bytes, count);
    /* Pairs with the acquire in terminal.c. */
    __atomic_store_n(&server->output_written, output.mine, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_load_n(&client->waits, __ATOMIC_RELAXED) != 0) {
        ring_client();
    }
    return true;
}

/* Says whether it waits for room, before it looks for room a last time. */
static bool can_receive(void)
{
    bool has_room = input_room() > 0;
    __atomic_store_n(&server->waits, has_room ? 0 : 1, __ATOMIC_RELAXED);
    if (has_room) {
        return true;
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return input_room() > 0;
}

static void carry(void)
{
    bool has_carried;
    do {
        has_carried = receive();
        has_carried |= send();
    } while (has_carried);
    uart_enable(can_receive(), output_filled() > 0);
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    enum r4_err err = uart_start();
    if (err != R4_OK) {
        r4_printf("console: %s\n",
                  err == R4_E_STATE ? "there is no serial device at its ports"
                                    : "only the root task can start it, with the device's ports");
        return 1;
    }
    make_rings();
    while (err == R4_OK) {
        uint64_t bits = 0;
        carry();
        err = r4_notification_wait(CONSOLE_SLOT_BELL, &bits);
        if ((bits & CONSOLE_BIT_IRQ) != 0) {
            (void)r4_irq_ack(CONSOLE_SLOT_IRQ);
        }
    }
    r4_printf("console: waiting: %s: %s\n", r4_err_name(err), r4_err_text(err));
    return 1;
}
