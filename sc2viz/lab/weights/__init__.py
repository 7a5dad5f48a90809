"""How networks and dictionaries under pretrained/ were made that `sc2viz train` does not make; each module is a command."""
