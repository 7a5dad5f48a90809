"""`python -m sc2viz …`, which is the command `sc2viz …`. What it does is in `commands`."""

from sc2viz.commands import main

if __name__ == "__main__":
    main()
