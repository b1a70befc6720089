/* SPDX-License-Identifier: MIT */
/*
 * Owns: taking commands from cluster 0 and running them here.
 */
#ifndef ROOT_SERVER_H
#define ROOT_SERVER_H

#include "root.h"

/* Serves for ever; sleeps while there is nothing to do. */
_Noreturn void server_run(struct root *root);

#endif
