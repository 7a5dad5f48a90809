"""`python -m sc2viz.lab.weights NAME …`: train networks and dictionaries under pretrained/ that no command trains."""

from sc2viz.cli import commands, limits, options


def main(arguments=None):
    parser = limits.Parser(prog="python -m sc2viz.lab.weights", description=__doc__)
    options.add_commands(parser, "NAME", "weights")
    commands.main(arguments, parser)


if __name__ == "__main__":
    main()
