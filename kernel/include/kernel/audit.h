/* SPDX-License-Identifier: MIT */
/*
 * The auditor: walks everything a cluster has and checks the numbered rules of docs/invariants.md.
 * Used live (monitor_audit), and after the steps of the host simulation. It changes nothing but its
 * own marks (object.seen, ARCH_PTE_SEEN), needs no memory and does not recurse.
 * Locking: the cluster's lock.
 */
#pragma once

#include <kernel/types.h>

struct cluster;

/* What was found wrong: rule * 100 + a number of the rule's own. Numbers are never reused. */
enum audit_detail {
    AUDIT_OK = 0,

    AUDIT_MEMORY_ACCOUNT = 101,   /* regions do not add up to what is owned, or its parts do not */
    AUDIT_MEMORY_REGION = 102,    /* a region is not in whole granules, or overlaps another */
    AUDIT_MEMORY_OUTSIDE = 103,   /* memory of a capability that the cluster does not own */
    AUDIT_MEMORY_PARENT = 104,    /* a child reaches out of its untyped */
    AUDIT_MEMORY_WATERMARK = 105, /* a child above the watermark, or a watermark above the size */
    AUDIT_MEMORY_OVERLAP = 106,   /* two siblings share bytes and are not one object */
    AUDIT_MEMORY_FLAGS = 107,     /* a child not as device, shared or imported as its untyped */
    AUDIT_MEMORY_DIRTY = 108,     /* bytes that count as zeroed are not zero */

    AUDIT_TREE_LINKS = 201,     /* the brackets of the tour disagree, or it does not end */
    AUDIT_TREE_HOME = 202,      /* a slot stands where its home does not say */
    AUDIT_TREE_COUNT = 203,     /* a filled slot outside the tour, or an empty one inside */
    AUDIT_TREE_TTL = 204,       /* the time to live does not fall */
    AUDIT_TREE_RIGHTS = 205,    /* rights grow, or the type does not have them */
    AUDIT_TREE_KIND = 206,      /* a child of a capability that cannot have it */
    AUDIT_TREE_BADGE = 207,     /* a badge was changed */
    AUDIT_TREE_CAPS = 208,      /* an object's header counts other capabilities than there are */
    AUDIT_TREE_RELATIVES = 209, /* capabilities for one object do not stand side by side */
    AUDIT_TREE_HEADER = 210,    /* an object's header has another type than its capability */
    AUDIT_TREE_ZOMBIES = 211,   /* the stack of zombies does not hold exactly the zombies */
    AUDIT_TREE_IRQ = 212,       /* an interrupt line and the capabilities of its handler disagree */
    AUDIT_TREE_REVOKE = 213,    /* something below a revoke that could have children */
    AUDIT_TREE_MARKED = 214,    /* a marked frame with another capability, or of other memory */

    AUDIT_VIEW_DIFFERS = 301,  /* a readable view is not that of its slot */
    AUDIT_VIEW_EMPTY = 302,    /* an empty slot holds something */
    AUDIT_VIEW_RESERVED = 303, /* the view of a number that is never a capability is not empty */

    AUDIT_THREAD_LIST = 401,    /* the list of threads is broken or lacks one */
    AUDIT_THREAD_STATE = 402,   /* no such state, or linked in a state without a queue */
    AUDIT_THREAD_QUEUE = 403,   /* a run queue holds what is not ready there, or lacks what is */
    AUDIT_THREAD_BITMAP = 404,  /* a run queue's bitmap, top or count disagrees with its rings */
    AUDIT_THREAD_CURRENT = 405, /* running on no core, or a core runs what is not running there */
    AUDIT_THREAD_WAITERS = 406, /* a notification's ring holds or lacks a thread wrongly */
    AUDIT_THREAD_SIGNALS = 407, /* a notification has bits and waiters */
    AUDIT_THREAD_PD = 408,      /* a thread that can run has no protection domain */
    AUDIT_THREAD_SPACE = 409,   /* a core has another address space than its thread's */
    AUDIT_THREAD_CHAINS = 410,  /* a notification counts other waiters through chains than it has */
    AUDIT_THREAD_PARTS = 411, /* the tree of user parts is broken, lacks one, or has one too many */
    AUDIT_THREAD_RECORD = 412, /* a user part reaches out of its frame, or into another one */
    AUDIT_THREAD_CARRIER =
        413, /* the capability that carries a user part cannot, or does not say so */
    AUDIT_THREAD_NO_PART = 414, /* a capability says that it carries user parts and carries none */
    AUDIT_THREAD_NEXT = 415,    /* a core will be handed to a thread that does not come first */

    AUDIT_SPACE_WX = 601,     /* writable and executable */
    AUDIT_SPACE_LEAF = 602,   /* a user page that no capability maps there */
    AUDIT_SPACE_TABLE = 603,  /* a page table that no capability holds there */
    AUDIT_SPACE_KERNEL = 604, /* a kernel half that is not the kernel's */
    AUDIT_SPACE_USER = 605,   /* user half without user access, or kernel half with it */
    AUDIT_SPACE_VIEW = 606,   /* a page of views that can be more than read */
    AUDIT_SPACE_MARK = 610,   /* a leaf's software bits are not what its frame capability says */
    AUDIT_SPACE_KEPT = 611,   /* a domain keeps a chain that a walk does not find */

    AUDIT_ASID_ENTRY = 801, /* an entry names a PD that does not name it */
    AUDIT_ASID_FREE = 802,  /* the free ring is broken or holds an index in use */
    AUDIT_ASID_LOST = 803,  /* an index is neither in use nor free nor retired */
    AUDIT_ASID_PD = 804,    /* a PD has an ASID that the table does not know */
    AUDIT_PEER_ENDS = 805,  /* the two ends of a peer disagree */

    AUDIT_CANARY_CLUSTER = 901,
    AUDIT_CANARY_CORE = 902,
    AUDIT_CANARY_PD = 903,
    AUDIT_CANARY_THREAD = 904,
    AUDIT_CANARY_STACK = 905, /* the bottom of a core's stacks */
};

struct audit_report {
    uint64_t violations;
    uint64_t first_rule;   /* 1..9, 0 for none */
    uint64_t first_detail; /* enum audit_detail */
    uint64_t checked;
};

void audit_cluster(struct cluster *cl, struct audit_report *report);
