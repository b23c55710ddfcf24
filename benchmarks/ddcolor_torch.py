"""DDColor and its authors' demo, restated in plain PyTorch and OpenCV: what benchmarks/published.py compares ours with.

Written from the state dict's names and the paper; attention by PyTorch's own fused call, which is faster than what the
authors take.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812

from colorization.export.pytorch_weights import folded, read_state_dict

STAGES = 4  # of the encoder
HEADS, ROUNDS = 8, 3
QUERIES = "decoder.color_decoder"


class DDColor:
    """The released network, tiny or large; no layer of PyTorch's, only its functions."""

    def __init__(self, state_dict: Mapping[str, np.ndarray]):
        self.w = {key: torch.from_numpy(np.ascontiguousarray(value)) for key, value in folded(state_dict).items()}

    @torch.inference_mode()
    def __call__(self, rgb: torch.Tensor) -> torch.Tensor:
        """Return ab (N, 2, H, W), Lab units, of grey RGB (N, 3, H, W) in 0..1; H and W multiples of 32."""
        picture = (rgb - self.w["mean"].reshape(1, 3, 1, 1)) / self.w["std"].reshape(1, 3, 1, 1)
        *skips, x = self.encoder(picture)
        maps = []
        for i in range(3):
            x = self.doubled(x, skips[-1 - i], f"decoder.layers.{i}")
            maps.append(x)
        features = blurred(F.pixel_shuffle(F.relu(self.conv(x, "decoder.last_shuf.conv.0")), 4))
        colours = torch.einsum("bqc,bchw->bqhw", self.queries(maps), features)
        return self.conv(torch.cat([colours, picture], dim=1), "refine_net.0.0")

    def encoder(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the four maps, each normalized."""
        maps, name = [], "encoder.arch"
        for stage in range(STAGES):
            down = f"{name}.downsample_layers.{stage}"
            if stage == 0:
                x = self.norm(self.conv(x, f"{down}.0", stride=4), f"{down}.1")
            else:
                x = self.conv(self.norm(x, f"{down}.0"), f"{down}.1", stride=2)
            block = 0
            while f"{name}.stages.{stage}.{block}.gamma" in self.w:
                x = self.block(x, f"{name}.stages.{stage}.{block}")
                block += 1
            maps.append(self.norm(x, f"{name}.norm{stage}"))
        return maps

    def block(self, x: torch.Tensor, name: str) -> torch.Tensor:
        y = self.conv(x, f"{name}.dwconv", padding=3, groups=x.shape[1]).permute(0, 2, 3, 1)
        y = self.linear(
            F.gelu(self.linear(self.norm_last(y, f"{name}.norm", 1e-6), f"{name}.pwconv1")), f"{name}.pwconv2"
        )
        return x + (self.w[f"{name}.gamma"] * y).permute(0, 3, 1, 2)

    def doubled(self, x: torch.Tensor, skip: torch.Tensor, name: str) -> torch.Tensor:
        x = F.relu(self.batch_norm(self.conv(x, f"{name}.shuf.conv.0"), f"{name}.shuf.conv.1"))
        x = F.relu(torch.cat([blurred(F.pixel_shuffle(x, 2)), self.batch_norm(skip, f"{name}.bn")], dim=1))
        return self.batch_norm(F.relu(self.conv(x, f"{name}.conv.0", padding=1)), f"{name}.conv.2")

    def queries(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Return the colours (N, 100, 256)."""
        places, placed = [], []
        for i, x in enumerate(maps):
            x = self.conv(x, f"{QUERIES}.input_proj.{i}")
            position = sines(*x.shape[2:], x.shape[1]).flatten(0, 1)
            places.append(x.flatten(2).transpose(1, 2) + self.w[f"{QUERIES}.level_embed.weight"][i])
            placed.append(places[-1] + position)
        x = self.w[f"{QUERIES}.query_feat.weight"].expand(len(maps[0]), -1, -1)
        own = self.w[f"{QUERIES}.query_embed.weight"]
        for i in range(ROUNDS * len(maps)):
            at, name = i % len(maps), f"{QUERIES}.transformer_cross_attention_layers.{i}"
            seen = self.attention(x + own, placed[at], places[at], f"{name}.multihead_attn")
            x = self.norm_last(x + seen, f"{name}.norm")
            name = f"{QUERIES}.transformer_self_attention_layers.{i}"
            x = self.norm_last(x + self.attention(x + own, x + own, x, f"{name}.self_attn"), f"{name}.norm")
            name = f"{QUERIES}.transformer_ffn_layers.{i}"
            thought = self.linear(F.relu(self.linear(x, f"{name}.linear1")), f"{name}.linear2")
            x = self.norm_last(x + thought, f"{name}.norm")
        x = self.norm_last(x, f"{QUERIES}.decoder_norm")
        for i in range(2):
            x = F.relu(self.linear(x, f"{QUERIES}.color_embed.layers.{i}"))
        return self.linear(x, f"{QUERIES}.color_embed.layers.2")

    def attention(self, query, key, value, name: str) -> torch.Tensor:
        weights = self.w[f"{name}.in_proj_weight"].chunk(3), self.w[f"{name}.in_proj_bias"].chunk(3)
        given = (F.linear(x, weight, bias) for x, weight, bias in zip((query, key, value), *weights, strict=True))
        heads = (x.unflatten(-1, (HEADS, -1)).transpose(1, 2) for x in given)
        seen = F.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2)
        return self.linear(seen, f"{name}.out_proj")

    def conv(self, x: torch.Tensor, name: str, **how) -> torch.Tensor:
        return F.conv2d(x, self.w[f"{name}.weight"], self.w.get(f"{name}.bias"), **how)

    def linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, self.w[f"{name}.weight"], self.w[f"{name}.bias"])

    def norm_last(self, x: torch.Tensor, name: str, epsilon: float = 1e-5) -> torch.Tensor:
        return F.layer_norm(x, x.shape[-1:], self.w[f"{name}.weight"], self.w[f"{name}.bias"], epsilon)

    def norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return self.norm_last(x.permute(0, 2, 3, 1), name, 1e-6).permute(0, 3, 1, 2)

    def batch_norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        parts = (self.w[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        return F.batch_norm(x, *parts)


def blurred(x: torch.Tensor) -> torch.Tensor:
    """Return the mean of each pixel and those above and to the left."""
    return F.avg_pool2d(F.pad(x, (1, 0, 1, 0), mode="replicate"), 2, stride=1)


def sines(height: int, width: int, channels: int) -> torch.Tensor:
    """Return the code of each place, (height, width, channels): half of it tells the row, half the column."""
    divisors = 10_000 ** (2 * torch.arange(channels // 4) / (channels // 2))

    def along(count: int) -> torch.Tensor:
        angles = (torch.arange(1, count + 1) / (count + 1e-6) * 2 * math.pi)[:, None] / divisors
        return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)

    rows = along(height)[:, None].expand(-1, width, -1)
    return torch.cat([rows, along(width)[None].expand(height, -1, -1)], dim=-1)


class Demo:
    """A photograph to a file as the authors' demo does it: squeezed to a square, colours enlarged by nearest."""

    def __init__(self, weights: Path, size: int = 512):
        self.network, self.size = DDColor(read_state_dict(weights)), size

    def colorize(self, source: Path, target: Path) -> None:
        """Read a photograph, give it colours, and write it."""
        import cv2

        picture = np.float32(cv2.imread(str(source))) / 255
        L = cv2.cvtColor(picture, cv2.COLOR_BGR2Lab)[..., :1]
        small = cv2.cvtColor(cv2.resize(picture, (self.size, self.size)), cv2.COLOR_BGR2Lab)[..., :1]
        grey = cv2.cvtColor(np.concatenate([small, np.zeros_like(small), np.zeros_like(small)], -1), cv2.COLOR_LAB2RGB)
        ab = self.network(torch.from_numpy(grey.transpose(2, 0, 1)).float()[None])
        ab = F.interpolate(ab, size=picture.shape[:2])[0].numpy().transpose(1, 2, 0)
        painted = cv2.cvtColor(np.concatenate([L, ab], axis=-1), cv2.COLOR_LAB2BGR)
        cv2.imwrite(str(target), (painted * 255).round().astype(np.uint8))
