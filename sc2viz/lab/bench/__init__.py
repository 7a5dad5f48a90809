"""Benchmarks: `sc2viz bench {exact,…}`. Each prints the machine and checks the results that it times.

cli/commands.toml lists them with their options; `stopwatch` measures for all; `browser` opens the app.
"""
