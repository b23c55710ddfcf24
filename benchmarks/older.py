"""The benchmarks that are programs of their own, as parts of the page: what each prints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.measure import ROOT
from benchmarks.scale import Scale
from benchmarks.section import Section


def older_benchmarks(model: Path, _: Path, scale: Scale) -> Section:
    """Run lab_speed, upsampling, encoding_share and folder_memory; return their output as one section."""
    tiny = ["--tiny"] if scale.tiny else []
    runs = [
        ("lab_speed.py", tiny),
        ("upsampling.py", []),
        ("encoding_share.py", tiny),
        ("folder_memory.py", [model, scale.memory_count]),
    ]
    return Section("Other benchmarks", "\n\n".join(_output(name, words) for name, words in runs))


def _output(name: str, words: list) -> str:
    line = [sys.executable, f"benchmarks/{name}", *map(str, words)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    said = done.stdout.strip() if done.returncode == 0 else f"failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}"
    return f"`benchmarks/{name}`\n\n```\n{said}\n```"
