/* SPDX-License-Identifier: MIT */
/*
 * Owns: delegation trees: one capability granted to many, in groups and groups of groups, each of which
 * can be taken back by itself.
 *
 *     root (a slot) -- group -- group -- leaf (GRANT to a peer)
 *                 \         \-- leaf
 *                  \- leaf
 *
 * A group is a caretaker before the group above it, so that the words do the work: cutting a group is
 * one store, whatever hangs below it. A leaf is a GRANT; its index is what the peer is told.
 *
 * Invariants
 * (1) The parent of a node is a group, or the root. Each step down costs one of the time to live.
 * (2) A node that was cut leads nowhere at once; its words are free again after r4_tree_sweep.
 * Locking: none, as window.h.
 */
#ifndef R4_TREE_H
#define R4_TREE_H

#include <r4/caretaker.h>

enum r4_tree_state { R4_TREE_UNUSED = 0, R4_TREE_GROUP, R4_TREE_LEAF, R4_TREE_CUT };

#define R4_TREE_NO_PARENT UINT32_MAX

struct r4_tree_node {
    struct r4_caretaker caretaker; /* GROUP */
    uint32_t parent;               /* number of its node */
    uint32_t grant;                /* LEAF: the index to tell the peer */
    uint8_t state;                 /* enum r4_tree_state */
    bool was_group;                /* CUT */
};

struct r4_tree {
    struct r4_self *self;
    struct r4_tree_node *nodes;
    uint32_t node_count;
};

/*
 * Node 0 is the root: a caretaker before `target`, a slot or a USE whose time to live is `ttl`. `nodes`
 * is the caller's. Errors and cost: those of r4_caretaker_make.
 */
enum r4_err r4_tree_init(struct r4_tree *tree, struct r4_self *self, struct r4_tree_node *nodes,
                         uint32_t node_count, uint32_t target, uint8_t ttl, uint16_t rights);

/*
 * A group below a group. R4_E_RANGE: the parent is none; R4_E_LIMIT: no node is left; else as
 * r4_caretaker_make. Cost: 2 stores, 239 instructions in a tree of two nodes, more for each
 * node that is passed over; kernel entries only for a new page of the window.
 */
enum r4_err r4_tree_group(struct r4_tree *tree, uint32_t parent, uint16_t rights, uint32_t *node);

/*
 * Grants to a peer below a group; tree->nodes[*node].grant is what the peer puts into its USE. Errors
 * as r4_tree_group. Cost: 1 store, 147 instructions likewise; kernel entries as there.
 */
enum r4_err r4_tree_leaf(struct r4_tree *tree, uint32_t parent, uint16_t peer, uint16_t rights,
                         uint32_t *node);

/*
 * Takes back the node and all that hangs below it. R4_E_RANGE: it is none. Cost: 1 store, 30 instructions,
 * whatever hangs below; no kernel entry.
 */
enum r4_err r4_tree_cut(struct r4_tree *tree, uint32_t node);

/*
 * Frees the words and nodes of what was cut. Cost: grows with the nodes and their levels; 618
 * instructions in a tree of 16 nodes, for a group and a leaf that go; no kernel entry.
 */
void r4_tree_sweep(struct r4_tree *tree);

#endif
