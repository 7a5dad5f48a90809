"""Known codes: codes, the page; problem, its sidebar; measured, what it computes; frames, what it shows; describe_codes, its
sentences; costs, transition, printed and history, its further parts; take_away, its downloads."""
