/* SPDX-License-Identifier: MIT */
/*
 * Owns: the start of a root task. Cluster 0's becomes the shell, every other one a server of commands.
 */
#include "main.h"

#include "server.h"
#include "shell.h"

static struct root root;

_Noreturn void root_main(const struct r4_bootinfo *info)
{
    root_setup(&root, info);
    if (root_has_console(&root)) {
        shell_run(&root);
    }
    server_run(&root);
}
