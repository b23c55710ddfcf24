"""Pictures of two halves, as television had them: one shows the even rows, the other, a moment later, the odd ones."""

from __future__ import annotations

import av
from av.filter import Graph


class Deinterlacer:
    """Make whole pictures of half ones, as many as there are pictures; whole ones pass through (FFmpeg's yadif)."""

    def __init__(self, stream):
        """Prepare for the pictures of a stream."""
        self.graph = Graph()
        source = self.graph.add_buffer(template=stream, time_base=stream.time_base)
        deinterlace = self.graph.add("yadif", "mode=send_frame:deint=interlaced")
        self.graph.link_nodes(source, deinterlace, self.graph.add("buffersink")).configure()

    def __call__(self, frame: av.VideoFrame | None) -> list[av.VideoFrame]:
        """Return the pictures that are ready, given the next one; None: there is no next one."""
        self.graph.vpush(frame)
        ready = []
        try:
            while True:
                ready.append(self.graph.vpull())
        except (av.BlockingIOError, av.EOFError):
            return ready
