"""All that a reader brought. It lives in their session alone: in no cache or file that others reach.

    pictures   the picture that they uploaded or drew
    network    their training, and the network that it trains
"""

from sc2viz.ui.own import network, pictures

__all__ = ["network", "pictures"]
