/* SPDX-License-Identifier: MIT */
/*
 * Leak checking is off: nothing here allocates but cmocka, and the leak checker traces its own process, which
 * hangs where tracing is restricted (containers).
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}
