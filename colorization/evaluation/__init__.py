"""How good a colorizer is on pictures: metrics, baselines, and what a classifier sees."""
