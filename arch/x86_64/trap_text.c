/* SPDX-License-Identifier: MIT */
/*
 * Owns: the meaning of the instructions with which compiled C gives up: `ud2` of an unreachable place, and the `ud1` of
 * -fsanitize-trap, whose displacement says which check failed.
 */
#include <x86/trap.h>

/* By the compiler's number of the check; those that C cannot fail have no text. */
static const char *const check_texts[] = {
    [0] = "addition overflow",
    [1] = "unreachable code",
    [3] = "division overflow",
    [8] = "zero to a builtin",
    [10] = "invalid value loaded",
    [11] = "missing return",
    [12] = "multiplication overflow",
    [13] = "negation overflow",
    [16] = "null argument",
    [17] = "null returned",
    [18] = "index out of bounds",
    [19] = "pointer overflow",
    [20] = "shift out of bounds",
    [21] = "subtraction overflow",
    [22] = "null or misaligned pointer",
    [23] = "alignment assumption",
    [24] = "size of array",
};

#define CHECKS (sizeof check_texts / sizeof check_texts[0])

/* ud1 disp8(%eax), %eax: an address-size prefix, the opcode, ModRM. Check 0 has no displacement. */
static const uint8_t ud1[] = {0x67, 0x0f, 0xb9};
static const uint8_t ud2[] = {0x0f, 0x0b};
#define MODRM_EAX_EAX       0x00u
#define MODRM_DISP8_EAX_EAX 0x40u

static bool starts_with(const uint8_t *code, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (code[i] != bytes[i]) {
            return false;
        }
    }
    return true;
}

const char *x86_trap_text(const uint8_t *code)
{
    if (starts_with(code, ud2, sizeof ud2)) {
        return "the compiler's trap";
    }
    if (!starts_with(code, ud1, sizeof ud1)) {
        return NULL;
    }
    const uint8_t modrm = code[sizeof ud1];
    uint32_t check = CHECKS;
    if (modrm == MODRM_EAX_EAX) {
        check = 0;
    } else if (modrm == MODRM_DISP8_EAX_EAX) {
        check = code[sizeof ud1 + 1];
    }
    if (check >= CHECKS || check_texts[check] == NULL) {
        return "an unknown check";
    }
    return check_texts[check];
}
