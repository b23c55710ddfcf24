"""Films: decoded, colorized steadily from frame to frame, and written with their sound. Needs PyAV (`.[film]`)."""
