/* SPDX-License-Identifier: MIT */
#pragma once

#include <kernel/core.h>
#include <kernel/entry.h>

/* The boot core's first entry: kernel_start, then the planted violation if there is one. */
void x86_start(struct core *core);
