"""Commands of sc2viz in forks of one process, which has imported everything: `python -m tests.forked FOLDER "train …" "…"`.

Each is the leader of a process group of its own, and what the k-th says goes to FOLDER/k.out and FOLDER/k.err. Prints their
process ids at once, and their exit codes at the end.
"""

import os
import shlex
import sys
from pathlib import Path

from sc2viz.__main__ import main

pids = []
for k, command in enumerate(sys.argv[2:]):
    if pid := os.fork():
        pids.append(pid)
        continue
    os.setsid()
    for stream, ending in ((1, "out"), (2, "err")):
        os.dup2(os.open(Path(sys.argv[1]) / f"{k}.{ending}", os.O_WRONLY | os.O_CREAT), stream)
    main(shlex.split(command))
    sys.exit()
print(*pids, flush=True)
print(*(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids))
