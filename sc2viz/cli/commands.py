"""The command line: `sc2viz {app,dictionary,train,evaluate,encode,sae,live,denoise,inpaint,approximate,reproduce,bench} …`,
or `python -m sc2viz …`; train and encode also under torchrun. commands.toml has the options of each."""

import argparse
import io
import signal
import sys
from importlib import import_module
from pathlib import Path

from sc2viz import __version__
from sc2viz.cli import limits, options


def parser() -> argparse.ArgumentParser:
    prog = "sc2viz" if Path(sys.argv[0]).stem == "sc2viz" else "python -m sc2viz"
    main = limits.Parser(prog=prog, description="Sparse coding from the command line.")
    main.add_argument("--version", action="version", version=f"sc2viz {__version__}")
    commands = options.add_commands(main, "COMMAND", "commands")
    bench = commands.add_parser("bench", help="measure speed on this machine")
    options.add_commands(bench, "WHAT", "bench")
    return main


def main(arguments: list[str] | None = None, parse: argparse.ArgumentParser | None = None) -> None:
    """Carry out a command of `parser`, or of another parser."""
    for stream in (sys.stdout, sys.stderr):
        # Where one cannot write a letter, as in ASCII, nothing fails after hours
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    request = (parse or parser()).parse_args(arguments)
    # Here, as what does the work: they import torch, which --help is quick without
    from sc2viz import checkpoints, solvers
    from sc2viz.cli import signals

    for problem in (*solvers.problems(), *checkpoints.own_networks()[1]):
        print(f"warning: {problem}", file=sys.stderr)
    module, _, work = request.work.partition(":")
    try:
        with signals.handled(signal.default_int_handler):
            getattr(import_module(module), work)(request)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        sys.exit(f"error: this command needs the package {package}, which is not installed")
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted")
