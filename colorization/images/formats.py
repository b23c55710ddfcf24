"""Which formats of picture files are read, and which are known only by name, with what to do about them."""

from __future__ import annotations

import functools
import importlib
import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

# Not still pictures of pixels: EPS would start Ghostscript on a stranger's file, the others are films or only stubs.
NOT_READ = {"EPS", "WMF", "MPEG", "BUFR", "GRIB", "HDF5"}

SAVE_AS_JPEG = "save it as JPEG, PNG or TIFF with the program that it comes from"
DEVELOP = "develop it first, and save it as JPEG or TIFF"


@dataclass(frozen=True)
class Unread:
    """A format of pictures that is not read.

    Args:
        name: what a person calls it.
        advice: what to do with such a file.
        endings: of names, lower case, without the dot.
        start: a pattern of the first bytes.
        reader: Pillow's name of the format that reads it, where a package for that is installed.
    """

    name: str
    advice: str
    endings: str
    start: bytes
    reader: str = ""

    @property
    def reason(self) -> str:
        return f"{self.name} is not read here: {self.advice}"


UNREAD = (
    Unread(
        "camera raw",
        DEVELOP,
        "3fr arw cr2 cr3 crw dcr dng erf fff iiq kdc mef mos mrw nef nrw orf pef raf rw2 rwl sr2 srf srw x3f",
        rb"....ftypcrx |FUJIFILMCCD-RAW|IIU\0|IIR[OS]|MMOR|\0MRM|FOVb|II\x1a\0....HEAPCCDR|II\*\0....CR\x02",
    ),
    Unread(
        "HEIC",
        "turn it into JPEG, or install pillow-heif",
        "heic heics heif heifs hif",
        rb"....ftyp(heic|heix|heim|heis|hevc|hevx|hevm|hevs|mif1|msf1)",
        "HEIF",
    ),
    Unread(
        "JPEG XL",
        "turn it into JPEG, or install pillow-jxl-plugin",
        "jxl",
        rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n",
        "JXL",
    ),
    Unread("DjVu", SAVE_AS_JPEG, "djvu djv", rb"AT&TFORM"),
    Unread("DICOM", SAVE_AS_JPEG, "dcm dicom", rb".{128}DICM"),
    Unread("PAM", "save it as PPM, PNG or TIFF", "pam", rb"P7\n"),
    Unread("a big-endian BigTIFF", "save it as a little-endian one, or as PNG", "", rb"MM\0\x2b"),
    Unread("JPEG XR", SAVE_AS_JPEG, "jxr wdp hdp", rb"II\xbc\x01"),
    Unread("OpenEXR", SAVE_AS_JPEG, "exr", rb"v/1\x01"),
    Unread("Radiance HDR", SAVE_AS_JPEG, "", rb"#\?(RADIANCE|RGBE)"),
    Unread("BPG", SAVE_AS_JPEG, "bpg", rb"BPG\xfb"),
    Unread("a project of GIMP", "export it as PNG or TIFF", "xcf", rb"gimp xcf"),
    Unread("a large document of Photoshop", "save it as TIFF or PNG", "psb", rb"8BPS\0\x02"),
    Unread("Photoshop with 16 or 32 bits a channel", "save it as TIFF or PNG", "", rb"8BPS\0\x01.{16}\0[\x10\x20]"),
)

NO_PICTURES = (  # a pattern of the first bytes, and what it is; in a folder of photographs nobody misses them
    (rb"%PDF-", "a PDF; save its pages as JPEG or PNG"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "PostScript; save it as JPEG or PNG"),
    (rb"\s*(<\?xml.{0,200}?\?>)?\s*(<!--.*?-->\s*)*(<!DOCTYPE svg.*?>\s*)?<svg", "a drawing (SVG); export it as PNG"),
    (rb"\s*<(!doctype html|html|head|body)", "a web page (HTML)"),
    (rb"....ftyp(isom|iso\d|mp4\d|avc1|qt  |m4v|msnv|3g[2p]|dash)|\x1aE\xdf\xa3|RIFF....AVI ", "a film"),
    (rb"PK\x03\x04|\x1f\x8b|7z\xbc\xaf|Rar!", "an archive, or a document; take the pictures out of it"),
)
HEAD = 256  # bytes of a file that tell a format of UNREAD
CAMERA_RAW = UNREAD[0].reason  # of a TIFF, which its tags betray, not its first bytes


@functools.cache
def readable_formats() -> tuple[str, ...]:
    """Return Pillow's names of the formats that are read; those of other packages are made known to it."""
    Image.init()
    _register("pillow_heif", "register_heif_opener")
    _register("pillow_jxl")
    return tuple(name for name in Image.ID if name not in NOT_READ)


def _register(package: str, function: str = "") -> None:
    try:
        module = importlib.import_module(package)
    except ImportError:  # there is no wheel for every machine; its format is then one of UNREAD
        return
    if function:
        getattr(module, function)()


@functools.cache
def picture_endings() -> dict[str, str]:
    """Lower-case file endings with their format, of the formats that are read: {".jpg": "JPEG", ...}."""
    read = {*readable_formats(), "MPO"}  # an MPO is opened as a JPEG
    return {ending: name for ending, name in Image.registered_extensions().items() if name in read}


def why_unread(head: bytes) -> str:
    """Return "<format> is not read here; <what to do>" for the first bytes of a format of UNREAD, else ""."""
    for format in _unread():
        if re.match(format.start, head, re.DOTALL):
            return format.reason
    return ""


def no_picture(head: bytes) -> str:
    """Return what the first bytes of a file are, of NO_PICTURES, else ""."""
    found = (what for pattern, what in NO_PICTURES if re.match(pattern, head, re.DOTALL | re.IGNORECASE))
    return next(found, "")


def claims_to_be_unread(path: Path) -> bool:
    """Return whether a name ends as those of a format of UNREAD do."""
    return any(path.suffix.lower()[1:] in format.endings.split() for format in _unread())


def _unread() -> list[Unread]:
    return [format for format in UNREAD if format.reader not in readable_formats()]
