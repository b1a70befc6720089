# SPDX-License-Identifier: MIT
"""Second stage of scripts/r4: reads the command line and calls the subcommand."""

import argparse
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from r4lib import accel, bench, build, coverage, debug, fuzz, iso, qemu, run, suite, trace, traffic  # noqa: E402
from r4lib.problem import STATUS_SETUP, Problem  # noqa: E402

HELP = Path(__file__).with_name("help.txt")
OUTPUTS = ("json", "out", "plot", "results")  # options that name a file to be written at the end
STATUS_INTERRUPTED = 128 + signal.SIGINT
STATUS_PIPE = 128 + signal.SIGPIPE
STATUS_TERMINATED = 128 + signal.SIGTERM


class Parser(argparse.ArgumentParser):
    """One exact sentence for a bad command line; the help is a text of its own."""

    def __init__(self, **how):
        super().__init__(add_help=False, allow_abbrev=False, **how)

    def error(self, message: str):
        raise Problem(f"{message}; see `r4 help`", STATUS_SETUP)


def absolute(text: str) -> Path:
    return Path(text).absolute()


def positive(kind):
    def read(text: str):
        value = kind(text)
        if not 0 < value < 1 << 30:
            raise argparse.ArgumentTypeError(f"{text} is not a positive number")
        return value

    read.__name__ = "number"
    return read


def parser() -> Parser:
    top = Parser(prog="r4")
    how = {"dest": "command", "required": True, "metavar": "COMMAND"}
    commands = top.add_subparsers(parser_class=Parser, **how)
    commands.add_parser("help").set_defaults(call=command_help)
    _add_build(commands.add_parser("build"))
    _add_run(commands.add_parser("run"))
    _add_test(commands.add_parser("test"))
    _add_fuzz(commands.add_parser("fuzz"))
    _add_bench(commands.add_parser("bench"))
    _add_traffic(commands.add_parser("traffic"))
    _add_trace(commands.add_parser("trace"))
    _add_debug(commands.add_parser("debug"))
    _add_coverage(commands.add_parser("coverage"))
    return top


def _add_build(sub: Parser) -> None:
    sub.add_argument("--preset", default="default")
    sub.set_defaults(call=build.command_build)


def _add_run(sub: Parser) -> None:
    sub.add_argument("--build", type=absolute)
    sub.add_argument("--topology", default="2x2")
    sub.add_argument("--append", default="")
    sub.add_argument("--script", type=absolute)
    sub.add_argument("--icount", action="store_true")
    sub.add_argument("--accel", choices=(*qemu.ACCELERATORS, accel.AUTO), default="tcg")
    sub.add_argument("--image", choices=iso.FIRMWARES)
    sub.add_argument("--memory", type=positive(int))
    sub.add_argument("--add", type=absolute, action="append", default=[])
    sub.add_argument("--add-lab", type=absolute, action="append", default=[])
    sub.add_argument("--results", type=absolute)
    sub.add_argument("--timeout", type=positive(float))
    sub.add_argument("--no-build", action="store_true")
    sub.add_argument("--dry-run", action="store_true")
    sub.set_defaults(call=run.command_run)


def _add_test(sub: Parser) -> None:
    sub.add_argument("what", nargs="?", choices=suite.WHAT, default="all")
    sub.add_argument("arguments", nargs=argparse.REMAINDER)
    sub.set_defaults(call=suite.command_test)


def _add_fuzz(sub: Parser) -> None:
    sub.add_argument("name", nargs="?", metavar="TARGET")
    limit = sub.add_mutually_exclusive_group()
    limit.add_argument("--seconds", type=positive(int))
    limit.add_argument("--runs", type=positive(int))
    sub.set_defaults(call=fuzz.command_fuzz)


def _add_bench(sub: Parser) -> None:
    sub.add_argument("rows", nargs="*", metavar="ROW")
    sub.add_argument("--json", type=absolute)
    sub.add_argument("--record", action="store_true")
    sub.add_argument("--compare", nargs=2, metavar=("A", "B"))
    sub.add_argument("--plot", type=absolute)
    sub.add_argument("--build", type=absolute)
    sub.add_argument("--image", default="r4.elf")
    sub.add_argument("--no-build", action="store_true")
    sub.set_defaults(call=bench.command_bench)


def _add_traffic(sub: Parser) -> None:
    sub.add_argument("program", metavar="PROGRAM")
    sub.add_argument("arguments", nargs="*")
    sub.add_argument("--topology", default="2x2")
    sub.add_argument("--json", type=absolute)
    sub.add_argument("--build", type=absolute)
    sub.add_argument("--no-build", action="store_true")
    sub.set_defaults(call=traffic.command_traffic)


def _add_trace(sub: Parser) -> None:
    sub.add_argument("program", nargs="?", metavar="PROGRAM")
    sub.add_argument("arguments", nargs="*")
    sub.add_argument("--script", type=absolute)
    sub.add_argument("--out", type=absolute, required=True)
    sub.add_argument("--last", type=positive(int))
    sub.add_argument("--topology", default="2x2")
    sub.add_argument("--append", default="")
    sub.add_argument("--icount", action="store_true")
    sub.add_argument("--build", type=absolute)
    sub.add_argument("--no-build", action="store_true")
    sub.set_defaults(call=trace.command_trace)


def _add_debug(sub: Parser) -> None:
    sub.add_argument("--execute", action="append", default=[], metavar="GDB COMMAND")
    sub.add_argument("--batch", action="store_true")
    sub.add_argument("--script", type=absolute)
    sub.add_argument("--topology", default="2x2")
    sub.add_argument("--append", default="")
    sub.add_argument("--build", type=absolute)
    sub.add_argument("--no-build", action="store_true")
    sub.set_defaults(call=debug.command_debug)


def _add_coverage(sub: Parser) -> None:
    sub.add_argument("what", nargs="?", choices=("all", "host", "machine"), default="all")
    sub.add_argument("--json", type=absolute)
    sub.add_argument("--script", type=absolute)
    sub.add_argument("--topology", default="2x2")
    sub.add_argument("--build", type=absolute)
    sub.add_argument("--no-build", action="store_true")
    sub.set_defaults(call=coverage.command_coverage)


def check_outputs(options) -> None:
    """Raises Problem if a file that was asked for cannot be written: before anything is measured for it."""
    for name in OUTPUTS:
        path = getattr(options, name, None)
        if path is not None:
            _check_output(f"--{name} {path}", path)


def _check_output(what: str, path: Path) -> None:
    is_new = not path.exists()
    try:
        path.open("ab").close()
        if is_new:
            path.unlink()
    except OSError as error:
        raise Problem(f"{what}: {error.strerror}") from error


def command_help(_options) -> int:
    sys.stdout.write(HELP.read_text())
    return 0


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STATUS_TERMINATED))
    try:
        options = parser().parse_args(arguments)
        check_outputs(options)
        return options.call(options)
    except Problem as problem:
        for line in str(problem).splitlines():
            print(f"r4: {line}", file=sys.stderr)
        return problem.status
    except KeyboardInterrupt:
        return STATUS_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return STATUS_PIPE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
