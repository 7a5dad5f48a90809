"""How networks and dictionaries under pretrained/ were made that `sc2viz train` does not make: `python -m sc2viz.lab.weights`."""
