/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Sets both ports to 115200 baud, 8 data bits, no parity, no interrupts. Once, first thing at
 * boot.
 */
void x86_serial_init(void);
