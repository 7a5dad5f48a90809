"""Every command with its options, from commands.toml. Its work stands beside it, and is imported when the command runs."""

from sc2viz.cli import limits
from sc2viz.cli.options import SHARED, commands
from sc2viz.training import settings

# What makes a run of `sc2viz train`, with its defaults. A checkpoint notes these and `settings.STORED`, for resuming.
RUN = {"loss": "sc2net", "epochs": 10, "seed": 0, "preset": "recommended", "batch_size": 256}
# How some settings are read from the command line; all others are floats.
KINDS = {
    "lam": limits.positive,
    "horizon": limits.steps,
    "window": limits.steps,
    "levels": limits.times,
    "hardest": limits.times,
}
WORDS = {
    **RUN,
    "data": SHARED["--data"]["default"],
}

COMMANDS, BENCHES = commands("commands", WORDS), commands("bench", WORDS)
COMMANDS["train"].groups["how it learns"].update(
    {
        "--" + name.replace("_", "-"): dict(
            type=KINDS.get(name, float),
            default=None,
            help=each.metadata["about"].replace("λ", "lambda").replace("σ", "sigma"),
        )
        for name, each in settings.STORED.items()
        if not isinstance(each.default, bool)
    }
)
