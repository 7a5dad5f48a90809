import torch
from hypothesis import settings

torch.set_num_threads(1)  # the tests' products are small: more threads only get in each other's way
settings.register_profile("sc2viz", deadline=None)  # a shared machine may be slow for a moment
settings.load_profile("sc2viz")
