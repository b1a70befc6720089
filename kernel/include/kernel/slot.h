/* SPDX-License-Identifier: MIT */
/*
 * Owns: the layout of one capability slot, 48 bytes of kernel memory.
 *
 * Invariants
 * (slot I1) A slot whose type is 0 is empty and all of its words are 0.
 * (slot I2) A slot is in the derivation tour (derive.h) exactly when it is not empty.
 * (slot I3) `home` says where the slot stands: the table that holds it (log2 of the number of its
 *     slots, 8 or more), or the object that it is embedded in (enum slot_home).
 * Locking: the cluster's lock.
 * Not here: the readable view of a slot, which table.c keeps equal to it.
 */
#pragma once

#include <kernel/types.h>
#include <r4/abi/limits.h>

/* What a slot of no table is embedded in. Values below 8, which is the smallest table. */
enum slot_home {
    SLOT_HOME_NONE = 0,         /* boot's anchor of the derivation tour */
    SLOT_HOME_THREAD_PD = 1,    /* thread.pd_slot */
    SLOT_HOME_PD_TABLE = 2,     /* pd.table_slot */
    SLOT_HOME_THREAD_FAULT = 3, /* thread.fault_slot */
    SLOT_HOME_LINK = 4,         /* link.notification_slot */
    SLOT_HOME_IRQ = 6,          /* irq_handler.notification_slot */
    SLOT_HOME_GRAVE = 5,        /* an object's last capability while it is destroyed (delete.h) */
    SLOT_HOME_TABLE_MIN = 8,
};

/*
 * meta, from bit 0: type 8, rights 12, ttl 4, size_bits 8, then single bits, home, record.
 * Its low 36 bits are the layout `cap_view` of the ABI.
 */
#define SLOT_TYPE_SHIFT   0
#define SLOT_RIGHTS_SHIFT 8
#define SLOT_TTL_SHIFT    20
#define SLOT_SIZE_SHIFT   24
#define SLOT_DEVICE                                                                                \
    (UINT64_C(1) << 32) /* device memory: never zeroed, marked or made into kernel objects */
#define SLOT_SHARED   (UINT64_C(1) << 33) /* memory shared with another cluster: frames only */
#define SLOT_MAPPED   (UINT64_C(1) << 34) /* frame, page table, views: `extra` names it */
#define SLOT_MARKED   (UINT64_C(1) << 35) /* frame whose mapping may hold GRANT words (proxy.h) */
#define SLOT_REVOKING (UINT64_C(1) << 36) /* a revoke of this capability has begun and not ended */
#define SLOT_ZOMBIE                                                                                \
    (UINT64_C(1)                                                                                   \
     << 37) /* last capability of an object that is being destroyed; in its grave (delete.h) */
#define SLOT_FROZEN                                                                                \
    (UINT64_C(1)                                                                                   \
     << 38) /* below a capability whose revoke has begun: makes nothing new (revoke.h) */
#define SLOT_PARTS         (UINT64_C(1) << 39) /* frame that carries user parts (part.h) */
#define SLOT_LEVEL_SHIFT   40 /* page table: level at which it is installed, 2 bits */
#define SLOT_HOME_SHIFT    42 /* 6 bits, as many as say how far a word is shifted */
#define SLOT_HOME_MASK     (UINT64_C(63) << SLOT_HOME_SHIFT)
#define SLOT_HOME_IN_TABLE (UINT64_C(0x38) << SLOT_HOME_SHIFT) /* one of these: 8 or more */
#define SLOT_RECORD_MASK   (UINT64_C(0xffff) << SLOT_RECORD_SHIFT)
#define SLOT_RECORD_SHIFT  48 /* 16 bits: import record + 1, 0 for memory of this cluster */
#define SLOT_VIEW_MASK     ((UINT64_C(1) << 36) - 1)

struct slot {
    uint64_t meta;
    /* Untyped, frame, page table: physical address. Others: pointer to struct object or its like. */
    uint64_t object;
    /*
     * Notification, endpoint, cluster link: badge, or session id (bit 63). I/O port: its range.
     * Peer: the other end, layout `peer`, 0 for none. Untyped: watermark and zeroed (untyped.h).
     * Frame, page table, cap table: mapping (mapping.h), valid while SLOT_MAPPED. Zombie: the zombie below it.
     */
    uint64_t extra;
    /* The tour's four links, 48 bits each; read and written by derive.c only. */
    uint16_t link[4][3];
};
_Static_assert(sizeof(struct slot) == 48, "a slot is 48 bytes");

static inline uint8_t slot_type(const struct slot *s)
{
    return (uint8_t)(s->meta >> SLOT_TYPE_SHIFT);
}

static inline bool slot_is_empty(const struct slot *s)
{
    return slot_type(s) == 0;
}

/* Names an object that is not being destroyed. */
static inline bool slot_is_live(const struct slot *s)
{
    return !slot_is_empty(s) && (s->meta & SLOT_ZOMBIE) == 0;
}

static inline uint16_t slot_rights(const struct slot *s)
{
    return (uint16_t)((s->meta >> SLOT_RIGHTS_SHIFT) & 0xfffu);
}

static inline uint8_t slot_ttl(const struct slot *s)
{
    return (uint8_t)((s->meta >> SLOT_TTL_SHIFT) & 0xfu);
}

static inline uint8_t slot_size_bits(const struct slot *s)
{
    return (uint8_t)(s->meta >> SLOT_SIZE_SHIFT);
}

static inline uint8_t slot_level(const struct slot *s)
{
    return (uint8_t)((s->meta >> SLOT_LEVEL_SHIFT) & 3u);
}

static inline uint8_t slot_home(const struct slot *s)
{
    return (uint8_t)((s->meta >> SLOT_HOME_SHIFT) & 63u);
}

static inline uint16_t slot_record(const struct slot *s)
{
    return (uint16_t)(s->meta >> SLOT_RECORD_SHIFT);
}

static inline bool slot_has(const struct slot *s, uint64_t flag)
{
    return (s->meta & flag) != 0;
}

static inline uint64_t slot_meta(uint8_t type, uint16_t rights, uint8_t ttl, uint8_t size_bits)
{
    return (uint64_t)type << SLOT_TYPE_SHIFT | (uint64_t)rights << SLOT_RIGHTS_SHIFT |
           (uint64_t)ttl << SLOT_TTL_SHIFT | (uint64_t)size_bits << SLOT_SIZE_SHIFT;
}
