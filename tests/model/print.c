/* SPDX-License-Identifier: MIT */
#include "print.h"

#include <r4/abi/layout.h>
#include <r4/abi/names.h>

#include <stdio.h>

static void print_index(uint64_t index)
{
    if ((index & R4_INDEX_WORD) != 0 && index < 2 * R4_INDEX_WORD) {
        printf("word %u", (unsigned)(index & ~(uint64_t)R4_INDEX_WORD));
    } else {
        printf(index < 4096 ? "%llu" : "0x%llx", (unsigned long long)index);
    }
}

static void print_call(const struct model_call *call)
{
    const uint16_t number = r4_call_number(call->call_register);
    const bool is_known = number < R4_CALL_TABLE_SIZE && abi_calls[number].name != NULL;
    const struct abi_call *facts = is_known ? &abi_calls[number] : NULL;

    if (!is_known || (call->call_register & R4_CALL_MBZ_MASK) != 0) {
        printf("call register 0x%llx", (unsigned long long)call->call_register);
        return;
    }
    printf("%s(", facts->name);
    if (facts->object != R4_TYPE_NONE) {
        if (r4_call_peer(call->call_register) != 0) {
            printf("peer %u, ", r4_call_peer(call->call_register));
        }
        print_index(r4_call_index(call->call_register));
    }
    for (unsigned i = 0; i < facts->arg_count; i++) {
        const bool is_type = number == R4_CALL_UNTYPED_RETYPE && i == 0;

        printf("%s%s ", i == 0 && facts->object == R4_TYPE_NONE ? "" : ", ", facts->arg[i].name);
        if (is_type && call->word[i] < R4_TYPE_TABLE_SIZE) {
            printf("%s", r4_type_name((uint32_t)call->word[i]));
        } else {
            print_index(call->word[i]);
        }
    }
    printf(")");
}

static void print_word(uint64_t word)
{
    static const char *const kinds[] = {"EMPTY", "GRANT", "USE", "BUSY"};

    if (word == 0 || (word & R4_PROXY_MBZ_MASK) != 0) {
        printf("0x%llx", (unsigned long long)word);
        return;
    }
    printf("%s(ttl %u, rights 0x%x, peer %u, index ", kinds[r4_proxy_kind(word)],
           r4_proxy_ttl(word), r4_proxy_rights(word), r4_proxy_peer(word));
    print_index(r4_proxy_index(word));
    printf(")%s%s", r4_proxy_once(word) ? " once" : "",
           (word & R4_PROXY_ZERO_MASK) != 0 ? " bit 3" : "");
}

static void print_reply(const struct world *w)
{
    const struct model_outcome *out = &w->outcome;
    const uint16_t number = r4_call_number(w->last.call.call_register);

    switch (out->end) {
    case MODEL_WAITS:
        printf(" -> waits");
        return;
    case MODEL_GONE:
        printf(" -> its thread is gone");
        return;
    case MODEL_PENDING:
        printf(" -> rests");
        return;
    case MODEL_DONE:
        break;
    }
    printf(" -> %s", r4_err_name(out->error));
    if (out->error != R4_OK) {
        printf(", detail %u", out->detail);
        return;
    }
    for (unsigned i = 0; number < R4_CALL_TABLE_SIZE && i < abi_calls[number].result_count; i++) {
        printf("%s0x%llx", i == 0 ? ": " : " ", (unsigned long long)out->word[i]);
    }
}

void print_op(const struct op *op)
{
    printf("  core %u: ", op->core);
    if (op->kind == OP_STORE) {
        printf("*0x%llx = ", (unsigned long long)op->call.word[0]);
        print_word(op->call.word[1]);
    } else if (world_is_pending(op->core)) {
        printf("goes on with its revoke");
    } else {
        print_call(&op->call);
    }
    if (op->preempt == OP_PREEMPT_ALWAYS) {
        printf(" [interrupted at each step]");
    } else if (op->preempt != OP_PREEMPT_NEVER) {
        printf(" [interrupted at step %u]", op->preempt);
    }
    if (op->entries != 0) {
        printf(" [rests after %u]", op->entries);
    }
    (void)fflush(stdout);
}

void print_outcome(const struct world *w)
{
    if (w->last_thread == 0) {
        printf(" -> nobody runs there\n");
    } else if (w->last.kind == OP_STORE) {
        printf("%s\n", w->is_stored ? "" : " -> no memory");
    } else {
        print_reply(w);
        printf("\n");
    }
}
