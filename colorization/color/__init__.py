"""Colour: CIE Lab, the gamut, the 313 bins, saturation. For numpy arrays and for tensors; nothing heavy is imported."""
