"""Which files are films, by their first bytes, and how films are written. No PyAV here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from colorization.errors import InputError

HEAD = 512  # bytes of a file that tell a film
STARTS = re.compile(  # of the containers: MP4 and QuickTime, Matroska and WebM, AVI, ...
    rb"....ftyp(isom|iso\d|mp4\d|avc1|qt  |M4V |m4v |MSNV|msnv|3g[2p]|dash|f4v |XAVC)"
    rb"|....(moov|mdat|wide|skip)"
    rb"|\x1aE\xdf\xa3|RIFF....AVI |FLV\x01|YUV4MPEG2 |\x30\x26\xb2\x75\x8e\x66\xcf\x11"  # ... ASF
    rb"|\0\0\x01[\xba\xb3]|\x06\x0e\x2b\x34|\.RMF|DKIF"  # MPEG program stream, MPEG video; MXF; Real; IVF
    rb"|(G.{187}){2}G|(.{4}G.{187}){2}",  # MPEG transport stream, every 188 or 192 bytes
    re.DOTALL,
)
ENDINGS = re.compile(  # of names; not .ts, which is more often TypeScript: there the content decides
    r"\.(3g2|3gp|asf|avi|divx|dv|f4v|flv|ivf|m2ts|m2v|m4v|mkv|mov|mp4|mpe?g|mts|mxf|og[mv]|qt|vob|webm|wmv|y4m)"
)


@dataclass(frozen=True)
class Codec:
    """How pictures are encoded.

    encoder: FFmpeg's name. pixel_format: FFmpeg's name of what it is given. endings: of the containers that hold it,
    the first where the film's own does not. options: of the encoder. has_full_range: whether black may be level 0.
    """

    encoder: str
    pixel_format: str
    endings: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)
    has_full_range: bool = True


CRF = "18"  # constant rate factor: what x264's authors call visually lossless, or nearly so
X264 = {"crf": CRF, "preset": "veryfast"}  # of grainy film no larger than the slower presets make it
MP4_LIKE = (".mp4", ".mov", ".m4v", ".mkv")
CODECS = {
    "h264": Codec("libx264", "yuv420p", MP4_LIKE, X264),
    "h264-444": Codec("libx264", "yuv444p", MP4_LIKE, X264),
    "prores": Codec("prores_ks", "yuv422p10le", (".mov", ".mkv"), {"profile": "hq"}, has_full_range=False),
    "ffv1": Codec("ffv1", "yuv444p", (".mkv", ".avi"), {"level": "3", "slicecrc": "1"}),
}


def is_film(path: Path | str) -> bool:
    """Return whether a file is a film by its content, or claims to be one by its name and is of no other known kind."""
    path = Path(path)
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError:
        return ends_like_film(path)
    return bool(STARTS.match(head)) or ends_like_film(path)


def names_film(path: Path) -> bool:
    """Return whether a path, which need not exist, is a name for a film."""
    return ends_like_film(path) and not path.is_dir()


def output_ending(source: Path, codec: str) -> str:
    """Return the ending of the colorized film: its own if such a container holds the codec, else the codec's first."""
    endings = CODECS[codec].endings
    own = source.suffix.lower()
    return own if own in endings else endings[0] if own in MP4_LIKE else ".mkv"


def check_ending(output: Path, codec: str) -> None:
    """Raise InputError if a film of this name cannot be of this codec."""
    endings = CODECS[codec].endings
    if output.suffix.lower() not in endings:
        raise InputError(f"--output {output}: --codec {codec} is written as {', '.join(endings)}; name the film so")


def ends_like_film(path: PurePath) -> bool:
    """Return whether a name ends as those of films do."""
    return bool(ENDINGS.fullmatch(path.suffix.lower()))
