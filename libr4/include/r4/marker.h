/* SPDX-License-Identifier: MIT */
/*
 * Owns: places that a program marks for whoever watches its instructions from outside (docs/traffic.md). A marker
 * is an instruction without effect, whose displacement says which one it is; it touches neither memory nor a port.
 */
#ifndef R4_MARKER_H
#define R4_MARKER_H

/* nopl displacement(%rax): the bytes 0f 1f 80 and four of displacement, low byte first. */
#define R4_MARKER_BASE 0x52344d00

enum r4_marker {
    R4_MARKER_BEGIN = 1, /* this party works from now on as it will until the end */
    R4_MARKER_END = 2,   /* the first one ends the measurement */
    R4_MARKER_ROUND = 3, /* one unit of work is done */
    R4_MARKER_FAILED = 4 /* the work went wrong: the figures mean nothing */
};

/* Nothing moves across. */
#define r4_marker(which)                                                                           \
    __asm__ volatile("nopl %c0(%%rax)" : : "i"(R4_MARKER_BASE + (which)) : "memory")

#endif
