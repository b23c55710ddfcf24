"""Files of the Hugging Face hub: what the hub says of one is what our own download needs, and checks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from colorization.errors import InputError
from colorization.export.pytorch_weights import INSTALL
from colorization.progress import Progress, silent
from data_pipelines.download import Remote, fetch


@dataclass(frozen=True)
class HubFile:
    """A file of a repository on the hub, at a revision: a branch, a tag or a commit.

    instead: what the user can do with the file when it was fetched elsewhere.
    """

    repository: str
    name: str
    instead: str
    revision: str = "main"


def fetch_from_hub(file: HubFile, folder: Path, progress: Progress = silent) -> Path:
    """Return the file in `folder`; fetched, and held against the hub's SHA-256, if it is not there.

    Raises InputError if it cannot be had: no huggingface_hub, no network, no such file, no room.
    """
    target = folder / file.name
    if target.is_file():
        return target  # it got this name after its checksum was found right
    return fetch(_remote(file), folder, progress)


def _remote(file: HubFile) -> Remote:
    """Ask the hub for the file's commit, size and SHA-256."""
    try:
        import huggingface_hub
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError as error:
        raise InputError(
            f"fetching {file.name} needs huggingface_hub, which is not installed; {INSTALL}, or {file.instead}"
        ) from error
    url = huggingface_hub.hf_hub_url(file.repository, file.name, revision=file.revision)
    try:
        told = huggingface_hub.get_hf_file_metadata(url)
    except (OSError, ValueError, *HfHubHTTPError.__bases__) as error:  # these are its HTTP library's own
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{url} could not be reached ({reason}); fetch it elsewhere and {file.instead}") from error
    if not told.size or len(told.etag or "") != 64:
        raise InputError(f"the hub gives no SHA-256 for {url}; fetch it elsewhere and {file.instead}")
    pinned = huggingface_hub.hf_hub_url(file.repository, file.name, revision=told.commit_hash)
    return Remote(pinned, told.size, told.etag, file.instead)
