"""`python -m sc2viz …`, which is the command `sc2viz …`. What it does is in `cli.commands`.

The app's server is started without these, which import torch: it then listens a second sooner.
"""

import sys


def main(words: list[str] | None = None) -> None:
    words = sys.argv[1:] if words is None else words
    if words[:1] == ["app"] and not {"-h", "--help"} & set(words):
        from sc2viz.ui import server

        server.serve(words[1:])
    else:
        from sc2viz.cli import commands

        commands.main(words)


if __name__ == "__main__":
    main()
