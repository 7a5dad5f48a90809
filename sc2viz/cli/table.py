"""What commands.toml leaves to the code: the settings that `sc2viz train` takes, and what makes a run of it."""

from sc2viz.cli import limits
from sc2viz.cli.options import SHARED, TABLE
from sc2viz.training import settings

# What makes a run of `sc2viz train`, with its defaults. A checkpoint notes these and `settings.STORED`, for resuming.
RUN = {"loss": "sc2net", "epochs": 10, "seed": 0, "preset": "recommended", "batch_size": 256}
WORDS = RUN | {"data": SHARED["--data"]["default"]}
# How some settings are read from the command line; all others are floats.
READERS = {
    "lam": limits.positive,
    "horizon": limits.steps,
    "window": limits.steps,
    "levels": limits.times,
    "hardest": limits.times,
}

TABLE["commands"]["train"]["groups"]["how it learns"] |= {
    "--" + name.replace("_", "-"): {
        "type": READERS.get(name, float),
        "default": None,
        "help": field.metadata["about"].replace("λ", "lambda").replace("σ", "sigma"),
    }
    for name, field in settings.STORED.items()
    if not isinstance(field.default, bool)
}
