"""The house: imports only go down the floors, only commands print, a wrong word imports nothing heavy."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from colorization.config import MODEL_CONFIGS, SOURCE_CONFIGS
from colorization.models import MODELS
from data_pipelines import SOURCES

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted([ROOT / "main.py", *(ROOT / "colorization").rglob("*.py"), *(ROOT / "data_pipelines").rglob("*.py")])
FLOORS = {  # room, or file without one, and the floor it lives on; the longest name that fits counts
    "main": 8,
    "colorization": 6,  # load(), the Python door, and the version
    "colorization.cli": 7,
    "colorization.cluster": 5,
    "colorization.painting": 4,
    "colorization.export": 5,
    "colorization.training": 4,
    "colorization.evaluation": 3,
    "colorization.serving": 4,
    "colorization.films": 3,
    "colorization.inference": 2,
    "colorization.models": 2,
    "data_pipelines": 2,
    "colorization.color": 1,
    "colorization.images": 1,
    "colorization.config": 1,
    "colorization.errors": 0,
    "colorization.progress": 0,
}
LIGHT = (
    "cluster",
    "color",
    "config",
    "errors",
    "films",
    "images",
    "inference",
    "painting",
    "progress",
    "serving",
)  # and the commands that paint
LIGHT_COMMANDS = ("__init__", "main", "parser", "options", "console", "program", "colorize", "serve")
LIGHT_COMMANDS += ("colorize_film", "film_paths", "held_signals", "colorize_picture", "file_lock")
LIGHT_COMMANDS += ("colorize_archive",)
LIGHT_COMMANDS += ("output_paths", "record", "report")
HEAVY = ("tensorflow", "tensorflow_io", "keras", "matplotlib", "skimage", "scipy")
HEAVY_ROOMS = ("models", "training", "evaluation", "export")

CATCH_EVERYTHING = (
    "colorization.cli.main",
    "colorization.cluster.ray_engine",
    "colorization.models.imagenet",
    "colorization.serving.bounded_work",
)  # the very top; Ray and Keras' get_file raise a bare Exception; a thread hands on what another one asked for
WEB = ("starlette", "uvicorn")


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    """Return the room that a module lies in; "" for one that is not ours."""
    while module and module not in FLOORS:
        module = module.rpartition(".")[0]
    return module


def imports(file: Path, top_only: bool = False) -> list[str]:
    """Every module that the file names in an import, down to `from package import module`."""
    tree = ast.parse(file.read_text())
    names = []
    for node in tree.body if top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_imports_go_down(file):
    """Neither upwards nor to another room of the same floor; so no circle of rooms is possible."""
    here = room(module_name(file))
    known = [name for name in imports(file) if room(name) not in ("", here)]
    assert [name for name in known if FLOORS[room(name)] >= FLOORS[here]] == []


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_rooms_that_must_not_know_each_other(file):
    module, names = module_name(file), imports(file)

    def knows(*packages):
        return [name for name in names if name.startswith(packages)]

    if module.startswith("colorization.color"):
        assert knows("data_pipelines", "colorization.images", "PIL") == []
    if module.startswith("colorization.models"):
        assert knows("data_pipelines", "tensorflow") == []
    if module in ("colorization.color.lab", "colorization.color.bins"):
        assert knows("tensorflow") == []
    if module.startswith("data_pipelines"):
        assert knows("colorization.models") == []
    if module.startswith("colorization.training"):
        assert knows("colorization.cli", "argparse") == []
        assert not any(f'"{name}"' in file.read_text() for name in MODELS)
    if not module.startswith("colorization.serving"):
        assert knows(*WEB) == []
    light = ("colorization.cli.parser", "colorization.cli.options", "main", "colorization.models", "data_pipelines")
    if module in light or module.startswith("colorization.config"):
        heavy = ("tensorflow", "keras", "numpy", "PIL", "matplotlib", "skimage")
        assert [name for name in imports(file, top_only=True) if name.split(".")[0] in heavy] == []


def is_light(module: str) -> bool:
    room, _, rest = module.removeprefix("colorization.").partition(".")
    return room in LIGHT or (room == "cli" and (rest or "__init__") in LIGHT_COMMANDS)


@pytest.mark.parametrize("file", [file for file in FILES if is_light(module_name(file))], ids=module_name)
def test_the_light_half_knows_nothing_of_the_heavy_one(file):
    rooms = tuple(f"colorization.{room}" for room in HEAVY_ROOMS) + ("data_pipelines",)
    known = [name for name in imports(file) if name.split(".")[0] in HEAVY or name.startswith(rooms)]
    assert known == (["keras.ops"] if module_name(file) == "colorization.color.namespace" else [])


def test_colorizing_serving_and_loading_need_no_tensorflow(tmp_path):
    Image.new("L", (60, 50), 120).save(tmp_path / "a.png")
    code = (
        "import sys\nsys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "import numpy as np, colorization\nfrom pathlib import Path\n"
        "from colorization.cli.main import main\n"
        "assert main(['colorize', 'a.png']) == 0\n"
        "assert colorization.load()(np.full((5, 9), 128, np.uint8)).shape == (5, 9, 3)\n"
        "from colorization.serving.service import ColorizationRequest, Service, Upload\n"
        "from colorization.inference.bundled import bundled_model\n"
        "service = Service({'photo': bundled_model()}, 10_000)\n"
        "assert service.colorize(Upload('a.png', Path('a.png').read_bytes()), ColorizationRequest()).encoded()\n"
    )
    aside = tmp_path / "aside"
    aside.mkdir()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(aside)}
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env=environment, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert list(aside.iterdir()) == []  # ONNX Runtime's telemetry would leave its session there


def test_few_rooms():
    entries = {path.stem for path in (ROOT / "colorization").iterdir() if not path.name.startswith("__")}
    rooms = {path.name for path in (ROOT / "colorization").iterdir() if (path / "__init__.py").is_file()}
    assert len(rooms) <= 14
    assert entries - rooms <= {"errors", "progress"}


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_only_commands_print_and_nobody_catches_everything(file):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            assert module_name(file).startswith("colorization.cli")
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.id if isinstance(node.type, ast.Name) else None
            assert node.type is not None, "a bare except"
            assert caught not in ("Exception", "BaseException") or module_name(file) in CATCH_EVERYTHING


def test_every_model_and_source_has_its_dataclass():
    assert list(MODELS) == list(MODEL_CONFIGS)
    assert list(SOURCES) == list(SOURCE_CONFIGS)
    assert [cls().dataset for cls in SOURCE_CONFIGS.values()] == list(SOURCES)


def test_models_need_no_tensorflow():
    """They are Keras' alone, so that a network can be trained under another backend."""
    code = (
        "import sys\nfrom unittest.mock import MagicMock\nsys.modules['tensorflow'] = None\n"
        # Keras' numpy backend borrows a few functions from JAX; none is needed here
        "sys.modules |= {n: MagicMock() for n in ('jax', 'keras.src.backend.jax', 'keras.src.backend.jax.math')}\n"
        "from colorization import models\n"
        "import importlib\n"
        "for module in models.MODELS.values(): importlib.import_module(module)"
    )
    environment = os.environ | {"KERAS_BACKEND": "numpy"}
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=environment)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["train", "--help"],
        ["--model", "unknown"],
        ["--dataset", "unknown"],
        ["--no-such-option"],
        ["evaluate", "not/there"],
        ["serve", "--model", "not/there"],
        ["--dataset", "cifar10", "--data-dir", "not/there"],
    ],
    ids=" ".join,
)
def test_a_wrong_word_is_answered_before_anything_heavy_is_imported(words):
    code = (
        "import sys\nfrom colorization.cli.main import main\n"
        "try:\n    status = main(sys.argv[1:])\nexcept SystemExit as end:\n    status = end.code\n"
        "heavy = {'tensorflow', 'keras', 'numpy', 'PIL', 'matplotlib', 'starlette', 'uvicorn'} & set(sys.modules)\n"
        "assert not heavy, heavy\nsys.exit(status)"
    )
    ended = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == (0 if "--help" in words else 2), ended.stderr
    assert ended.stderr.count("\n") <= 1, ended.stderr
