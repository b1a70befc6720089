/* SPDX-License-Identifier: MIT */
/* Owns: what the files of the model share among themselves. */
#pragma once

#include "model.h"

/* model_tree.c */
void model_place_write(struct model *m, uint32_t holder, uint32_t place, uint32_t cap);
uint32_t model_place_read(const struct model *m, uint32_t holder, uint32_t place);
/* Takes it out of tree and slot; its children take its place. The number is free. */
void model_cap_free(struct model *m, uint32_t cap);
void model_cap_move(struct model *m, uint32_t cap, uint32_t table, uint32_t slot);
/* A child of what `ref` names, with those of its rights, its badge or session id, and `ttl`. */
uint32_t model_child(struct model *m, const struct model_ref *ref, uint16_t rights, uint8_t ttl,
                     uint32_t holder, uint32_t place);
/* All of an untyped is its child's now; of other types nothing changes. */
void model_take_whole(struct model *m, uint32_t cap);
uint64_t model_badge_of(const struct model_cap *c, const struct model_ref *ref);
void model_object_free(struct model *m, uint32_t object);

/* model_end.c */
void model_delete(struct model *m, uint32_t cap);
/* False: `top` itself went on the way, or the hint says that it stopped. */
bool model_revoke(struct model *m, uint32_t top);

/* model_space.c */
void model_space_add(struct model_space *space, const struct model_entry *entry);
/* Takes an entry away, and all that is reached through it. */
void model_space_remove(struct model_space *space, uint8_t level, uint64_t address);
/* Takes back the mapping of a frame or page table. */
void model_unmap(struct model *m, uint32_t cap);
uint64_t model_level_bytes(uint8_t level);
/* A leaf of a higher level than `level` covers the address. */
bool model_is_covered(const struct model_space *space, uint8_t level, uint64_t address);
/* The entry that the frame's mapping is, NULL if it is there no more. */
struct model_entry *model_mapped_entry(const struct model *m, uint32_t frame);
/* How many pages the views of a table fill. */
uint32_t model_view_pages(const struct model *m, uint32_t table);

/* model_part_call.c */

/* The thread has no user part any more; nothing if it had none. */
void model_part_detach(struct model *m, uint32_t thread);
/* The mapping of the frame goes, and with it all parts that were attached by it. */
void model_parts_drop(struct model *m, uint32_t frame);

/* model_word.c */
void model_word_write(struct model *m, uint64_t physical, uint64_t value);
void model_memory_clear(struct model *m, uint64_t physical, uint64_t bytes);
bool model_is_minted(uint64_t badge);

/* model_notify.c */
void model_signal(struct model *m, uint32_t notification, uint64_t bits);
void model_wait(struct model *m, uint32_t notification, uint32_t thread);
/* Takes a thread out of the line in which it waits. */
void model_end_wait(struct model *m, uint32_t thread);
/* Tells a thread that waited what came of it. */
void model_wake(struct model *m, uint32_t thread, uint32_t error, uint64_t bits);
uint64_t model_signal_bits(const struct model_cap *cap);

/* A call between its checks and its effect. */
struct model_step {
    struct model *m;
    uint32_t thread;
    const struct abi_call *facts;
    uint16_t number;
    const uint64_t *word;
    struct model_outcome *out;
    uint64_t call_register;
    uint32_t cap;    /* the invoked one */
    uint16_t rights; /* under which it is invoked */
    /* What is named: by the call register, and by argument, from 1 on, once looked up. */
    struct model_ref ref[R4_CALL_WORDS + 1];
    bool is_looked_up[R4_CALL_WORDS + 1];
};

/* model_lookup.c */
struct model_refusal model_find_invoked(struct model_step *s);
struct model_refusal model_find_argument(struct model_step *s, unsigned arg);
/* The table that argument names: 0 is the caller's own. */
uint32_t model_dest_table(const struct model_step *s, unsigned arg);

/* Whether a cause of a refusal holds; those before it do not. By kind of call. */
bool model_cap_cause(struct model_step *s, uint8_t error, unsigned detail);
bool model_memory_cause(struct model_step *s, uint8_t error, unsigned detail);
bool model_map_cause(struct model_step *s, uint8_t error, unsigned detail);
bool model_thread_cause(struct model_step *s, uint8_t error, unsigned detail);
bool model_proxy_cause(struct model_step *s, uint8_t error, unsigned detail);
bool model_view_cause(struct model_step *s, uint8_t error, unsigned detail);
bool model_part_cause(struct model_step *s, uint8_t error, unsigned detail);
bool model_device_cause(struct model_step *s, uint8_t error, unsigned detail);
/* Causes that calls have in common: about what `ref` names. */
bool model_ref_cause(const struct model_step *s, const struct model_ref *ref, uint8_t error);
/* About slot `slot` of a table as destination. */
bool model_dest_cause(const struct model_step *s, uint8_t error, uint32_t table, uint64_t slot);
/* A capability can stand there. */
bool model_is_slot(const struct model *m, uint32_t table, uint64_t slot);

/* What the call does, which nothing prevents. */
void model_cap_effect(struct model_step *s);
void model_memory_effect(struct model_step *s);
void model_map_effect(struct model_step *s);
void model_thread_effect(struct model_step *s);
void model_proxy_effect(struct model_step *s);
void model_view_effect(struct model_step *s);
void model_part_effect(struct model_step *s);
void model_device_effect(struct model_step *s);

/* The ABI has something that the model does not know. */
_Noreturn void model_unknown(const struct model_step *s, const char *what, unsigned number);

static inline uint32_t model_object_of(const struct model_step *s)
{
    return s->m->cap[s->cap].object;
}

/* The protection domain that the call names as its first argument. */
static inline uint32_t model_named_pd(const struct model_step *s)
{
    return s->m->cap[s->ref[1].cap].object;
}
