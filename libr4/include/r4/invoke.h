/* SPDX-License-Identifier: MIT */
/*
 * Owns: the `syscall` instruction: a call with 0 to 6 message words in registers.
 *
 * Invariants: a word that is not given is not loaded, and what a register then holds goes in. All six
 * words are outputs, because a call with results writes them; without results they come back as they
 * went in.
 *
 * Not here: what the calls mean; the typed functions over these are in <r4/abi/stubs.h>.
 */
#ifndef R4_INVOKE_H
#define R4_INVOKE_H

#include <r4/abi/layout.h>
#include <r4/abi/limits.h>
#include <r4/cap.h>
#include <stdint.h>

struct r4_result {
    uint32_t err;    /* enum r4_err */
    uint32_t detail; /* which argument the error is about: 0 the capability, 1 the first argument */
    uint64_t m[R4_CALL_WORDS];
};

/*
 * The call word and the words are given as asm inputs tied to outputs: "0" is rax, "1" to "6" are the
 * words. Evaluates to the result.
 */
#define R4_SYSCALL(...)                                                                            \
    __extension__({                                                                                \
        struct r4_result result_;                                                                  \
        uint64_t reply_;                                                                           \
        register uint64_t w3_ __asm__("r10");                                                      \
        register uint64_t w4_ __asm__("r8");                                                       \
        register uint64_t w5_ __asm__("r9");                                                       \
        __asm__ volatile("syscall"                                                                 \
                         : "=a"(reply_), "=D"(result_.m[0]), "=S"(result_.m[1]),                   \
                           "=d"(result_.m[2]), "=r"(w3_), "=r"(w4_), "=r"(w5_)                     \
                         : __VA_ARGS__                                                             \
                         : "rcx", "r11", "memory");                                                \
        result_.err = r4_reply_error(reply_);                                                      \
        result_.detail = r4_reply_detail(reply_);                                                  \
        result_.m[3] = w3_;                                                                        \
        result_.m[4] = w4_;                                                                        \
        result_.m[5] = w5_;                                                                        \
        result_;                                                                                   \
    })

/*
 * The call word: the index goes to its upper half, the peer to the lower one. Bits of `cap` right
 * above an index are not cut off: the kernel shall refuse them.
 */
static inline uint64_t r4_call_word(r4_cap cap, uint16_t call)
{
    return cap << R4_CALL_INDEX_LO | (cap >> 32u & R4_CALL_PEER_MASK) | call;
}

static inline struct r4_result r4_invoke0(r4_cap cap, uint16_t call)
{
    return R4_SYSCALL("0"(r4_call_word(cap, call)));
}

static inline struct r4_result r4_invoke1(r4_cap cap, uint16_t call, uint64_t m0)
{
    return R4_SYSCALL("0"(r4_call_word(cap, call)), "1"(m0));
}

static inline struct r4_result r4_invoke2(r4_cap cap, uint16_t call, uint64_t m0, uint64_t m1)
{
    return R4_SYSCALL("0"(r4_call_word(cap, call)), "1"(m0), "2"(m1));
}

static inline struct r4_result r4_invoke3(r4_cap cap, uint16_t call, uint64_t m0, uint64_t m1,
                                          uint64_t m2)
{
    return R4_SYSCALL("0"(r4_call_word(cap, call)), "1"(m0), "2"(m1), "3"(m2));
}

static inline struct r4_result r4_invoke4(r4_cap cap, uint16_t call, uint64_t m0, uint64_t m1,
                                          uint64_t m2, uint64_t m3)
{
    return R4_SYSCALL("0"(r4_call_word(cap, call)), "1"(m0), "2"(m1), "3"(m2), "4"(m3));
}

static inline struct r4_result r4_invoke5(r4_cap cap, uint16_t call, uint64_t m0, uint64_t m1,
                                          uint64_t m2, uint64_t m3, uint64_t m4)
{
    return R4_SYSCALL("0"(r4_call_word(cap, call)), "1"(m0), "2"(m1), "3"(m2), "4"(m3), "5"(m4));
}

static inline struct r4_result r4_invoke6(r4_cap cap, uint16_t call, uint64_t m0, uint64_t m1,
                                          uint64_t m2, uint64_t m3, uint64_t m4, uint64_t m5)
{
    return R4_SYSCALL("0"(r4_call_word(cap, call)), "1"(m0), "2"(m1), "3"(m2), "4"(m3), "5"(m4),
                      "6"(m5));
}

#endif
