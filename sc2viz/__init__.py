"""See sparse coding: every solver of SC2Net (Zhou et al., AAAI 2018) is a recurrent cell, and pages draw what it does."""

__version__ = "1.0"


def __getattr__(name: str):
    """`sc2viz.live`, imported when it is asked for, because it imports torch."""
    if name == "live":
        from sc2viz.browser.live_page import live

        return live
    raise AttributeError(f"module 'sc2viz' has no attribute {name!r}")
