/* SPDX-License-Identifier: MIT */
/* The headers that cmocka.h wants to have been included before it, in the order it wants them. */
#ifndef SUPPORT_UNIT_H
#define SUPPORT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
