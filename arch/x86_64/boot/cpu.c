/* SPDX-License-Identifier: MIT */
/* Owns: what CPUID says about the processor and the machine, and where the image lies. */
#include <x86/boot.h>
#include <x86/instructions.h>

#define LEAF_FEATURES     1u
#define LEAF_EXTENDED     7u
#define LEAF_TOPOLOGY     0xbu
#define LEAF_TOPOLOGY_V2  0x1fu
#define LEAF_AMD_MAX      0x80000000u
#define LEAF_AMD_FEATURES 0x80000001u
#define LEVELS_MAX        8u
#define EBX_APIC_ID_SHIFT 24u
#define EBX_LOGICAL_SHIFT 16u
#define EDX_HTT           (1u << 28)

enum output {
    OUT_EBX,
    OUT_ECX,
    OUT_EDX,
};

static const struct {
    uint32_t leaf;
    enum output output;
    uint32_t bit;
    const char *name;
} needed[] = {
    {LEAF_FEATURES, OUT_EDX, 4, "time-stamp counter (tsc)"},
    {LEAF_FEATURES, OUT_EDX, 5, "model-specific registers (msr)"},
    {LEAF_FEATURES, OUT_EDX, 9, "local APIC (apic)"},
    {LEAF_FEATURES, OUT_EDX, 13, "global pages (pge)"},
    {LEAF_FEATURES, OUT_EDX, 24, "FXSAVE (fxsr)"},
    {LEAF_FEATURES, OUT_EDX, 26, "SSE2 (sse2)"},
    {LEAF_AMD_FEATURES, OUT_EDX, 11, "SYSCALL (syscall)"},
    {LEAF_AMD_FEATURES, OUT_EDX, 20, "no-execute pages (nx)"},
    {LEAF_AMD_FEATURES, OUT_EDX, 26, "1 GiB pages (pdpe1gb)"},
};

static bool has(uint32_t leaf, enum output output, uint32_t bit)
{
    if (x86_cpuid(leaf & LEAF_AMD_MAX, 0).eax < leaf) {
        return false;
    }
    struct x86_cpuid r = x86_cpuid(leaf, 0);
    uint32_t value = output == OUT_EBX ? r.ebx : output == OUT_ECX ? r.ecx : r.edx;
    return (value >> bit & 1u) != 0;
}

const char *arch_boot_missing_feature(void)
{
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (!has(needed[i].leaf, needed[i].output, needed[i].bit)) {
            return needed[i].name;
        }
    }
    return NULL;
}

uint32_t arch_boot_hardware_id(void)
{
    if (x86_cpuid(0, 0).eax >= LEAF_TOPOLOGY && x86_cpuid(LEAF_TOPOLOGY, 0).ebx != 0) {
        return x86_cpuid(LEAF_TOPOLOGY, 0).edx;
    }
    return x86_cpuid(LEAF_FEATURES, 0).ebx >> EBX_APIC_ID_SHIFT;
}

/* Each level says how far to shift for the next one; the last valid level leads to the package. */
static bool shift_of_leaf(uint32_t leaf, uint32_t *shift)
{
    bool is_found = false;
    if (x86_cpuid(0, 0).eax < leaf) {
        return false;
    }
    for (uint32_t level = 0; level < LEVELS_MAX; level++) {
        struct x86_cpuid r = x86_cpuid(leaf, level);
        if ((r.ecx >> 8 & 0xffu) == 0 || r.ebx == 0) {
            break;
        }
        *shift = r.eax & 0x1fu;
        is_found = true;
    }
    return is_found;
}

uint32_t arch_boot_package_shift(void)
{
    uint32_t shift = 0;
    if (shift_of_leaf(LEAF_TOPOLOGY_V2, &shift) || shift_of_leaf(LEAF_TOPOLOGY, &shift)) {
        return shift;
    }
    struct x86_cpuid features = x86_cpuid(LEAF_FEATURES, 0);
    uint32_t logical =
        (features.edx & EDX_HTT) != 0 ? features.ebx >> EBX_LOGICAL_SHIFT & 0xffu : 1;
    while (UINT32_C(1) << shift < logical) {
        shift++;
    }
    return shift;
}

void arch_boot_image(struct paddr *base, uint64_t *bytes)
{
    *base = x86_image_paddr(x86_image_start);
    *bytes = (uint64_t)(uintptr_t)x86_image_end - (uint64_t)(uintptr_t)x86_image_start;
}
