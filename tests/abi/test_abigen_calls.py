# SPDX-License-Identifier: MIT
"""Calls end to end: what a stub sends, and what the kernel's thunks let through to the handlers."""

import ctypes

import pytest

U64 = ctypes.c_uint64
RANGE, OK = 3, 0


class KernelCall(ctypes.Structure):
    """struct call of the stand-in for <kernel/call.h>."""

    _fields_ = [("words", U64 * 6), ("detail", ctypes.c_uint32)]


class Row(ctypes.Structure):
    """struct call_desc."""

    _fields_ = [("thunk", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(KernelCall))),
                ("commit", ctypes.c_void_p), ("name", ctypes.c_char_p),
                ("rights", ctypes.c_uint16), ("chain_rights", ctypes.c_uint16),
                ("object", ctypes.c_uint8),
                ("needs_lock", ctypes.c_bool), ("blocks", ctypes.c_bool),
                ("restarts", ctypes.c_bool)]


def handlers(abi):
    """Handlers that note in `seen` which call was decoded with which arguments."""
    lines = ["#include <kernel/call.h>", "#include <kernel/abi/calls.h>", "uint64_t seen[7];"]
    for call in abi.call:
        view = f", const struct args_{call.name} *a" if call.args else ""
        lines += [f"enum r4_err decode_{call.name}(struct call *c{view})", "{",
                  f"    seen[6] = R4_CALL_{call.name.upper()};"]
        lines += [f"    seen[{nth}] = a->{word.name};" for nth, word in enumerate(call.args)]
        lines += ["    c->detail = 0;", "    return R4_OK;", "}",
                  f"void commit_{call.name}(struct call *c)", "{", "    (void)c;", "}"]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def kernel(generated, tmp_path_factory):
    return dispatcher(generated, tmp_path_factory)


@pytest.fixture(scope="module")
def sample_kernel(sample, tmp_path_factory):
    return dispatcher(sample, tmp_path_factory)


def dispatcher(generated, tmp_path_factory):
    """The generated dispatch.c over noting handlers, as a loaded library."""
    library = generated.library(tmp_path_factory.mktemp("kernel"), handlers(generated.abi),
                                generated.out / "src/dispatch.c")
    library.table = (Row * (max(generated.python.Call) + 1)).in_dll(library, "call_table")
    library.noted = (U64 * 7).in_dll(library, "seen")
    return library


def enter(kernel, call, words):
    """Runs the thunk; returns its error and detail and what the handler saw."""
    kernel.noted[6] = 2**64 - 1
    c = KernelCall((U64 * 6)(*words), 99)
    err = kernel.table[call.number].thunk(ctypes.byref(c))
    reached = kernel.noted[6] == call.number
    return err, c.detail, list(kernel.noted)[:len(call.args)] if reached else None


def test_largest_words_reach_the_handler(generated, kernel):
    for call in generated.abi.call:
        words = [2**word.bits - 1 for word in call.args]
        assert enter(kernel, call, words) == (OK, 0, words), call.name


def test_each_word_lands_in_its_own_argument(generated, kernel):
    for call in generated.abi.call:
        for nth in range(len(call.args)):
            words = [int(at == nth) for at in range(len(call.args))]
            assert enter(kernel, call, words) == (OK, 0, words), call.name


def test_wide_words_are_refused_with_their_argument(generated, kernel):
    out_of_range = generated.python.Err.RANGE
    for call in generated.abi.call:
        for nth, word in enumerate(call.args):
            for bit in range(word.bits, 64):
                words = [0] * len(call.args)
                words[nth] = 1 << bit
                assert enter(kernel, call, words) == (out_of_range, nth + 1, None), call.name


def test_first_bad_argument_is_the_one_that_is_named(sample, sample_kernel):
    words = sample.abi.named("call", "words")
    assert enter(sample_kernel, words, [2**64 - 1] * 6)[:2] == (RANGE, 1)
    assert enter(sample_kernel, words, [0, 0, 0, 2, 2**24, 0])[:2] == (RANGE, 4)


def test_table_has_the_facts_of_each_call(generated, kernel):
    for call in generated.abi.call:
        row, facts = kernel.table[call.number], generated.python.CALLS[call.number]
        assert row.name.decode() == call.name
        assert row.rights == facts.rights
        modify = generated.python.Right.MODIFY if facts.modifies else 0
        assert row.chain_rights == facts.rights | modify
        assert row.object == facts.object
        assert (row.needs_lock, row.blocks, row.restarts) == (
            facts.needs_lock, facts.blocks, facts.restarts)
        commit = ctypes.cast(getattr(kernel, f"commit_{call.name}"), ctypes.c_void_p).value
        assert row.commit == commit


def test_other_numbers_have_no_thunk(generated, kernel):
    numbers = {call.number for call in generated.abi.call}
    for number, row in enumerate(kernel.table):
        assert bool(row.thunk) == (number in numbers), number


STUBS = """
#include <r4/abi/stubs.h>
#include <string.h>
uint32_t cap_seen;
uint16_t call_seen;
unsigned words_seen;
uint64_t m_seen[6];
struct r4_result reply;
static struct r4_result note(r4_cap cap, uint16_t call, unsigned n, const uint64_t *m)
{
    cap_seen = (uint32_t)cap;
    call_seen = call;
    words_seen = n;
    memcpy(m_seen, m, n * sizeof(*m));
    return reply;
}
struct r4_result r4_invoke0(r4_cap cap, uint16_t call) { return note(cap, call, 0, m_seen); }
"""


def raw_calls():
    """r4_invoke1..6, which note what they are given and answer `reply`."""
    for n in range(1, 7):
        parameters = ", ".join(f"uint64_t m{i}" for i in range(n))
        words = ", ".join(f"m{i}" for i in range(n))
        yield (f"struct r4_result r4_invoke{n}(r4_cap cap, uint16_t call, {parameters})\n"
               f"{{ return note(cap, call, {n}, (uint64_t[]){{ {words} }}); }}")


WRAPPERS = """
int nothing(void) { return (int)r4_nothing(); }
int words(void) { return (int)r4_words(0x123456, 0xff, 0xffff, 0xffffffff, true, 0xabcdef, 0xfff); }
uint64_t out[6];
int wide(bool with_results)
{
    uint64_t value = 91, place = 96;
    uint8_t small = 92;
    bool flag = false;
    uint16_t mask = 94;
    uint32_t large = 95;
    enum r4_err err = with_results
        ? r4_wide(5, 1, 2, 3, &value, &small, &flag, &mask, &large, &place)
        : r4_wide(5, 1, 2, 3, NULL, NULL, NULL, NULL, NULL, NULL);
    const uint64_t now[6] = { value, small, flag, mask, large, place };
    memcpy(out, now, sizeof(out));
    return (int)err;
}
"""


class Result(ctypes.Structure):
    _fields_ = [("err", ctypes.c_uint32), ("detail", ctypes.c_uint32), ("m", U64 * 6)]


@pytest.fixture(scope="module")
def stubs(sample, tmp_path_factory):
    return sample.library(tmp_path_factory.mktemp("stubs"),
                          "\n".join([STUBS, *raw_calls(), WRAPPERS]))


def sent(stubs):
    count = ctypes.c_uint.in_dll(stubs, "words_seen").value
    return (ctypes.c_uint32.in_dll(stubs, "cap_seen").value,
            ctypes.c_uint16.in_dll(stubs, "call_seen").value,
            list((U64 * 6).in_dll(stubs, "m_seen"))[:count])


def answer(stubs, err, *words):
    reply = Result.in_dll(stubs, "reply")
    reply.err, reply.m = err, (U64 * 6)(*words)


def test_stub_without_capability_sends_index_zero(stubs):
    answer(stubs, 5)
    assert stubs.nothing() == 5
    assert sent(stubs) == (0, 0x001, [])


def test_stub_sends_its_words_in_order(stubs):
    answer(stubs, OK)
    assert stubs.words() == OK
    assert sent(stubs) == (0x123456, 0x010,
                           [0xFF, 0xFFFF, 0xFFFFFFFF, 1, 0xABCDEF, 0xFFF])


def test_stub_writes_results_on_success(stubs):
    answer(stubs, OK, 2**64 - 1, 0xAB, 1, 0xFFF, 0x89ABCDEF, 7)
    assert stubs.wide(True) == OK
    assert sent(stubs) == (5, 0x011, [1, 2, 3])
    assert list((U64 * 6).in_dll(stubs, "out")) == [2**64 - 1, 0xAB, 1, 0xFFF, 0x89ABCDEF, 7]


def test_stub_writes_nothing_on_failure(stubs):
    answer(stubs, RANGE, 1, 1, 1, 1, 1, 1)
    assert stubs.wide(True) == RANGE
    assert list((U64 * 6).in_dll(stubs, "out")) == [91, 92, 0, 94, 95, 96]


def test_stub_accepts_no_place_for_results(stubs):
    answer(stubs, OK, 1, 1, 1, 1, 1, 1)
    assert stubs.wide(False) == OK
    assert list((U64 * 6).in_dll(stubs, "out")) == [91, 92, 0, 94, 95, 96]
