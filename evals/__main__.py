"""`python -m evals speed`: the benchmark of speed, memory and retrieval, side by side with a plain chain."""

from __future__ import annotations

import typer

from evals import speed

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
app.command(name="speed")(speed.speed)


@app.callback()
def main() -> None:
    """Benchmarks of the Kei Assistant."""


if __name__ == "__main__":
    app()
