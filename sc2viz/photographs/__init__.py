"""Photographs: cut into overlapping patches, coded sparsely, and put together again.

    denoise       remove noise of standard deviation σ
    inpaint       fill in missing pixels
    approximate   as few codes as asked for

Pictures are numpy arrays or tensors, (h, w) or (h, w, 3), on the scale of [0, 1], though their values may leave it; the
answer's picture is of the same kind and shape, unclipped. It is made of averaged patches B s + mean and, where a network has
learned so, of a share of the noisy picture. Memory is bounded, and `progress` may stop the work.

    coding        which solver, dictionary and λ
    assembling    block by block: cut, code, average
    files         pictures on the disk
"""

from sc2viz.photographs.approximating import approximate
from sc2viz.photographs.assembling import Answer, Stopped
from sc2viz.photographs.denoising import denoise, estimate_sigma
from sc2viz.photographs.inpainting import inpaint

__all__ = ["Answer", "Stopped", "approximate", "denoise", "estimate_sigma", "inpaint"]
