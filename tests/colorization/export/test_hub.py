"""Files of the Hugging Face hub: what is said where they cannot be had, and what is fetched where they can."""

import hashlib
import sys
from types import ModuleType, SimpleNamespace

import pytest

from colorization.errors import InputError
from colorization.export import hub
from colorization.export.hub import HubFile, fetch_from_hub

FILE = HubFile("someone/networks", "network.pth", instead="give the file: import network FILE")


class HTTPError(Exception):
    """As of the hub's HTTP library, which is no OSError."""


class HfHubHTTPError(HTTPError, OSError):
    """As of huggingface_hub."""


@pytest.fixture
def a_hub(monkeypatch):
    """A huggingface_hub that says of every file what `told` is: metadata, or an error."""
    module, errors = ModuleType("huggingface_hub"), ModuleType("huggingface_hub.errors")
    errors.HfHubHTTPError = HfHubHTTPError
    module.told = None
    module.hf_hub_url = lambda repository, name, revision: f"https://hub/{repository}/{revision}/{name}"

    def get_hf_file_metadata(url):
        if isinstance(module.told, Exception):
            raise module.told
        return module.told

    module.get_hf_file_metadata = get_hf_file_metadata
    monkeypatch.setitem(sys.modules, "huggingface_hub", module)
    monkeypatch.setitem(sys.modules, "huggingface_hub.errors", errors)
    return module


def test_without_huggingface_hub_it_is_said_what_to_type(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(InputError, match=r"pip install '\.\[published\]', or give the file: import network FILE"):
        fetch_from_hub(FILE, tmp_path)


@pytest.mark.parametrize("error", [HTTPError("no\nroute"), HfHubHTTPError("no"), TimeoutError("no"), ValueError("no")])
def test_without_a_network_it_is_one_line(a_hub, tmp_path, error):
    a_hub.told = error
    with pytest.raises(
        InputError, match=r"networks/main/network\.pth could not be reached \(no\); .* give the"
    ) as told:
        fetch_from_hub(FILE, tmp_path)
    assert str(told.value).isprintable()


def test_a_file_without_a_checksum_is_not_fetched(a_hub, tmp_path):
    a_hub.told = SimpleNamespace(commit_hash="c0ffee", size=3, etag="short")
    with pytest.raises(InputError, match="gives no SHA-256"):
        fetch_from_hub(FILE, tmp_path)


def test_the_commit_that_was_told_is_what_is_fetched_and_checked(a_hub, tmp_path, monkeypatch):
    digest = hashlib.sha256(b"abc").hexdigest()
    a_hub.told = SimpleNamespace(commit_hash="c0ffee", size=3, etag=digest)
    asked = []
    monkeypatch.setattr(hub, "fetch", lambda remote, folder, progress: asked.append(remote) or folder / remote.name)
    assert fetch_from_hub(FILE, tmp_path) == tmp_path / "network.pth"
    assert (asked[0].url, asked[0].size, asked[0].sha256) == (
        "https://hub/someone/networks/c0ffee/network.pth",
        3,
        digest,
    )


def test_a_file_that_is_there_needs_no_network(tmp_path):
    (tmp_path / "network.pth").write_bytes(b"abc")
    assert fetch_from_hub(FILE, tmp_path) == tmp_path / "network.pth"
