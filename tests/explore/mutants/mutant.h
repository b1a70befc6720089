/* SPDX-License-Identifier: MIT */
/* Owns: what a mutant of the kernel says of itself. Each is linked instead of the file it changes. */
#pragma once

#include "scenarios.h"

struct mutant {
    const char *bug;
    const struct scenario *found_by;
};

extern const struct mutant mutant;
