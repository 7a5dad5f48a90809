"""What is true of the view at hand: a function of a `Sight` for each truth that a tour's file may name.

registry    the functions by name, and the view that they are given
codes       of exact codes and of iterations
networks    of networks and their gates
measured    of records, and of what needs no picture
"""

from sc2viz.ui.tours.truths import codes, measured, networks  # noqa: F401  they register their functions
from sc2viz.ui.tours.truths.registry import TRUTHS, Sight, solve

__all__ = ["TRUTHS", "Sight", "solve"]
