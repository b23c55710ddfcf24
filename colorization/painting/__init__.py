"""One picture file -> the files in colour that are asked for; wherever it lies, and whoever works through many."""
