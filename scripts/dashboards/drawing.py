"""Draws a dashboard as CloudWatch lays it out: widgets on a grid of 24 columns, legends below."""

from __future__ import annotations

import math
import re
import textwrap
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from scripts.dashboards.measured import Measured
from scripts.dashboards.widgets import Curve, Drawn, drawn

COLUMNS = 24
COLUMN, ROW = 0.62, 0.42
"""Inches of a column and of a row."""
HEAD = 0.62
"""Inches above the grid, for the title."""
LEFT = 0.72
"""Inches of a card left of its graph."""
DPI = 100
START = 9
"""The hour at which the morning begins."""
INK, FAINT, CARD, GROUND, OFF = "#16191f", "#687078", "#ffffff", "#f2f3f3", "#eaeded"
BRIGHT = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"]
PALE = ["#aec7e8", "#ffbb78", "#98df8a", "#ff9896", "#c5b0d5", "#c49c94", "#f7b6d2", "#c7c7c7", "#dbdb8d", "#9edae5"]
COLOURS = BRIGHT + PALE
UNTOLD = "not measured locally"
QUIET = "nothing of it happened"


def draw(name: str, body: dict[str, Any], measured: Measured, path: Path) -> None:
    """Draw a dashboard into a PNG file."""
    mpl.rcParams.update(
        {"font.family": "DejaVu Sans", "font.size": 8, "text.parse_math": False, "axes.edgecolor": "#aab7b8"}
    )
    rows = max(each["y"] + each["height"] for each in body["widgets"])
    width, height = COLUMNS * COLUMN, rows * ROW + HEAD
    figure = Figure(figsize=(width, height), facecolor=GROUND)
    figure.text(0.008, 1 - 0.3 / height, name, fontsize=17, weight="bold", color=INK, va="center")
    note = "A local run: each second of it is drawn as a minute"
    figure.text(0.992, 1 - 0.3 / height, note, fontsize=10, color=FAINT, va="center", ha="right")
    for widget in body["widgets"]:
        left, wide = widget["x"] / COLUMNS, widget["width"] / COLUMNS
        high = widget["height"] * ROW / height
        bottom = 1 - (HEAD + widget["y"] * ROW) / height - high
        _widget(figure, widget, measured, (left, bottom, wide, high))
    figure.savefig(path, dpi=DPI, metadata={"Software": None})


def _widget(figure: Figure, widget: dict[str, Any], measured: Measured, box: tuple[float, float, float, float]) -> None:
    """A card with its title, and what is in it."""
    wide, high = COLUMN * widget["width"], ROW * widget["height"]
    card = figure.add_axes(
        (box[0] + 0.003, box[1] + 0.06 * box[3] / high, box[2] - 0.006, box[3] - 0.12 * box[3] / high)
    )
    card.set_xlim(0, wide)
    card.set_ylim(0, high)
    card.axis("off")
    card.add_patch(FancyBboxPatch((0, 0), wide, high, boxstyle="square,pad=0", fc=CARD, ec="#d5dbdb", lw=0.8))
    properties = widget["properties"]
    card.text(0.12, high - 0.22, properties.get("title", ""), fontsize=10, weight="bold", color=INK, va="center")
    match widget["type"], properties.get("view"):
        case "text", _:
            text = re.sub(r"\*+", "", properties["markdown"])
            lines = textwrap.fill(text, int(wide * 11.5))
            card.text(0.2, high / 2, lines, fontsize=9.5, color=INK, va="center", linespacing=1.5)
        case "alarm", _:
            _alarms(card, [each.rpartition("-")[2] for each in properties["alarms"]], wide, high)
        case _, "singleValue":
            _numbers(card, drawn(properties, measured).curves, wide, high)
        case _, view:
            content = drawn(properties, measured)
            _graph(figure, card, properties, content, measured, (box, wide, high), bars=view == "bar")


def _alarms(card: Axes, names: list[str], wide: float, high: float) -> None:
    step = (wide - 0.2) / len(names)
    for number, name in enumerate(names):
        x = 0.1 + number * step
        card.add_patch(
            FancyBboxPatch((x + 0.05, 0.2), step - 0.1, high - 0.75, boxstyle="square,pad=0", fc=OFF, ec="none")
        )
        card.text(x + step / 2, high / 2 - 0.02, name, fontsize=8, weight="bold", color=INK, ha="center", va="center")
        card.text(x + step / 2, high / 2 - 0.22, UNTOLD, fontsize=7, color=FAINT, ha="center", va="center")


def _numbers(card: Axes, curves: list[Curve], wide: float, high: float) -> None:
    step = wide / max(1, len(curves))
    for number, curve in enumerate(curves):
        last = list(curve.points.values())[-1] if curve.points else 0
        card.text(
            (number + 0.5) * step, high / 2 - 0.02, f"{last:,.0f}", fontsize=22, color=INK, ha="center", va="center"
        )
        card.text((number + 0.5) * step, 0.2, curve.label, fontsize=9, color=FAINT, ha="center", va="center")


def _graph(
    figure: Figure,
    card: Axes,
    properties: dict[str, Any],
    content: Drawn,
    measured: Measured,
    place: tuple[tuple[float, float, float, float], float, float],
    *,
    bars: bool,
) -> None:
    """Curves over time, with their legend below; what a local run cannot tell is said."""
    box, wide, high = place
    curves = [curve for curve in content.curves if curve.points]
    quiet = [curve.label for curve in content.curves if not curve.points]
    if not curves:
        card.text(wide / 2, high / 2 + 0.1, UNTOLD if content.unknown else QUIET, fontsize=12, color=FAINT, ha="center")
        shown = textwrap.fill(", ".join(content.unknown or quiet), int(wide * 13))
        card.text(wide / 2, high / 2 - 0.1, shown, fontsize=8, color=FAINT, ha="center", va="top")
        for number, each in enumerate(_notes([], quiet, wide) if content.unknown else []):
            card.text(0.12, 0.1 + 0.15 * number, each, fontsize=6.5, color=FAINT, style="italic", va="center")
        return
    legend = 2 if len(curves) <= 2 else 3 if wide < 6 else 4
    longest = max(len(curve.label) for curve in curves)
    legend = max(1, min(legend, int(wide * 16 / (longest + 4))))
    lines = -(-len(curves) // legend)
    notes = _notes(content.unknown, quiet, wide)
    below = 0.30 + 0.17 * lines + 0.15 * len(notes) + 0.12
    right = any(curve.right for curve in curves)
    axes = figure.add_axes(
        (
            box[0] + box[2] * LEFT / wide,
            box[1] + box[3] * below / high,
            box[2] * (wide - LEFT - (0.6 if right else 0.25)) / wide,
            box[3] * (high - below - 0.5) / high,
        )
    )
    period = properties.get("period", 300)
    other = axes.twinx() if right else axes
    _lines(axes, other, curves, properties, period, bars=bars)
    _axes(axes, properties, period, measured.end)
    handles = [handle for each in {axes, other} for handle in each.get_legend_handles_labels()[0]]
    by_label = {str(handle.get_label()): handle for handle in handles}
    figure.legend(
        [by_label[curve.label] for curve in curves],
        [curve.label for curve in curves],
        loc="lower left",
        bbox_to_anchor=(box[0] + box[2] * 0.1 / wide, box[1] + box[3] * (0.1 + 0.15 * len(notes)) / high),
        ncols=legend,
        frameon=False,
        fontsize=7.5,
        handlelength=1.2,
        columnspacing=1.2,
        labelspacing=0.25,
        borderpad=0.1,
    )
    for number, each in enumerate(reversed(notes)):
        card.text(0.12, 0.1 + 0.15 * number, each, fontsize=6.5, color=FAINT, style="italic", va="center")


def _notes(unknown: list[str], quiet: list[str], wide: float) -> list[str]:
    notes = [f"{told}: {', '.join(labels)}" for told, labels in ((UNTOLD, unknown), (QUIET, quiet)) if labels]
    return [line for note in notes for line in textwrap.wrap(note, int(wide * 15))]


def _lines(
    axes: Axes, other: Axes, curves: list[Curve], properties: dict[str, Any], period: int, *, bars: bool
) -> None:
    base: dict[int, float] = {}
    for number, curve in enumerate(curves):
        colour, target = COLOURS[number % len(COLOURS)], other if curve.right else axes
        at, values = list(curve.points), list(curve.points.values())
        if bars:
            target.bar([number], values[-1:], width=0.5, color=colour, label=curve.label)
        elif period >= 3600 and (properties.get("stacked") or period >= 86400):
            step = period / (len(curves) + 1)
            stacked = properties.get("stacked")
            left = at if stacked else [each + step * (number + 0.5) for each in at]
            bottoms = [base.get(each, 0) if stacked else 0 for each in at]
            size = period * 0.85 if stacked else step
            target.bar(left, values, width=size, bottom=bottoms, color=colour, label=curve.label, align="edge")
        elif properties.get("stacked"):
            bottoms = [base.get(each, 0) for each in at]
            target.bar(at, values, width=period * 0.9, bottom=bottoms, color=colour, label=curve.label, align="edge")
        else:
            every = range(at[0], at[-1] + period, period)  # where there is nothing, the line breaks
            middle = [each + period / 2 for each in every]
            shown = [curve.points.get(each, math.nan) for each in every]
            target.plot(middle, shown, color=colour, label=curve.label, lw=1.3, marker="o", ms=2.2)
        for each, value in curve.points.items():
            base[each] = base.get(each, 0) + value


def _axes(axes: Axes, properties: dict[str, Any], period: int, end: float) -> None:
    """Hours below, the unit at the left, values from 0."""
    axes.grid(axis="y", color="#eaeded", lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=7.5, colors=FAINT, length=2)
    left = properties.get("yAxis", {}).get("left", {})
    top = axes.get_ylim()[1]
    axes.set_ylim(0, left.get("max", top if any(axes.dataLim.intervaly) else 1))
    axes.set_ylabel(left.get("label", ""), fontsize=7.5, color=FAINT)
    if properties.get("view") == "bar" or period >= 86400:
        axes.set_xticks([])
        axes.set_xlabel("today", fontsize=7.5, color=FAINT)
        if properties.get("view") == "bar":
            axes.set_xlim(-1.5, 2.5)
        return
    span = -(-end // 3600) * 3600 if period >= 3600 else end
    axes.set_xlim(0, span)
    ticks = range(0, int(span) + 1, 3600 if span > 7200 else 1800)
    axes.set_xticks(ticks, [f"{START + each // 3600:02d}:{each % 3600 // 60:02d}" for each in ticks])
