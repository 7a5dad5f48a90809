"""Benchmarks: `sc2viz bench {exact,…}`. Each prints the machine and checks the results that it times.

`sc2viz.cli.benches` is the table of them, with their options; `stopwatch` measures for all; `browser` opens the app.
"""
