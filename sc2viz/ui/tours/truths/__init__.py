"""What is true of the view at hand. Each function is given a `Sight` and what a tour's file gives it. It returns the number
that was asked for, with a sentence on what is surprising and why, or None where the view has no answer.

    registry    the functions by name, and the view that they are given
    codes       of exact codes and of iterations
    networks    of networks and their gates
    measured    of records, and of what needs no picture
"""

from sc2viz.ui.tours.truths import codes, measured, networks  # noqa: F401  they register their functions
from sc2viz.ui.tours.truths.registry import TRUTHS, Sight, misfit

__all__ = ["TRUTHS", "Sight", "misfit"]
