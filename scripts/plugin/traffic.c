/* SPDX-License-Identifier: MIT */
/*
 * Owns: a plugin of QEMU that counts, between markers of <r4/marker.h>, the instructions of each core,
 * its accesses to each node's memory, and how cache lines move between sockets. Writes them as one JSON
 * object when QEMU ends.
 *
 * Arguments: out=FILE sockets=N cores=N node_mib=N parties=N. Sockets are alike, each with a node of that
 * size. It counts from the last party's first BEGIN to the first END; lines move all the time.
 *
 * Locking: none; QEMU runs all cores in one host thread (-icount, or thread=single).
 * Not here: page walks and instruction fetches, which QEMU does not show to plugins.
 */
#include "lines.h"
#include "qemu_plugin.h"

#include <r4/marker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CORES_MAX 64u
#define MIB_BITS  20u
#define NO_NODE   LINES_SOCKETS_MAX

struct core_counts {
    uint64_t instructions;
    uint64_t rounds;
    uint64_t accesses[LINES_SOCKETS_MAX]; /* by node */
    uint64_t device_accesses;
    bool has_begun;
};

static struct {
    const char *out;
    uint64_t sockets;
    uint64_t cores; /* of a socket */
    uint64_t node_mib;
    uint64_t parties;
    uint64_t begun;
    bool has_ended;
    bool has_failed;
    bool is_counting;
    struct lines lines;
    struct core_counts core[CORES_MAX];
} traffic;

int qemu_plugin_version = PLUGIN_API;

/* ------------------------------------------------------------------------------------------------
 * Memory
 */

struct place {
    uint32_t node; /* NO_NODE: no node's memory */
    uint64_t offset;
};

/*
 * Version 1 returns, for memory that consists of one block for each node, the block's offset among all
 * blocks plus its place in the machine's memory: node k seems to begin at 2 * k nodes. Later versions
 * return the guest-physical address; above 4 GiB it differs by the hole from the place in memory.
 */
static struct place place_of(uint64_t address)
{
    const uint64_t node_bytes = traffic.node_mib << MIB_BITS;
    const uint64_t index = address / node_bytes;
    struct place place = {.node = NO_NODE, .offset = address % node_bytes};
    const uint64_t blocks = PLUGIN_API == 1 ? 2 : 1;
    if (index % blocks == 0 && index / blocks < traffic.sockets) {
        place.node = (uint32_t)(index / blocks);
    }
    return place;
}

static uint64_t line_of(struct place place)
{
    return ((traffic.node_mib << MIB_BITS) * place.node + place.offset) >> LINE_BITS;
}

static void touch(unsigned int cpu, bool is_store, uint64_t number, uint64_t pc)
{
    const struct lines_access access = {
        .number = number,
        .pc = pc,
        .socket = (uint32_t)(cpu / traffic.cores),
        .is_store = is_store,
        .counts = traffic.is_counting,
    };
    lines_touch(&traffic.lines, &access);
}

/* `data` is the address of the instruction. */
static void on_access(unsigned int cpu, uint32_t info, uint64_t vaddr, void *data)
{
    const struct qemu_plugin_hwaddr *hwaddr = qemu_plugin_get_hwaddr(info, vaddr);
    struct core_counts *core = &traffic.core[cpu];
    if (hwaddr == NULL || qemu_plugin_hwaddr_is_io(hwaddr)) {
        core->device_accesses += traffic.is_counting;
        return;
    }
    const struct place place = place_of(qemu_plugin_hwaddr_phys_addr(hwaddr));
    if (place.node == NO_NODE) {
        return;
    }
    core->accesses[place.node] += traffic.is_counting;
    const uint64_t bytes = UINT64_C(1) << qemu_plugin_mem_size_shift(info);
    const uint64_t first = line_of(place);
    const struct place end = {.node = place.node, .offset = place.offset + bytes - 1};
    touch(cpu, qemu_plugin_mem_is_store(info), first, (uint64_t)data);
    if (line_of(end) != first && line_of(end) < traffic.lines.count) {
        touch(cpu, qemu_plugin_mem_is_store(info), line_of(end), (uint64_t)data);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Instructions and markers
 */

static void on_instruction(unsigned int cpu, void *data)
{
    (void)data;
    traffic.core[cpu].instructions += traffic.is_counting;
}

static void begin(struct core_counts *core)
{
    traffic.begun += !core->has_begun;
    core->has_begun = true;
    traffic.is_counting = traffic.begun == traffic.parties && !traffic.has_ended;
}

/* `data` is the marker. */
static void on_marker(unsigned int cpu, void *data)
{
    switch ((enum r4_marker)(uintptr_t)data) {
    case R4_MARKER_BEGIN:
        begin(&traffic.core[cpu]);
        return;
    case R4_MARKER_END:
        traffic.has_ended = true;
        traffic.is_counting = false;
        return;
    case R4_MARKER_ROUND:
        traffic.core[cpu].rounds += traffic.is_counting;
        return;
    case R4_MARKER_FAILED:
        traffic.has_failed = true;
        return;
    }
}

/* The marker that the instruction is, or 0. */
static uint32_t marker_of(const struct qemu_plugin_insn *insn)
{
    static const uint8_t nopl[] = {0x0f, 0x1f, 0x80};
    uint32_t displacement;
    const uint8_t *bytes = qemu_plugin_insn_data(insn);
    if (qemu_plugin_insn_size(insn) != sizeof nopl + sizeof displacement ||
        memcmp(bytes, nopl, sizeof nopl) != 0) {
        return 0;
    }
    memcpy(&displacement, bytes + sizeof nopl, sizeof displacement);
    const uint32_t marker = displacement - R4_MARKER_BASE;
    return marker <= R4_MARKER_FAILED ? marker : 0;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        void *pc = (void *)(uintptr_t)qemu_plugin_insn_vaddr(insn);
        const uint32_t marker = marker_of(insn);
        if (marker != 0) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_marker, QEMU_PLUGIN_CB_NO_REGS,
                                                   (void *)(uintptr_t)marker);
        }
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_instruction, QEMU_PLUGIN_CB_NO_REGS, NULL);
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS,
                                         QEMU_PLUGIN_MEM_RW, pc);
    }
}

/* ------------------------------------------------------------------------------------------------
 * The report
 */

static void write_numbers(FILE *out, const uint64_t *numbers, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        fprintf(out, "%s%lu", i == 0 ? "[" : ", ", numbers[i]);
    }
    fprintf(out, "]");
}

static void write_cores(FILE *out)
{
    for (uint64_t i = 0; i < traffic.sockets * traffic.cores; i++) {
        const struct core_counts *core = &traffic.core[i];
        fprintf(out,
                "%s\n  {\"socket\": %lu, \"instructions\": %lu, \"rounds\": %lu, "
                "\"device_accesses\": %lu, ",
                i == 0 ? "" : ",", i / traffic.cores, core->instructions, core->rounds,
                core->device_accesses);
        fprintf(out, "\"accesses\": ");
        write_numbers(out, core->accesses, traffic.sockets);
        fprintf(out, "}");
    }
}

static void write_access(FILE *out, const struct lines_access *access)
{
    const uint64_t node_lines = traffic.node_mib << (MIB_BITS - LINE_BITS);
    const struct line *line = &traffic.lines.line[access->number];
    fprintf(out, "\n  {\"node\": %lu, \"offset\": %lu, ", access->number / node_lines,
            access->number % node_lines << LINE_BITS);
    fprintf(out, "\"readers\": %u, \"writers\": %u, ", line->readers, line->writers);
    fprintf(out, "\"socket\": %u, \"is_store\": %s, \"pc\": %lu}", access->socket,
            access->is_store ? "true" : "false", access->pc);
}

static void write_log(FILE *out, const char *name, const struct lines_log *log)
{
    fprintf(out, ",\n\"%s_lines\": %lu, \"%s\": [", name, log->count, name);
    for (uint64_t i = 0; i < log->count && i < LINES_LOG_MAX; i++) {
        fprintf(out, "%s", i == 0 ? "" : ",");
        write_access(out, &log->access[i]);
    }
    fprintf(out, "]");
}

static void write_report(FILE *out)
{
    fprintf(out, "{\"begun\": %lu, \"ended\": %s, \"failed\": %s,\n", traffic.begun,
            traffic.has_ended ? "true" : "false", traffic.has_failed ? "true" : "false");
    fprintf(out, "\"cores\": [");
    write_cores(out);
    fprintf(out, "],\n\"migrations\": [");
    for (uint64_t from = 0; from < traffic.sockets; from++) {
        fprintf(out, "%s", from == 0 ? "" : ", ");
        write_numbers(out, traffic.lines.migrations[from], traffic.sockets);
    }
    fprintf(out, "],\n\"cold\": ");
    write_numbers(out, traffic.lines.cold, traffic.sockets);
    fprintf(out, ",\n\"invalidations\": ");
    write_numbers(out, traffic.lines.invalidations, traffic.sockets);
    write_log(out, "moved", &traffic.lines.moved);
    write_log(out, "shared", &traffic.lines.shared);
    fprintf(out, "}\n");
}

static void report(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    FILE *out = fopen(traffic.out, "w");
    if (out == NULL) {
        perror(traffic.out);
        return;
    }
    write_report(out);
    fclose(out);
}

/* ------------------------------------------------------------------------------------------------
 * The start
 */

static bool take_argument(const char *argument)
{
    static const struct {
        const char *name;
        uint64_t *value;
    } numbers[] = {
        {"sockets=", &traffic.sockets},
        {"cores=", &traffic.cores},
        {"node_mib=", &traffic.node_mib},
        {"parties=", &traffic.parties},
    };
    if (strncmp(argument, "out=", 4) == 0) {
        traffic.out = strdup(argument + 4);
        return traffic.out != NULL;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const size_t bytes = strlen(numbers[i].name);
        if (strncmp(argument, numbers[i].name, bytes) == 0) {
            *numbers[i].value = strtoul(argument + bytes, NULL, 10);
            return true;
        }
    }
    return false;
}

static bool is_complete(void)
{
    return traffic.out != NULL && traffic.sockets != 0 && traffic.sockets <= LINES_SOCKETS_MAX &&
           traffic.cores != 0 && traffic.cores <= CORES_MAX / traffic.sockets &&
           traffic.node_mib != 0 && traffic.parties != 0;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (!take_argument(argv[i])) {
            fprintf(stderr, "traffic: unknown argument %s\n", argv[i]);
            return 1;
        }
    }
    if (!is_complete()) {
        fprintf(
            stderr,
            "traffic: needs out=, sockets=, cores=, node_mib= and parties=, within its limits\n");
        return 1;
    }
    const uint64_t count = traffic.sockets * traffic.node_mib << (MIB_BITS - LINE_BITS);
    struct line *line = calloc(count, sizeof *line);
    if (line == NULL) {
        perror("traffic");
        return 1;
    }
    lines_init(&traffic.lines, line, count);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, report, NULL);
    return 0;
}
