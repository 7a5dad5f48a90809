"""The command line: `sc2viz …`, which is `python -m sc2viz …`."""
