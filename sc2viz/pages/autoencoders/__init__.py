"""Autoencoders: autoencoders, the page; bench, its sidebar; frames, what it shows first; describe_autoencoders, its
sentences; more_steps, learned_atoms, known_codes and kinds, further parts; train_here, networks on request; yours, the
reader's own; take_away, downloads."""
