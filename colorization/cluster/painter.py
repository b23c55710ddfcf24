"""One picture of an archive: its bytes read from where it lies, its files written at the target."""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from pathlib import Path

from colorization.cluster.work_list import Work
from colorization.errors import InputError
from colorization.images.reader import read_header, read_picture
from colorization.images.storage import called, folder_at, read, resolve
from colorization.inference.hints import LARGEST_FILE, parse_hints
from colorization.inference.presets import asked_conditions
from colorization.inference.reference import reference_shares
from colorization.painting.asked import check_variants
from colorization.painting.job import Outcome, picture_job, takes_all_frames
from colorization.painting.picture import TOO_LARGE, PictureColorizer


@dataclass(frozen=True)
class ArchivePainter:
    """Colorize one picture after the other, in whatever process it is pickled to.

    folder: that paths of pictures are relative to. target: the folder that is written into, on a disk or at an address.
    """

    colorize: PictureColorizer
    folder: str
    target: str

    def __call__(self, work: Work) -> Outcome:
        """Return what became of a picture; an error is its problem."""
        source, content = called(work.source), b""
        try:
            content = self._read(work.source)
            outcome = self._painted(work, content)
        except InputError as error:
            outcome = Outcome(source, problem=str(error))
        except OSError as error:
            outcome = Outcome(source, problem=error.strerror or str(error))
        except MemoryError:
            outcome = Outcome(source, problem=TOO_LARGE)
        problem = outcome.problem.removeprefix(f"{Path(source)}: ").removeprefix(f"{source}: ")
        problem = f"{source}: {problem}" if problem else ""
        return dataclasses.replace(outcome, source=source, problem=problem, source_bytes=len(content))

    def _painted(self, work: Work, content: bytes) -> Outcome:
        name, target, colorize = Path(called(work.source)), folder_at(self.target), self._asked(work)
        first_only = not takes_all_frames(colorize.options)
        header = read_header(name, colorize.options.max_pixels, first_only, content)
        job = picture_job(name, Path(work.name), header, colorize.options, work.keeps_ending)
        job = dataclasses.replace(job, existing=tuple(path for path in job.files if path.as_posix() in work.existing))
        return colorize(job, lambda path, encoded: target.write(path.as_posix(), encoded), content)

    def _asked(self, work: Work) -> PictureColorizer:
        """Return what paints this picture; raises InputError for what the model does not take, and OSError."""
        if not (work.look or work.hints or work.reference):
            return self.colorize
        asked, colorizer = self.colorize, self.colorize.colorizer
        options = dataclasses.replace(asked.options, look=work.look or asked.options.look, hints=work.hints)
        conditions = {**asked.conditions, **asked_conditions(options, colorizer.presets, colorizer.path)}
        if work.reference:
            conditions["reference"] = _reference(resolve(self.folder, work.reference), options.max_pixels)
        colorizer.check_conditions(conditions)
        check_variants(colorizer, conditions, asked.agreed_size, options)
        hints = parse_hints(self._read(work.hints)[:LARGEST_FILE], called(work.hints)) if work.hints else asked.hints
        return dataclasses.replace(asked, conditions=conditions, hints=hints, options=options)

    def _read(self, file: str) -> bytes:
        return read(resolve(self.folder, file))


@functools.lru_cache(maxsize=16)  # all pictures of an album may have one reference
def _reference(file: str, max_pixels: int):
    return reference_shares(read_picture(called(file), max_pixels, read(file)).rgb)
