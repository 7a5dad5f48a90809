"""The frames of a job are bounded in number and in memory."""

import pytest

from sc2viz.jobs.reel import Reel
from sc2viz.jobs.scheduling import Limits


@pytest.mark.parametrize(("nbytes", "limit"), [(100_000, 10), (1_000_000, 8), (1, 40)])
def test_at_least_eight_frames_stay_the_first_and_the_last_among_them(nbytes, limit):
    reel = Reel(Limits(frames=40, frame_megabytes=1), nbytes, growth=1.0)
    counts = []
    for position in range(200):
        reel.add(position, position)
        counts.append(len(reel.frames))
    assert limit // 2 <= max(counts) <= limit
    assert reel.limit == limit and reel.frames[0] == 0 and reel.frames[-1] == 199
