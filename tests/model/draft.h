/* SPDX-License-Identifier: MIT */
/* Owns: a random operation that is being made, and how its makers look into the model. */
#pragma once

#include "generate.h"

#define WRONG_PERCENT 5u  /* a place names something of another kind */
#define WORD_PERCENT  18u /* it names a word of the window */
#define RICH_OBJECTS  3u
#define RICH_LOOKS    24u

/* What a place of a call is filled with. */
enum place {
    PLACE_NONE,
    PLACE_TABLE,  /* index of a table as destination; mostly 0, one's own */
    PLACE_DEST,   /* number of an empty slot of that table */
    PLACE_OWN,    /* number of an empty slot of one's own table */
    PLACE_INSIDE, /* number of a filled slot of the invoked table */
    PLACE_ANY,    /* index of anything */
    PLACE_PD,
    PLACE_OF_PD, /* number of an empty slot of the table of the domain before */
    PLACE_NAMED_TABLE,
    PLACE_NOTIFICATION,
    PLACE_RIGHTS,
    PLACE_ACCESS,
    PLACE_BADGE,
    PLACE_TYPE,
    PLACE_BITS, /* fits the type in the word before */
    PLACE_COUNT,
    PLACE_ADDRESS,
    PLACE_WINDOW,
    PLACE_WINDOW_BYTES,
    PLACE_CORE,
    PLACE_PRIORITY,
    PLACE_CARRIER, /* a frame for user parts */
    PLACE_OFFSET,
    PLACE_LINE,
    PLACE_MODE,
    PLACE_PORT,  /* in the range of the invoked capability */
    PLACE_PORTS, /* how many from the word before on are */
};

/* The operation that is made, and what is filled already. */
struct draft {
    struct generator *g;
    const struct model *m;
    uint32_t thread;
    uint32_t own;            /* table */
    uint32_t cap;            /* the invoked one */
    const struct form *form; /* generate_call.c */
    struct model_call call;
};

/* Whether what stands in a slot (0: nothing) is what is looked for. */
typedef bool filter(const struct model *m, uint32_t cap, uint8_t type);

filter pick_is_of_type;
filter pick_is_empty;
filter pick_is_frozen;
filter pick_is_spent;
filter pick_is_peer;
filter pick_is_parent;
filter pick_is_rich;
filter pick_is_mapped;
filter pick_is_without_asid;
filter pick_is_unconfigured;
filter pick_is_unbound;
filter pick_is_linked;
filter pick_has_room;
filter pick_is_idle;
filter pick_is_new;
filter pick_is_ram;
filter pick_is_mappable;
filter pick_is_hidden;
filter pick_is_carrier;
filter pick_has_part;
filter pick_has_no_part;
filter pick_has_space;

/* A slot of the table that the filter lets through, from a random one on; 0: there is none. */
uint32_t look_for(struct draft *d, uint32_t table, filter *is_wanted, uint8_t type);
uint32_t any_slot(struct draft *d, uint32_t table);
/* An index of one's own: mostly one of the type, sometimes any other, sometimes of a word. */
uint32_t name_one(struct draft *d, uint8_t type);
/* For asid_assign one that has none. */
uint32_t name_pd(struct draft *d);

/* generate_place.c: word `at` of a call whose words before it are filled. */
uint64_t fill(struct draft *d, enum place place, unsigned at);
uint64_t hostile_word(struct rng *rng);
/* One of the few addresses where random mappings are made. */
uint64_t mapping_address(struct rng *rng);

/* generate_step.c: a call that is aimed at something; false: none this time. */
bool make_step(struct draft *d);

/* generate_part.c: a call towards a user part that takes the place of one; false: as above. */
bool step_to_part(struct draft *d);

/* generate_word.c */

/* The word of a USE of one's own whose chain leads to something of the type; 0: none was found. */
uint32_t name_word(struct draft *d, uint8_t type);
/* The word of a USE of one's own whose GRANT is for one use; 0: none was found. */
uint32_t name_once_word(struct draft *d);
/* A call register's peer and index with the same meaning; false: none was found. */
bool name_grant(struct draft *d, uint8_t type, uint32_t *peer, uint32_t *index);
/* The program writes a word to its window. */
void make_store(struct draft *d, struct op *op);
