"""DeOldify's two generators and its author's program, restated in plain PyTorch: what ours are held against.

Written from the author's code (jantic/DeOldify, MIT) and the fastai that comes with it (Apache-2.0), which blurs after
its last shuffle, too, though it is not told to: all up to 1.0.56 do, from 1.0.57 on none does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F  # noqa: N812

from benchmarks.ddcolor_torch import blurred
from colorization.export.pytorch_weights import folded, read_state_dict

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
FIRST_STAGE, STAGES, BLOCKS = 4, 4, 4  # where the ResNet's stages begin; the U-Net's blocks begin there, too


class DeOldify:
    """A released generator, whichever the weights are of; no layer of PyTorch's, only its functions."""

    def __init__(self, state_dict: Mapping[str, np.ndarray]):
        self.w = {key: torch.from_numpy(np.ascontiguousarray(value)) for key, value in folded(state_dict).items()}

    @torch.inference_mode()
    def __call__(self, grey: torch.Tensor) -> torch.Tensor:
        """Return RGB (N, 3, H, W) in 0..1 of grey RGB (N, 3, H, W) in 0..1; H and W even."""
        mean, deviation = (torch.tensor(each).reshape(1, 3, 1, 1) for each in (MEAN, DEVIATION))
        picture = (grey - mean) / deviation
        *skips, x = self.resnet(picture)
        x = F.relu(self.batch_norm(x, "layers.1"))
        x = self.convolved(self.convolved(x, "layers.3.0"), "layers.3.1")
        for i in range(BLOCKS):
            x = self.block(x, skips[-1 - i], f"layers.{FIRST_STAGE + i}")
        x = torch.cat([blurred(F.pixel_shuffle(F.relu(self.conv(x, "layers.8.conv.0")), 2)), picture], dim=1)
        y = F.relu(self.conv(x, "layers.10.layers.0.0", padding=1))
        x = x + F.relu(self.conv(y, "layers.10.layers.1.0", padding=1))
        x = torch.sigmoid(self.conv(x, "layers.11.0")) * 6 - 3
        return (x * deviation + mean).clamp(0, 1)

    def resnet(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the five maps, the largest first."""
        x = F.relu(self.batch_norm(self.conv(x, "layers.0.0", stride=2, padding=3), "layers.0.1"))
        maps = [x]
        x = F.max_pool2d(x, 3, stride=2, padding=1)
        for stage in range(FIRST_STAGE, FIRST_STAGE + STAGES):
            block = 0
            while f"layers.0.{stage}.{block}.conv1.weight" in self.w:
                x = self.residual(x, f"layers.0.{stage}.{block}", 2 if stage > FIRST_STAGE and block == 0 else 1)
                block += 1
            maps.append(x)
        return maps

    def residual(self, x: torch.Tensor, name: str, stride: int) -> torch.Tensor:
        if f"{name}.conv3.weight" in self.w:
            y = F.relu(self.batch_norm(self.conv(x, f"{name}.conv1"), f"{name}.bn1"))
            y = F.relu(self.batch_norm(self.conv(y, f"{name}.conv2", stride=stride, padding=1), f"{name}.bn2"))
            y = self.batch_norm(self.conv(y, f"{name}.conv3"), f"{name}.bn3")
        else:
            y = F.relu(self.batch_norm(self.conv(x, f"{name}.conv1", stride=stride, padding=1), f"{name}.bn1"))
            y = self.batch_norm(self.conv(y, f"{name}.conv2", padding=1), f"{name}.bn2")
        if f"{name}.downsample.0.weight" in self.w:
            x = self.batch_norm(self.conv(x, f"{name}.downsample.0", stride=stride), f"{name}.downsample.1")
        return F.relu(x + y)

    def block(self, x: torch.Tensor, skip: torch.Tensor, name: str) -> torch.Tensor:
        x = F.relu(self.batch_norm(self.conv(x, f"{name}.shuf.conv.0"), f"{name}.shuf.conv.1"))
        x = blurred(F.pixel_shuffle(x, 2))
        if x.shape[2:] != skip.shape[2:]:  # where half a side was rounded up
            x = F.interpolate(x, skip.shape[2:])
        x = F.relu(torch.cat([x, self.batch_norm(skip, f"{name}.bn")], dim=1))
        for part in ("conv", "conv1", "conv2"):  # the wide decoder's, or the deep one's two
            if f"{name}.{part}.0.weight" in self.w:
                x = self.convolved(x, f"{name}.{part}")
            if f"{name}.{part}.3.gamma" in self.w:
                x = self.attention(x, f"{name}.{part}.3")
        return x

    def attention(self, x: torch.Tensor, name: str) -> torch.Tensor:
        places = x.flatten(2)
        query, key, value = (F.conv1d(places, self.w[f"{name}.{part}.weight"]) for part in ("query", "key", "value"))
        beta = torch.softmax(torch.bmm(query.transpose(1, 2), key), dim=1)
        return x + (self.w[f"{name}.gamma"] * torch.bmm(value, beta)).unflatten(2, x.shape[2:])

    def convolved(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return self.batch_norm(F.relu(self.conv(x, f"{name}.0", padding=1)), f"{name}.2")

    def conv(self, x: torch.Tensor, name: str, **how) -> torch.Tensor:
        return F.conv2d(x, self.w[f"{name}.weight"], self.w.get(f"{name}.bias"), **how)

    def batch_norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        parts = (self.w[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        return F.batch_norm(x, *parts)


class Demo:
    """A photograph to a file as the author's program does it: squeezed to a square, and U and V of what is painted."""

    def __init__(self, weights: Path, size: int = 35 * 16):
        self.network, self.size = DeOldify(read_state_dict(weights)), size

    def colorize(self, source: Path, target: Path) -> None:
        """Read a photograph, give it colours, and write it."""
        import cv2

        picture = Image.open(source).convert("RGB")
        grey = picture.resize((self.size, self.size), Image.Resampling.BILINEAR).convert("L").convert("RGB")
        pixels = np.asarray(grey, np.float32).transpose(2, 0, 1) / 255
        painted = self.network(torch.from_numpy(pixels)[None])[0]
        painted = Image.fromarray((painted.permute(1, 2, 0) * 255).numpy().astype(np.uint8))
        painted = np.asarray(painted.resize(picture.size, Image.Resampling.BILINEAR))
        yuv = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2YUV)
        yuv[..., 1:] = cv2.cvtColor(painted, cv2.COLOR_RGB2YUV)[..., 1:]
        Image.fromarray(cv2.cvtColor(yuv, cv2.COLOR_YUV2RGB)).save(target)
