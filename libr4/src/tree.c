/* SPDX-License-Identifier: MIT */
#include <r4/tree.h>

static bool is_group(const struct r4_tree *tree, uint32_t node)
{
    return node < tree->node_count && tree->nodes[node].state == R4_TREE_GROUP;
}

static enum r4_err find_unused(const struct r4_tree *tree, uint32_t *node)
{
    for (uint32_t i = 0; i < tree->node_count; i++) {
        if (tree->nodes[i].state == R4_TREE_UNUSED) {
            *node = i;
            return R4_OK;
        }
    }
    return R4_E_LIMIT;
}

/* A node for a child of `parent`. */
static enum r4_err begin(const struct r4_tree *tree, uint32_t parent, uint32_t *node)
{
    return is_group(tree, parent) ? find_unused(tree, node) : R4_E_RANGE;
}

enum r4_err r4_tree_init(struct r4_tree *tree, struct r4_self *self, struct r4_tree_node *nodes,
                         uint32_t node_count, uint32_t target, uint8_t ttl, uint16_t rights)
{
    *tree = (struct r4_tree){.self = self, .nodes = nodes, .node_count = node_count};
    for (uint32_t i = 0; i < node_count; i++) {
        nodes[i] = (struct r4_tree_node){.state = R4_TREE_UNUSED};
    }
    if (node_count == 0) {
        return R4_E_LIMIT;
    }
    enum r4_err err = r4_caretaker_make(self, target, ttl, rights, &nodes[0].caretaker);
    if (err == R4_OK) {
        nodes[0].state = R4_TREE_GROUP;
        nodes[0].parent = R4_TREE_NO_PARENT;
    }
    return err;
}

enum r4_err r4_tree_group(struct r4_tree *tree, uint32_t parent, uint16_t rights, uint32_t *node)
{
    enum r4_err err = begin(tree, parent, node);
    if (err != R4_OK) {
        return err;
    }
    const struct r4_caretaker *above = &tree->nodes[parent].caretaker;
    struct r4_tree_node *n = &tree->nodes[*node];
    err = r4_caretaker_make(tree->self, above->use, above->ttl, rights, &n->caretaker);
    if (err == R4_OK) {
        n->state = R4_TREE_GROUP;
        n->parent = parent;
    }
    return err;
}

enum r4_err r4_tree_leaf(struct r4_tree *tree, uint32_t parent, uint16_t peer, uint16_t rights,
                         uint32_t *node)
{
    struct r4_window *w = tree->self->window;
    enum r4_err err = begin(tree, parent, node);
    if (err != R4_OK) {
        return err;
    }
    const struct r4_caretaker *above = &tree->nodes[parent].caretaker;
    struct r4_tree_node *n = &tree->nodes[*node];
    err = r4_window_take(w, above->use, &n->grant);
    if (err == R4_OK) {
        n->state = R4_TREE_LEAF;
        n->parent = parent;
        r4_grant(r4_window_word(w, n->grant), r4_caretaker_grant(above, peer, rights));
    }
    return err;
}

enum r4_err r4_tree_cut(struct r4_tree *tree, uint32_t node)
{
    if (node >= tree->node_count) {
        return R4_E_RANGE;
    }
    struct r4_tree_node *n = &tree->nodes[node];
    if (n->state != R4_TREE_GROUP && n->state != R4_TREE_LEAF) {
        return R4_E_RANGE;
    }
    n->was_group = n->state == R4_TREE_GROUP;
    n->state = R4_TREE_CUT;
    r4_ungrant(r4_window_word(tree->self->window, n->was_group ? n->caretaker.use : n->grant));
    return R4_OK;
}

/* Cuts the children of what is cut. True: there were some, and they may have children. */
static bool cut_level(struct r4_tree *tree)
{
    bool found = false;
    for (uint32_t i = 0; i < tree->node_count; i++) {
        const struct r4_tree_node *n = &tree->nodes[i];
        if (n->state != R4_TREE_UNUSED && n->state != R4_TREE_CUT &&
            n->parent != R4_TREE_NO_PARENT && tree->nodes[n->parent].state == R4_TREE_CUT) {
            found = r4_tree_cut(tree, i) == R4_OK || found;
        }
    }
    return found;
}

void r4_tree_sweep(struct r4_tree *tree)
{
    while (cut_level(tree)) {
    }
    for (uint32_t i = 0; i < tree->node_count; i++) {
        struct r4_tree_node *n = &tree->nodes[i];
        if (n->state != R4_TREE_CUT) {
            continue;
        }
        if (n->was_group) {
            r4_caretaker_end(tree->self, &n->caretaker);
        } else {
            (void)r4_window_give(tree->self->window, n->grant);
        }
        n->state = R4_TREE_UNUSED;
    }
}
