"""Every command with its options. Where a command's work is, stands beside it, and is imported when the command runs."""

from pathlib import Path

from sc2viz import defaults
from sc2viz.cli import limits
from sc2viz.cli.options import SHARED, Command, Options, flag
from sc2viz.experiments import printed
from sc2viz.training import settings

# What makes a run of `sc2viz train`, with its defaults. A checkpoint notes these and `settings.STORED`, for resuming.
RUN = {"loss": "sc2net", "epochs": 10, "seed": 0, "preset": "recommended", "batch_size": 256}
# How the settings that are whole numbers are read from the command line; all other settings are floats.
WHOLE = {"horizon": limits.steps, "window": limits.steps, "levels": limits.times, "hardest": limits.times}

DATA: Options = {
    "--data": dict(default=None, help=f"a data set's name or an .npz (default: {SHARED['--data']['default']})"),
    "--all-rows": dict(action="store_true", default=None, help="train on the rows that are held out by default as well; "
                       "what the run says is then of rows that it trains on"),
    "--out": dict(type=limits.weights, help="default: the resumed file, or <data>-<solver>[-<loss>][-paper].safetensors, "
                  "here"),
    "--start": "a checkpoint whose weights a new run begins with, instead of an untrained solver",
    "--keep-state": flag("save what --resume needs, too"),
    "--resume": "a checkpoint saved with --keep-state: continue the run that it notes",
}  # fmt: skip
NETWORK: Options = {
    "--solver": dict(default=defaults.TRAINED),
    "--preset": dict(type=limits.name_in("sc2viz.solvers", "PRESETS", "EARLIER"), metavar="NAME",
                     help=f"recommended, paper, or recommended-1 as stored runs name it (default: {RUN['preset']})"),
    "--activation": dict(choices=("shrinkage", "double-tanh")),
    "--kappa": dict(type=float, help="SLSTM's step in units of tau"),
    "--norm": dict(type=float, help="a typical norm of the pictures, which bounds a network for all lambda; by default that "
                   "of the training rows for a new one, and that of --start"),
    "--k": "the number of codes that a solver of fixed sparsity keeps",
    "--positive": dict(default=None, help="codes are kept at 0 or above"),
    "--steps": {},
    "--atoms": {},
    "--dictionary": "the atoms to start from: a .npy, .npz or .safetensors",
}  # fmt: skip
LEARNING: Options = {
    "--loss": dict(choices=settings.LOSSES, help=f"default: {RUN['loss']}"),
    "--epochs": f"default: {RUN['epochs']}",
    "--batch-size": dict(type=limits.rows, help=f"over all processes (default: {RUN['batch_size']})"),
    "--seed": dict(default=None, help=f"default: {RUN['seed']}"),
} | {
    "--" + name.replace("_", "-"): dict(type=WHOLE.get(name, float), default=None,
                                        help=each.metadata["about"].replace("λ", "lambda").replace("σ", "sigma"))
    for name, each in settings.STORED.items() if not isinstance(each.default, bool)
}  # fmt: skip
FILES: Options = {
    "in": dict(metavar="IN", type=Path, help="a PNG, JPEG, WebP or TIFF, or a folder of them"),
    "out": dict(metavar="OUT", type=Path, help="a file, or a folder where IN is one"),
}


def how(solver: str, stride: int | None) -> Options:
    """How a photograph is coded. A stride of None stands for the side of a patch."""
    said = "a patch's side" if stride is None else "%(default)s"
    return {
        "--solver": dict(type=str, default=solver, help="a solver's name, 'exact', or a trained network: a shipped name or "
                         "a path (default: %(default)s)"),
        "--dictionary": "'learned', from the picture itself; or a shipped name; or a .npy, .npz or .safetensors",
        "--stride": dict(type=limits.times, default=stride, help=f"pixels between patches (default: {said})"),
    }  # fmt: skip


COMMANDS = {
    "app": Command("open the app in the browser", "", says={
        "usage": "%(prog)s [-h] [OPTIONS]",
        "description": "OPTIONS go to Streamlit, as in --server.port 8600; streamlit run --help lists them.",
    }),
    "dictionary": Command("learn a dictionary (Mairal et al. 2010)", "sc2viz.cli.dictionaries:run", {
        "--data": {},
        "--atoms": dict(default=100, help="default: %(default)s"),
        "--lam": dict(default=None, help="by default one dictionary is learned for every lambda in [0.01, 1]"),
        "--seed": {},
        "--tol": dict(type=float, default=1e-3, help="stop when an epoch improves by less than this share"),
        "--positive": "neither codes nor atoms below zero: parts that add up",
        "--rule": dict(type=limits.name_in("sc2viz.dictionary", "RULES"), default="online", metavar="NAME",
                       help="online (default), or cross-fitted, which finds the atoms that rows were made of where rows are "
                       "few; it takes all epochs"),
        "--epochs": dict(default=100, help="at most (default: %(default)s)"),
        "--out": dict(type=limits.weights, help="default: <data>-dictionary.safetensors, here"),
    }),
    "train": Command("train a solver; Ctrl-C keeps what was learnt", "sc2viz.cli.training:run",
                     groups={"data and files": DATA, "the network": NETWORK, "how it learns": LEARNING}),
    "evaluate": Command("F, distance to the optimum and accuracy of solvers and networks", "sc2viz.cli.evaluating:run", {
        "--data": {},
        "--dictionary": "the atoms of ISTA and FISTA: a .npy, .npz or .safetensors",
        "--model": dict(nargs="*", help="names of solvers or networks, or paths (default: all networks that are shipped for "
                        "the data, and those in SC2VIZ_NETWORKS and the solvers of SC2VIZ_SOLVERS that fit them)"),
        "--lam": dict(nargs="+", default=[0.01, 0.03, 0.1, 0.3, 1.0]),
        "--atoms": {},
        "--converged": flag("also the distance to exact codes on a dictionary that is learned to convergence at each "
                            "lambda"),
        "--spread": flag("also quantiles of the distance to the optimum over a part of the pictures"),
        "--horizons": dict(type=limits.steps, nargs="+", default=[], metavar="T", help="also the distance to exact codes on "
                           "the own atoms after so many iterations, with the safeguard where pages have it"),
        "--unusual": flag("also F over F(0) on inverted, turned, dim and bright pictures, noise, letters and drawings: "
                          "above 2 a network runs away"),
        "--held-out": flag("measure on the training rows that training holds out, by which a recipe may be chosen, not on "
                           "the test split"),
        "--accuracy": flag("logistic regression on the codes"),
    }),
    "encode": Command("code a file of any size, a batch of rows at a time; the same command continues a run that was "
                      "stopped", "sc2viz.cli.encoding:run", {
        "--data": dict(default=None, required=True, help="a .npy or .npz of rows or pictures: uint8, or floats in [0, 1]"),
        "--key": {},
        "--model": "a trained solver: a shipped name such as mnist/slstm, or a path",
        "--dictionary": "the atoms of exact codes, or of --solver: a data set's name, or a .npy, .npz or .safetensors",
        "--solver": "an untrained solver, such as fista, on the dictionary, in the place of exact codes; a wrong name is "
                    "answered with all names",
        "--positive": "exact codes ≥ 0",
        "--lam": {},
        "--steps": dict(default=None, help="iterations of a solver (default: those it was trained for, or 10)"),
        "--tol": dict(type=float, default=1e-4, help="relative duality gap of exact codes (default: %(default)s)"),
        "--out": dict(required=True, help=".npz: sparse, for scipy.sparse.load_npz; .npy: dense"),
    }, either=("--model", "--dictionary")),
    "sae": Command("how far a sparse autoencoder's codes are from what its dictionary could do",
                   "sc2viz.cli.sae:run", {
        "model": "a .safetensors in SAELens' layout (beside its cfg.json), or the folder of one: standard, TopK or JumpReLU",
        "data": "activations: a .npy or .npz of rows",
        "--key": {},
        "--lam": dict(default=None, help="the price of codes (default: that at which exact codes have as many non-zeros as "
                      "the autoencoder's, or the smallest that is tried where they never have)"),
        "--k": "of a TopK autoencoder without a cfg.json",
        "--rows": dict(type=limits.times, help="measure the first rows alone (default: all)"),
        "--out": "a .npz with the numbers of every row",
    }),
    "live": Command("a site that shows sparse coding step by step, for any static host", "sc2viz.cli.sites:run", {
        "--data": dict(nargs="+", default=[SHARED["--data"]["default"]], metavar="NAME", help="data sets to choose from, of "
                       "which the site opens the first (default: %(default)s)"),
        "--solvers": dict(nargs="+", default=defaults.SITE, metavar="NAME", help="names of solvers, trained where a network "
                          "is shipped for the data, or paths"),
        "--atoms": {},
        "--lam": {},
        "--T": {**SHARED["--steps"], "help": "iterations at which the page opens"},
        "--link": dict(default="", help="the address of the app, which opens the same view"),
        "--out": dict(type=Path, required=True, metavar="FOLDER", help="where index.html and its files are written"),
    }),
    "denoise": Command("remove noise from photographs", "sc2viz.cli.photographing:denoised", {
        **FILES,
        "--sigma": dict(type=float, help="standard deviation of the noise, of 255 (default: estimated)"),
        "--lam": dict(default=None, help="lambda (default: in proportion to sigma)"),
        **how(defaults.PHOTOGRAPHS, 1),
    }),
    "inpaint": Command("fill in missing pixels of photographs", "sc2viz.cli.photographing:filled", {
        "in": FILES["in"],
        "mask": dict(metavar="MASK", type=Path,
                     help="a picture of the same size, white where pixels are missing; or a folder of them"),
        "out": FILES["out"],
        **how(defaults.FILLS, 2),
    }),
    "approximate": Command("write photographs with few codes", "sc2viz.cli.photographing:approximated", {
        **FILES,
        "--non-zeros": dict(type=float, help="mean number of codes a pixel, the means of patches included"),
        "--lam": dict(default=None, help="lambda instead of that"),
        **how("exact", None),
    }, either=("--non-zeros", "--lam")),
    "reproduce": Command("reproduce the paper's tables and figures; can be interrupted",
                         "sc2viz.cli.reproducing:reproduce", {
        "what": f"{', '.join(printed.WHAT)}; recovery, of true codes; sae, of autoencoders; conv, of networks on filters; "
                "the name of a run; or readme: write README's tables",
        "--data": dict(type=limits.name_in("sc2viz.cli.reproducing", "DATA"), default=None, metavar="NAME",
                       help=f"{' or '.join(printed.DATA)} (default: mnist), or one of the data sets of sae (default: all)"),
        "--seeds": dict(type=limits.rows, default=3, help="default: %(default)s"),
        "--protocol": dict(choices=("fair", "as-printed"), default="fair", help="default: %(default)s"),
        "--batches": dict(type=limits.times, default=12_000, help="conv: the length of a run (default: %(default)s)"),
        "--again": flag("repeat runs that exist already (their networks are kept)"),
        "--rows": flag("repeat runs that did not store which rows they classified rightly"),
        "--out": dict(type=Path, help="default: pretrained/results"),
    }),
}  # fmt: skip
