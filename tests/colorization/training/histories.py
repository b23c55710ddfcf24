"""Histories of runs, as they are compared."""


def timeless(history):
    """Return a history without the processor time, which is another for every call."""
    return [{key: value for key, value in row.items() if key != "processor_seconds"} for row in history]
