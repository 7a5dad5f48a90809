"""Known codes: codes, the page; problem, its sidebar; measured, what it asks of analysis/; frames, what it shows;
describe_codes, its sentences; costs, transition and printed, further parts; train_here, networks on request;
take_away, downloads."""
