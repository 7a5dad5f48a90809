"""Encoders that are trained in the background, one after the other, and kept in the user's cache."""

from collections.abc import Sequence

from sc2viz.jobs.scheduling import Job, Scheduler
from sc2viz.training.autoencoders import EncoderRun, EncoderTrainer


class EncoderTraining(Job):
    """The networks of `runs`, which are trained. All readers share what is in the cache."""

    def __init__(self, runs: Sequence[EncoderRun], scheduler: Scheduler):
        super().__init__(scheduler)
        self.runs, self.total = list(runs), len(runs)

    def _do(self) -> None:
        """Train the networks one after the other, or take from the cache those that are there."""
        trainer = EncoderTrainer()
        for run in self.runs:
            if not self._goes_on():
                break
            trainer.network(run)
            self.step += 1
