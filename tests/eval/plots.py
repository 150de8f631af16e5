# SPDX-License-Identifier: GPL-3.0-or-later
"""The plots, each as PNG and as SVG."""

import math

import matplotlib
from matplotlib.figure import Figure

import measures

matplotlib.rcParams["svg.hashsalt"] = "weir"  # the same ids each time

WEIR_COLOR = "#35618f"
CUT_COLOR = "#c1121f"
ANCHOR_COLOR = "#a9a9a9"
ANY_COLOR = "#606060"
TEXT_COLOR = "#333333"
LABEL_PLACES = (9, -9, 18, -18)  # points above its dot: neighbours differ


def save(figure, path):
    """As PNG and SVG, or as what the ending of @path says."""
    if path.suffix != ".svg":
        figure.savefig(path.with_suffix(".png"), dpi=120)
    if path.suffix != ".png":
        figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})


def add_legend(figure, panel, n_columns):
    """The legend of one panel, above all of them."""
    inches = 0.35
    figure.get_layout_engine().set(
        rect=(0, 0, 1, 1 - inches / figure.get_figheight()))
    figure.legend(*panel.get_legend_handles_labels(), ncols=n_columns,
                  loc="upper center", frameon=False, fontsize=8)


def clear_spines(*panels):
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)


def split_columns(rows, groups):
    """Two columns of [(group, its rows)], about as high as each other."""
    table = {row["transform"]: row for row in rows}
    blocks = [(group, [table[name] for name in names if name in table])
              for group, names in groups.items()]
    blocks = [(group, mine) for group, mine in blocks if mine]
    if "all" in table:
        blocks.append(("all transforms", [table["all"]]))
    heights = [len(mine) + 1 for _, mine in blocks]
    cut = min(range(1, len(blocks) + 1), key=lambda i: max(
        sum(heights[:i]), sum(heights[i:])))
    return [column for column in (blocks[:cut], blocks[cut:]) if column]


def draw_column(panel, blocks):
    """Bars of the groups one below the other. Returns the height."""
    names, places, shown, top = [], [], [], 0
    for group, rows in blocks:
        panel.annotate(group, (-0.02, top), xycoords=("axes fraction", "data"),
                       ha="right", va="center", fontsize=8, weight="bold",
                       color=TEXT_COLOR)
        names += [row["transform"] for row in rows]
        places += [top + 1 + i for i in range(len(rows))]
        shown += rows
        top += len(rows) + 1.3
    flags = [row["flag_5"] for row in shown]
    panel.barh([place - 0.17 for place in places], flags, color=WEIR_COLOR,
               height=0.44, label="weir, flag (whisker: 95 %)")
    panel.errorbar(
        flags, [place - 0.17 for place in places], fmt="none", linewidth=0.7,
        ecolor="black", xerr=[
            [max(0, row["flag_5"] - row["flag_5_low"]) for row in shown],
            [max(0, row["flag_5_high"] - row["flag_5"]) for row in shown]])
    panel.plot([row["cut_5"] for row in shown],
               [place - 0.17 for place in places], "|", color=CUT_COLOR,
               markersize=7, markeredgewidth=1.8, label="weir, cut")
    panel.barh([place + 0.22 for place in places],
               [row["anchor_share_5"] for row in shown], color=ANCHOR_COLOR,
               height=0.3, label="vPDQ, 80 % of 5 s")
    panel.plot([row["anchor_any_5"] for row in shown],
               [place + 0.22 for place in places], "o", markersize=3.2,
               color=ANY_COLOR, label="vPDQ, any frame")
    panel.set_yticks(places, names, fontsize=7.5)
    return top


def plot_transforms(path, rows, groups):
    columns = split_columns(rows, groups)
    if not columns:
        return
    figure = Figure(layout="constrained")
    panels = figure.subplots(1, len(columns), squeeze=False, sharex=True)
    heights = [draw_column(panel, column)
               for panel, column in zip(panels[0], columns)]
    figure.set_size_inches(5.5 * len(columns), 0.2 * max(heights) + 1.3)
    for panel in panels[0]:
        panel.set_ylim(max(heights) - 0.3, -0.7)
        panel.set_xlim(0, 1.02)
        panel.set_xlabel("share recognised within 5 s")
        panel.grid(axis="x", color="#dddddd", linewidth=0.6)
        panel.set_axisbelow(True)
        panel.tick_params(axis="y", length=0)
    clear_spines(*panels[0])
    add_legend(figure, panels[0][0], 4)
    save(figure, path)


def plot_times(path, results, groups):
    """Share of streams decided by a time, for each group of transforms."""
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    for group, names in groups.items():
        delays = [measures.delay(result, result["flag"], "flag")
                  for result in results if result["transform"] in names]
        if not delays:
            continue
        done = sorted(late for late in delays if late is not None)
        axes.step([0] + done + [12],
                  [i / len(delays) for i in range(len(done) + 1)] +
                  [len(done) / len(delays)], where="post", label=group)
    axes.set_xlim(0, 12)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("seconds since the content's first frame")
    axes.set_ylabel("share of streams flagged")
    clear_spines(axes)
    axes.legend(frameon=False, fontsize=8)
    save(figure, path)


def plot_threshold(path, curve):
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    bounds = [bound for bound, _, _ in curve]
    axes.plot(bounds, [found for _, found, _ in curve], color=WEIR_COLOR)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("evidence asked for, nats")
    axes.set_ylabel("recall over all transforms", color=WEIR_COLOR)
    right = axes.twinx()
    right.step(bounds, [false for _, _, false in curve], where="mid",
               color=CUT_COLOR)
    right.set_ylim(0, max(1, max(false for _, _, false in curve) * 1.1))
    right.set_ylabel("false flags an hour", color=CUT_COLOR)
    for bound, name in ((measures.FLAG_EVIDENCE, "flag"),
                        (-math.log(1e-10), "cut")):
        axes.axvline(bound, color="#888888", linewidth=0.8, linestyle=":")
        axes.annotate(f" {name}", (bound, 0.03), fontsize=8)
    axes.spines["top"].set_visible(False)
    right.spines["top"].set_visible(False)
    save(figure, path)


def plot_bank_sizes(path, settings):
    """Recall within 5 s over all transforms, and the median time to decide
    where it was decided, by the size of the bank."""
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    panels = figure.subplots(1, 2)
    for parts, color, name in ((True, WEIR_COLOR, "whole and parts"),
                               (False, CUT_COLOR, "whole frames alone")):
        mine = [setting for setting in settings if setting["parts"] == parts]
        sizes = [setting["bytes_hour"] / 1e6 for setting in mine]
        for panel, field in zip(panels, ("flag_5", "flag_seconds")):
            values = [setting["rows"][-1][field] for setting in mine]
            values = [math.nan if value is None else value
                      for value in values]
            panel.plot(sizes, values, "o-", color=color, markersize=4,
                       linewidth=1, label=name)
            for i, (setting, size, value) in enumerate(
                    zip(mine, sizes, values)):
                panel.annotate(setting["keep_distance"], (size, value),
                               xytext=(0, LABEL_PLACES[i % 4]), va="center",
                               textcoords="offset points", ha="center",
                               fontsize=8, color=color)
    panels[0].set_ylabel("share recognised within 5 s, all transforms")
    panels[0].set_ylim(0, 1.1)
    panels[1].set_ylabel("time to decide where it was decided, s, median")
    panels[1].set_ylim(0, panels[1].get_ylim()[1] * 1.1)
    for panel in panels:
        panel.set_xlim(0, None)
        panel.set_xlabel(
            "large bank, MB an hour of reference\n"
            "(numbers: a frame is kept when more bits than this differ)")
        panel.grid(color="#dddddd", linewidth=0.6)
    clear_spines(*panels)
    add_legend(figure, panels[0], 2)
    save(figure, path)
