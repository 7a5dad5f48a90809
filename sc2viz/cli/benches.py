"""Every benchmark: what it measures, and its options. Each prints the machine, and checks the results that it times."""

from sc2viz.cli import limits
from sc2viz.cli.options import Command, flag

SHARES = 0.5, 0.1, 0.02  # values of λ/λ_max
SIGNALS = "planted", "random"
SETS = "mnist-5k", "digits", "patches"
TABLES = "denoising", "unknown", "seconds", "inpainting", "colour", "approximation", "memory"  # of photographs


def _count(default: int | None, about: str = "default: %(default)s") -> dict:
    return dict(type=limits.times, default=default, help=about)


BENCHES = {
    "exact": Command("exact codes a second, beside scikit-learn and SPAMS", "sc2viz.benchmarks.exact:run", {
        "--lam": "λ of the race on MNIST",
        "--repeats": {},
        "--shape": dict(nargs="+", type=limits.shape, metavar="D_X×D_S",
                    help="a table for dictionaries of these shapes"),
        "--share": dict(nargs="+", type=float, choices=SHARES, default=SHARES,
                    help="λ/λ_max in that table (default: all of it)"),
        "--peers": flag("that table for planted and random signals, codes of both signs and "
                    "≥ 0, of 768×2048 and 768×4096 (or --shape)"),
        "--signals": dict(nargs="+", choices=SIGNALS, default=SIGNALS, help="those of that table"),
        "--samples": dict(nargs="+", type=limits.times, help="the numbers of samples in that table"),
        "--choice": flag("which method is chosen, and what each takes"),
        "--processor-time": {},
    }),
    "atoms": Command("known atoms that each rule of learning finds, and MCC of codes on them",
                     "sc2viz.benchmarks.atoms:run", {
        "--atoms": dict(nargs="+", type=limits.atoms, default=[100], help="d_s, the number of known atoms (default: 100)"),
        "--rule": dict(type=limits.name_in("sc2viz.dictionary", "RULES"), nargs="+", metavar="NAME", help="only these"),
        "--seeds": dict(nargs="+", type=limits.seed, default=[0, 1, 2], help="default: 0 1 2"),
        "--snr-db": dict(type=float, help="the ratio of signal and noise in decibels (default: no noise)"),
    }),
    "estimators": Command("SparseCoder and DictionaryLearning beside scikit-learn's", "sc2viz.benchmarks.estimators:run", {
        "--lam": "λ, which scikit-learn calls alpha",
        "--rows": _count(2000, "test digits that are coded"),
        "--learn-from": _count(4000, "training digits that atoms are learned from"),
        "--processor-time": {},
    }),
    "gpu": Command("codes a second of every solver on the GPU, or on the CPU where there is none",
                   "sc2viz.benchmarks.gpu:run", {
        "--rows": _count(10_000, "pictures at a time (default: %(default)s)"),
        "--lam": {},
        "--repeats": {},
    }),
    "photographs": Command("PSNR, SSIM and seconds on photographs, beside the usual methods",
                           "sc2viz.benchmarks.photographs:run", {
        "what": dict(nargs="*", type=limits.name_in(__name__, "TABLES"), metavar="TABLE",
                 help=f"of {', '.join(TABLES)} (default: all)"),
        "--solver": dict(type=str, nargs="+", help="only these"),
        "--network": dict(nargs="+", default=[], metavar="FILE", help="rows for these networks of patches too"),
        "--crop": _count(None, "only the middle of each picture, so many pixels a side"),
        "--processor-time": {},
    }),
    "load": Command("how long a class or a crowd of readers waits, without browsers", "sc2viz.benchmarks.load:run", {
        "--readers": dict(type=limits.whole(1, 1000), default=50, help="default: %(default)s"),
        "--pattern": dict(choices=("class", "crowd"), default="class", help="default: %(default)s"),
        "--mixed": flag("a crowd that asks for other pictures, λ, data and pages at random, on seven pages"),
        "--replicas": _count(1, "so many servers behind Caddy"),
        "--lose": dict(type=float, metavar="SECONDS", help="kill one of the replicas after so long"),
        "--training": _count(0, "so many others train meanwhile"),
        "--of": dict(metavar="FOLDER", help="the checkout whose app is measured (default: this one)"),
        "--pages": dict(nargs="+", metavar="PAGE", help="those that readers open, in turn, by default all; a class "
                    "opens the first, by default compare"),
        "--data": dict(choices=SETS, nargs="+", default=SETS, help="data sets that readers choose from"),
        "--requests": dict(type=limits.rows, default=5, help="of each, after its first view"),
        "--typed": flag("readers type λ instead of moving its slider"),
        "--rounds": _count(1, "so many groups come, one after the other has left: what memory grows by in the first is "
                           "warm-up if it does not in the others"),
        "--soak": dict(type=float, metavar="MINUTES", help="readers come and go for so long, as in a crowd, and memory "
                   "is printed each minute"),
        "--address": "of a server that runs already; by default one is started",
    }),
    "class": Command("how soon the answers of a class are taken while its lecturer drags λ, in Chromium",
                     "sc2viz.benchmarks.classes:run", {
        "--phones": dict(type=limits.whole(1, 300), nargs="+", default=[50, 200], help="default: 50 200"),
        "--seconds": dict(type=float, default=20.0, help="within which all answer (default: %(default)s)"),
    }),
    "views": Command("what a view costs the server, in processor seconds and bytes, without browsers",
                     "sc2viz.benchmarks.views:run", {
        "--pages": dict(type=limits.name_in("sc2viz.ui.app", "TITLES"), nargs="+", metavar="PAGE", help="default: all"),
        "--rounds": _count(3, "of which the median is told"),
        "--against": dict(metavar="FOLDER", help="another checkout whose app is asked the same, in turn"),
    }),
    "pen": Command("how soon codes follow a pen on the page to take away, in Chromium", "sc2viz.benchmarks.pen:run"),
    "recovery": Command("the map of the phase transition, and OMP beside its peers", "sc2viz.benchmarks.recovery:run", {
        "--trials": _count(None, "a cell (default: as many as on the page)"),
        "--repeats": dict(default=3),
    }),
    "restarts": Command("iterations to the optimum of FISTA, without and with restarts, on all data",
                        "sc2viz.benchmarks.restarts:run", {
        "--lam": {},
        "--rows": _count(100, "rows of each test split (default: %(default)s)"),
    }),
    "training": Command("a full training step of SLSTM, compared with torch.nn.LSTM", "sc2viz.benchmarks.training_step:run",
                        {"--repeats": dict(default=100)}),
    "ui": Command("how long a reader of the app waits, in Chromium", "sc2viz.benchmarks.ui:run"),
    "drag": Command("how soon pictures follow a slider that is dragged, in Chromium", "sc2viz.benchmarks.ui:drag", {
        "--only": dict(default="", metavar="WORD", help="drags whose page or slider has this word, as in “lambda”"),
    }),
    "starts": Command("threads and memory while training jobs start and stop many times", "sc2viz.benchmarks.live:starts",
                      {"--times": _count(300)}),
}  # fmt: skip
