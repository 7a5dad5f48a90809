"""All that a reader brought. It lives in their session alone: in no cache or file that others reach.

pictures    the picture that they uploaded or drew
strip       the pictures that their class drew
photograph  the photograph that they uploaded
patch       the patch of a photograph that they took to another page
data        their data set
dictionary  their dictionary, and those that were learned for them
network     their training, and the network that it trains
memory      how much all of it may take, and its release when the session ends
"""

from sc2viz.ui.own import (  # noqa: F401
    data,
    dictionary,
    memory,
    network,
    patch,
    photograph,
    pictures,
    strip,
)
