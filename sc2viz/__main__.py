"""`python -m sc2viz …`, which is the command `sc2viz …`. What it does is in `cli.commands`.

The app's server is started without these, which import torch: it then listens a second sooner.
"""

import sys


def main(command: list[str] | None = None) -> None:
    """Run the command `sc2viz` with the words `command`, by default those that follow it on the command line."""
    command = sys.argv[1:] if command is None else command
    if command[:1] == ["app"] and not {"-h", "--help"} & set(command):
        from sc2viz.ui import server

        server.serve(command[1:])
    else:
        from sc2viz.cli import commands

        commands.main(command)


if __name__ == "__main__":
    main()
