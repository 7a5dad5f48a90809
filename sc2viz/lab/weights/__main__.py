"""`python -m sc2viz.lab.weights NAME …`: train networks and dictionaries under pretrained/ that no command trains."""

import sys
from importlib import import_module

from sc2viz.cli import limits, options


def main(words: list[str] | None = None) -> None:
    parser = limits.Parser(prog="python -m sc2viz.lab.weights", description=__doc__)
    options.add_commands(parser, "NAME", "weights")
    arguments = parser.parse_args(words)
    module, _, work = arguments.work.partition(":")
    try:
        getattr(import_module(module), work)(arguments)
    except ValueError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
