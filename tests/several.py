"""Several commands of sc2viz under torchrun, each one argument: `torchrun … -m tests.several "train …" "encode …"`."""

import shlex
import sys

from torch import distributed

from sc2viz.__main__ import main

distributed.init_process_group("gloo")
for command in sys.argv[1:]:
    main(shlex.split(command))
distributed.destroy_process_group()
