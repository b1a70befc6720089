# SPDX-License-Identifier: MIT
"""Commands for gdb that show the state of the clusters of a machine that stands still:

  r4 clusters       all clusters
  r4 threads        the threads of all clusters
  r4 caps [PD]      the capability table of a PD, by its ASID (1: the root task), in the cluster of
                    the selected gdb thread
  r4 lock           the locks of all clusters
  r4 trace [N]      the last N trace records of each core (20)

Loaded by `scripts/r4 debug`. gdb's threads are QEMU's cores. A core's block hangs from its GS base,
everything else from there. A cluster sees no memory but its own, so whatever is read is read on a
core of its cluster.
"""

import struct
import sys
from pathlib import Path

import gdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from r4lib import abi  # noqa: E402

KERNEL_FIRST = 1 << 63
WORD = (1 << 64) - 1
SLOT_VIEW = struct.Struct("<QQ")
SLOT_BYTES = 48
SLOT_VIEW_BITS = 35
MIB = 1 << 20
TRACE_DEFAULT = 20


def constants():
    """The ABI of the build that the program which is debugged comes from."""
    return abi.load(Path(gdb.current_progspace().filename).parent / "abi" / "python" / "r4_abi.py")


def name_of(enum, number: int) -> str:
    return enum(number).name if number in set(enum) else f"?{number}"


def pointer(address: int, kind: str) -> gdb.Value:
    return gdb.Value(address & WORD).cast(gdb.lookup_type(kind).pointer())


def container_of(address: int, kind: str, member: str) -> gdb.Value:
    (field,) = [f for f in gdb.lookup_type(kind).fields() if f.name == member]
    return pointer(address - field.bitpos // 8, kind)


# ------------------------------------------------------------------------------------------- walking


def this_core() -> gdb.Value | None:
    """The block of the selected core, None while it boots. In user mode the base is swapped."""
    for register in ("$gs_base", "$k_gs_base"):
        base = int(gdb.parse_and_eval(register)) & WORD
        if base < KERNEL_FIRST:
            continue
        core = pointer(base, "struct core")
        try:
            if int(core["arch"]["self"]) & WORD == base:
                return core
        except gdb.MemoryError:
            pass
    return None


def cores():
    """Each core's block, with the core selected, by cluster and index."""
    found = []
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        core = this_core()
        if core is not None:
            found.append(((int(core["cluster"]["id"]), int(core["index"])), thread, core))
    for _, thread, core in sorted(found, key=lambda item: item[0]):
        thread.switch()
        yield core


def clusters():
    """Each cluster, with one of its cores selected."""
    seen = set()
    for core in cores():
        cluster = core["cluster"]
        if int(cluster["id"]) not in seen:
            seen.add(int(cluster["id"]))
            yield cluster


def threads_of(cluster: gdb.Value):
    head = cluster["threads"].address
    link = cluster["threads"]["next"]
    while link != head:
        thread = container_of(int(link), "struct thread", "all")
        yield thread
        link = thread["all"]["next"]


def pd_of(thread: gdb.Value) -> gdb.Value | None:
    """The thread's protection domain."""
    if int(thread["pd_slot"]["meta"]) == 0:
        return None
    return container_of(int(thread["pd_slot"]["object"]), "struct pd", "object")


def asid_of(pd: gdb.Value | None, abi_) -> int:
    return 0 if pd is None else abi_.LAYOUTS["asid"].decode(int(pd["asid"]))["index"]


def views_of(pd: gdb.Value):
    """Number and words of each slot that is not empty, as user programs see them."""
    if int(pd["table_slot"]["object"]) == 0:
        return
    table = container_of(int(pd["table_slot"]["object"]), "struct cap_table", "object")
    last = int(table["last"])  # where the header lies; the views stand before slot 0
    views = int(table) - last * SLOT_BYTES - (last + 1) * SLOT_VIEW.size
    data = bytes(gdb.selected_inferior().read_memory(views & WORD, (last + 1) * SLOT_VIEW.size))
    for number in range(1, last):
        meta, badge = SLOT_VIEW.unpack_from(data, number * SLOT_VIEW.size)
        if meta != 0:
            yield number, meta, badge


# ------------------------------------------------------------------------------------------ commands


def show_clusters(_argument: str) -> None:
    for cluster in clusters():
        count = int(cluster["core_count"])
        threads = sum(1 for _ in threads_of(cluster))
        mib = int(cluster["memory"]["owned"]) // MIB
        parts = f"{count} core{'' if count == 1 else 's'}, {mib} MiB, {threads} threads"
        print(f"cluster {cluster['id']}: {parts}, struct at {int(cluster):#x}")


def show_threads(_argument: str) -> None:
    abi_ = constants()
    for cluster in clusters():
        print(f"cluster {cluster['id']}")
        for thread in threads_of(cluster):
            print(thread_line(thread, abi_))


def thread_line(thread: gdb.Value, abi_) -> str:
    """As the shell's `threads` shows it."""
    raw = b"".join(int(thread["name"][i]).to_bytes(8, "little") for i in range(2))
    name = raw.split(b"\0")[0].decode("ascii", "replace")
    state = name_of(abi_.ThreadState, int(thread["state"]))
    where = f"core {thread['core']}, priority {int(thread['priority'])}"
    asid = asid_of(pd_of(thread), abi_)
    return f"thread {thread['number']}: {name:<8} {state:<7} {where}, asid {asid}"


def show_caps(argument: str) -> None:
    abi_ = constants()
    wanted = number_of(argument, 1)
    core = this_core()
    if core is None:
        raise gdb.GdbError("r4 caps: this core has no cluster yet")
    pds = [pd for pd in map(pd_of, threads_of(core["cluster"])) if asid_of(pd, abi_) == wanted != 0]
    if not pds:
        where = f"cluster {core['cluster']['id']}"
        raise gdb.GdbError(f"r4 caps: {where} has no thread whose PD has ASID {wanted}")
    for number, meta, badge in views_of(pds[0]):
        print(cap_line(number, meta, badge, abi_))


def cap_line(number: int, meta: int, badge: int, abi_) -> str:
    view = abi_.LAYOUTS["cap_view"].decode(meta & ((1 << SLOT_VIEW_BITS) - 1))
    rights = "+".join(right.name for right in abi_.Right if right & view["rights"])
    size = f", 2^{view['size_bits']} bytes" if view["size_bits"] else ""
    flags = "".join(f", {flag}" for flag in ("device", "shared", "mapped") if view[flag])
    marked = f", badge {badge:#x}" if badge else ""
    kind = name_of(abi_.Type, view["type"])
    return f"{number:5} {kind} {rights}, ttl {view['ttl']}{size}{flags}{marked}"


def show_lock(_argument: str) -> None:
    counter = constants().Counter
    shown = (counter.LOCK_TAKES, counter.LOCK_CONTENDED, counter.LOCK_LONGEST_HOLD)
    for cluster in clusters():
        lock = cluster["lock"]
        drawn = (int(lock["next"]) - int(lock["serving"])) & 0xFFFFFFFF
        state = "free" if drawn == 0 else f"held, {drawn - 1} wait"
        counts = ", ".join(f"{each.name.lower()} {cluster['counters'][int(each)]}" for each in shown)
        print(f"cluster {cluster['id']}: {state}, serving {lock['serving']}, {counts}")


def show_trace(argument: str) -> None:
    abi_ = constants()
    most = number_of(argument, TRACE_DEFAULT)
    for core in cores():
        ring = core["trace"]
        written, capacity = int(ring["written"]), int(ring["capacity"])
        state = f"tracing is {'on' if ring['is_on'] else 'off'}, {written} records written"
        print(f"cluster {core['cluster']['id']} core {core['index']}: {state}")
        for number in range(max(0, written - min(most, capacity)), written):
            print(trace_line(ring["record"][number % capacity], number, abi_))


def trace_line(record: gdb.Value, number: int, abi_) -> str:
    point, args = int(record["point"]), [int(record["args"][i]) for i in range(2)]
    named = dict(zip(abi_.TRACE_ARGS.get(point, ("first", "second")), args))
    what = {"call": abi_.Call, "cause": abi_.FaultCause}
    text = ", ".join(f"{k} {name_of(what[k], v) if k in what else v}" for k, v in named.items())
    return f"{number:8} {int(record['ns']):>12} ns  {name_of(abi_.TracePoint, point).lower():<8} {text}"


def number_of(argument: str, default: int) -> int:
    if argument and not argument.isdecimal():
        raise gdb.GdbError(f"expected a number, not {argument}")
    return int(argument) if argument else default


class R4(gdb.Command):
    __doc__ = __doc__

    SHOWS = {
        "clusters": show_clusters,
        "threads": show_threads,
        "caps": show_caps,
        "lock": show_lock,
        "trace": show_trace,
    }

    def __init__(self):
        super().__init__("r4", gdb.COMMAND_DATA)

    def complete(self, text, _word):
        return [name for name in self.SHOWS if name.startswith(text)]

    def invoke(self, argument, _from_tty):
        """The selected thread is the same afterwards."""
        name, _, rest = argument.strip().partition(" ")
        if name not in self.SHOWS:
            raise gdb.GdbError(f"expected one of {', '.join(self.SHOWS)}; see `help r4`")
        selected = gdb.selected_thread()
        if selected is None:
            raise gdb.GdbError("r4: there is no machine; `target remote` one")
        try:
            self.SHOWS[name](rest.strip())
        finally:
            selected.switch()


R4()
