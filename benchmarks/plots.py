"""The benchmarks' plots, as SVG beside their data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "the same data make the same file"

from matplotlib import pyplot as plt  # noqa: E402 - the backend comes first


def bars(file: Path, title: str, values: Mapping[str, Mapping[str, float]]) -> None:
    """Groups of bars on a logarithmic scale: a colour for each series, a group for each of its names."""
    names = list(next(iter(values.values())))
    figure, axes = plt.subplots(figsize=(11, 4.5))
    width = 0.8 / len(values)
    for at, (series, heights) in enumerate(values.items()):
        axes.bar([n + at * width for n in range(len(names))], [heights[n] for n in names], width, label=series)
    axes.set_xticks([n + 0.4 - width / 2 for n in range(len(names))], names, fontsize=8)
    axes.set_yscale("log")
    _finish(figure, axes, file, title)


def lines(
    file: Path,
    title: str,
    across: str,
    values: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    log: bool = False,
) -> None:
    """A line for each series, from its x and y values."""
    figure, axes = plt.subplots(figsize=(8, 4.5))
    for series, (x, y) in values.items():
        axes.plot(x, y, marker="o", label=series)
    axes.set_xlabel(across)
    if log:
        axes.set_xscale("log")
        axes.set_yscale("log")
    _finish(figure, axes, file, title)


def _finish(figure: plt.Figure, axes: plt.Axes, file: Path, title: str) -> None:
    axes.set_title(title)
    axes.grid(visible=True, axis="y", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
