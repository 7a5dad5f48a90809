"""The frames of a job are bounded in number and in memory."""

from types import SimpleNamespace

import pytest

from sc2viz.jobs.reel import Filmed
from sc2viz.jobs.scheduling import Limits, Scheduler


@pytest.mark.parametrize(("nbytes", "limit"), [(100_000, 10), (1_000_000, 8), (1, 40)])
def test_at_least_eight_frames_stay_the_first_and_the_last_among_them(nbytes, limit):
    job = Filmed(Scheduler(Limits(frames=40, frame_megabytes=1)))
    job.growth, counts = 1.0, []
    frames = [SimpleNamespace(nbytes=nbytes) for _ in range(200)]
    for position, frame in enumerate(frames):
        job.keep_frame(position, frame)
        counts.append(len(job.frames))
    assert limit // 2 <= max(counts) <= limit
    assert job.frames[0] is frames[0] and job.frames[-1] is frames[-1]
