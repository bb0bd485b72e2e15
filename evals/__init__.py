"""How the team knows whether a change made the assistant better. `python -m evals --help`."""
