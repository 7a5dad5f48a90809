"""Former names of modules. Python that pages handed out before imports them."""

import sys

from sc2viz.lab.experiments import sae_runs as autoencoders
from sc2viz.lab.reports import tables

sys.modules |= {f"{__name__}.autoencoders": autoencoders, f"{__name__}.tables": tables}
