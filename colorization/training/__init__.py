"""From a config and pictures to a trained network in a run folder that can be resumed."""
