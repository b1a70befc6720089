/* SPDX-License-Identifier: MIT */
/* The raw calls as the generated stubs need them; a stand-in for libr4's header of this name. */
#ifndef R4_INVOKE_H
#define R4_INVOKE_H

#include <stdint.h>

typedef uint64_t r4_cap;

struct r4_result {
    uint32_t err;
    uint32_t detail;
    uint64_t m[6];
};

struct r4_result r4_invoke0(r4_cap cap, uint16_t call);
struct r4_result r4_invoke1(r4_cap cap, uint16_t call, uint64_t m0);
struct r4_result r4_invoke2(r4_cap cap, uint16_t call, uint64_t m0, uint64_t m1);
struct r4_result r4_invoke3(r4_cap cap, uint16_t call, uint64_t m0, uint64_t m1, uint64_t m2);
struct r4_result r4_invoke4(r4_cap cap, uint16_t call, uint64_t m0, uint64_t m1, uint64_t m2,
                            uint64_t m3);
struct r4_result r4_invoke5(r4_cap cap, uint16_t call, uint64_t m0, uint64_t m1, uint64_t m2,
                            uint64_t m3, uint64_t m4);
struct r4_result r4_invoke6(r4_cap cap, uint16_t call, uint64_t m0, uint64_t m1, uint64_t m2,
                            uint64_t m3, uint64_t m4, uint64_t m5);

#endif /* R4_INVOKE_H */
