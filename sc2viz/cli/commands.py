"""The command line: `sc2viz {app,dictionary,train,evaluate,encode,sae,live,denoise,inpaint,approximate,reproduce,bench} …`,
or `python -m sc2viz …`; train and encode also under torchrun. Each command says its options where its work is."""

from __future__ import annotations

import argparse
import io
import signal
import sys
from pathlib import Path

from sc2viz import __version__, benchmarks, checkpoints, solvers
from sc2viz.cli import autoencoders, dictionaries, encoding, evaluating, limits, signals, sites, training
from sc2viz.photographs import commands as photographs
from sc2viz.reproduction import commands as reproduction

LONGEST_MESSAGE = 2000  # characters of an error that are printed; it may quote a file


def parser() -> argparse.ArgumentParser:
    prog = "sc2viz" if Path(sys.argv[0]).stem == "sc2viz" else "python -m sc2viz"
    main = limits.Parser(prog=prog, description="Sparse coding from the command line.")
    main.add_argument("--version", action="version", version=f"sc2viz {__version__}")
    commands = main.add_subparsers(required=True, metavar="COMMAND", parser_class=limits.Parser)
    about = "OPTIONS go to Streamlit, as in --server.port 8600; streamlit run --help lists them."
    commands.add_parser("app", help="open the app in the browser", usage="%(prog)s [-h] [OPTIONS]", description=about)
    for command in (dictionaries, training, evaluating, encoding, autoencoders, sites):
        command.add_command(commands)
    for several in (photographs, reproduction, benchmarks):
        several.add_commands(commands)
    return main


def main(words: list[str] | None = None) -> None:
    for stream in (sys.stdout, sys.stderr):  # where one cannot write a letter, as in ASCII, nothing fails after hours
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    for problem in (*solvers.problems(), *checkpoints.own_networks()[1]):
        print(f"warning: {problem}", file=sys.stderr)
    asked = parser().parse_args(words)
    try:
        with signals.handled(signal.default_int_handler):
            asked.run(asked)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {str(error)[:LONGEST_MESSAGE]}")
    except KeyboardInterrupt:
        sys.exit("interrupted")
