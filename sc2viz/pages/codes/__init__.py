"""Known codes: codes, the page; layers, what solvers make of its signals."""
