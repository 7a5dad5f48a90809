# %% [markdown]
# # A photograph
#
# A photograph is cut into overlapping patches, every patch is coded sparsely, and the patches are put together again. It
# loses noise that way, and missing pixels are filled in.

# %%
import matplotlib.pyplot as plt
import numpy as np
from skimage.data import camera
from skimage.metrics import peak_signal_noise_ratio as psnr

from sc2viz import photographs

picture, rng = camera()[60:188, 170:298] / 255, np.random.default_rng(0)
noisy = picture + 25 / 255 * rng.standard_normal(picture.shape)
missing = rng.random(picture.shape) < 0.5

# %% [markdown]
# ## Noise
#
# σ is that of the noise; it is estimated where it is left out.

# %%
clean = photographs.denoise(noisy, sigma=25 / 255).picture
print(f"σ is estimated as {255 * photographs.estimate_sigma(noisy):.1f} of 255; it is 25")

# %% [markdown]
# ## Missing pixels

# %%
whole = photographs.inpaint(picture, missing, solver="exact").picture

# %%
shown = {
    "with noise": noisy,
    "denoised": clean,
    "half the pixels": np.where(missing, 1, picture),
    "filled in": whole,
}
figure, axes = plt.subplots(2, 2, figsize=(6, 6.4), layout="constrained")
for part, (name, each) in zip(axes.flat, shown.items(), strict=True):
    part.imshow(each.clip(0, 1), cmap="gray", vmin=0, vmax=1)
    part.set_title(f"{name}, {psnr(picture, each.clip(0, 1), data_range=1):.1f} dB", fontsize=11)
    part.axis("off")
plt.show()

# %%
assert psnr(picture, clean.clip(0, 1), data_range=1) > 3 + psnr(
    picture, noisy.clip(0, 1), data_range=1
)
assert psnr(picture, whole.clip(0, 1), data_range=1) > 25
