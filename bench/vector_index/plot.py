#!/usr/bin/env python3
"""Draws queries a second over recall, one line an engine, from the JSON of ./dev bench vector-index, as SVG."""

import json
import math
import sys
from pathlib import Path

WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 80, 110, 50, 50
COLOURS = {"omen": "#c8102e", "hnswlib": "#1f5fa8", "faiss": "#3c8d40"}
RECALLS = [0.8, 0.9, 0.95, 0.99, 0.999]
RECALL_MIN = 0.8
RECALL_MAX = 0.9995


def place_x(recall):
    """Recall by what is missed, on a logarithmic scale: 0.9 to 0.99 is as wide as 0.99 to 0.999."""
    low, high = -math.log10(1 - RECALL_MIN), -math.log10(1 - RECALL_MAX)
    share = (-math.log10(1 - min(recall, RECALL_MAX)) - low) / (high - low)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def scale_y(rates):
    low, high = math.log10(min(rates)) - 0.05, math.log10(max(rates)) + 0.05
    return lambda rate: HEIGHT - BOTTOM - (math.log10(rate) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def marks(rates):
    """1, 2 and 5 times powers of ten within what is measured."""
    powers = range(math.floor(math.log10(min(rates))), math.ceil(math.log10(max(rates))) + 1)
    return [digit * 10**power for power in powers for digit in (1, 2, 5) if min(rates) <= digit * 10**power <= max(rates)]


def label(x, y, text, anchor="middle", colour="#333"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'


def rising(curve):
    """The points that no other beats, by recall; without the untouched search, which is not on the curve."""
    points = [p for p in curve if p["ef"] != 0 and p["recall_at_10"] >= RECALL_MIN]
    best = [
        p for p in points if not any(o["recall_at_10"] >= p["recall_at_10"] and o["qps"] > p["qps"] for o in points)
    ]
    return sorted(best, key=lambda p: p["recall_at_10"])


def svg_of(figures):
    engines = {e["name"]: rising(e["curve"]) for e in figures["result"]["engines"]}
    rates = [p["qps"] for points in engines.values() for p in points]
    if not rates:
        raise ValueError(f"no point has a recall of {RECALL_MIN} or more")
    place_y = scale_y(rates)
    title = f'{figures["set"]}: {figures["rows"]} x {figures["dimensions"]}, {figures["metric"]}'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        label(LEFT, TOP - 26, title, "start"),
        label(LEFT, TOP - 10, f'queries a second of one core\'s CPU time; commit {figures["commit"]}, {figures["machine"]}', "start"),
        label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "recall@10"),
    ]
    for recall in RECALLS:
        x = place_x(recall)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(label(x, HEIGHT - BOTTOM + 18, recall))
    for rate in marks(rates):
        y = place_y(rate)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(label(LEFT - 8, y + 4, f"{rate:,}", "end"))
    for name, points in engines.items():
        if not points:
            continue
        colour = COLOURS.get(name, "#777")
        places = [(place_x(p["recall_at_10"]), place_y(p["qps"])) for p in points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        parts.append(label(places[-1][0] + 8, places[-1][1] + 4, name, "start", colour))
    return "\n".join([*parts, "</svg>"]) + "\n"


def draw(json_path, svg_path):
    svg_path.write_text(svg_of(json.loads(json_path.read_text())))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: plot.py FIGURES.json PLOT.svg")
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
