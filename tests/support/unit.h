/* SPDX-License-Identifier: MIT */
/* The headers that cmocka.h wants to have been included before it, in the order it wants them. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
