/* SPDX-License-Identifier: MIT */
/* Owns: the life of a protection domain. */
#include <kernel/pd.h>

#include <arch/mmu.h>
#include <kernel/cluster.h>
#include <kernel/panic.h>
#include <kernel/shootdown.h>

_Static_assert(PD_STRUCT_OFFSET + sizeof(struct pd) <= UINT64_C(1) << R4_PD_SIZE_BITS,
               "root table and struct pd fit the object");

struct pd *pd_format(void *block)
{
    struct pd *pd = (struct pd *)(void *)((char *)block + PD_STRUCT_OFFSET);

    object_format(&pd->object, R4_TYPE_PD);
    pd->root = arch_dmap_paddr(block);
    pd->canary = R4_CANARY;
    return pd;
}

void pd_assign_asid(struct cluster *cl, struct pd *pd)
{
    R4_ASSERT(pd->asid == 0);
    arch_root_copy_kernel(arch_dmap_ptr(pd->root), arch_dmap_ptr(cl->kernel_root));
    pd->asid = asid_take(&cl->asids, pd);
}

void pd_retire(struct core *core, struct pd *pd)
{
    if (pd->asid == 0) {
        return;
    }
    shootdown_leave_pd(core, pd);
    R4_ASSERT(core->active_pd != pd);
    asid_release(&core->cluster->asids, pd->asid);
    pd->asid = 0;
}
