# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the figures: report.md, results.json and plots."""

import json
import math

import measures

WEIR_COLOR = "#35618f"
CUT_COLOR = "#c1121f"
ANCHOR_COLOR = "#a0a0a0"


def share(value):
    return "–" if value is None else f"{value:.2f}"


def time(value):
    return "–" if value is None else f"{value:.1f}"


def milliseconds(value):
    return "–" if value is None else f"{value * 1000:.0f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |",
             "|---" + "|--:" * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def transform_table(rows):
    head = (["transform", "streams"] +
            [f"flag {limit} s" for limit in measures.WITHIN] +
            ["cut 5 s", "cut 10 s", "flag after, s", "cut after, s",
             "offset ms, median", "max", "wrong", "vPDQ share 5 s", "10 s",
             "vPDQ any 5 s", "10 s", "vPDQ stock"])
    body = [[row["transform"], row["streams"]] +
            [share(row[f"flag_{limit}"]) for limit in measures.WITHIN] +
            [share(row["cut_5"]), share(row["cut_10"]),
             time(row["flag_seconds"]), time(row["cut_seconds"]),
             milliseconds(row["offset_median"]),
             milliseconds(row["offset_max"]), row["wrong"]] +
            [share(row[f"anchor_{rule}_{limit}"])
             for rule in ("share", "any") for limit in (5, 10)] +
            [share(row["anchor_stock"])] for row in rows]
    return table(head, body)


def false_text(false):
    hours = false["hours"]
    text = (f"{hours:.2f} hours examined, {false['hours_negative']:.2f} of "
            "them titles that are in no bank, the rest the edited streams, in "
            "which every other reference is false. Weir: "
            f"flags {false['flags']}, cuts {false['cuts']}: "
            f"{false['flags'] / hours:.2f} and {false['cuts'] / hours:.2f} an "
            "hour")
    text += (f". vPDQ: share {false['anchor_share']} "
             f"({false['anchor_share'] / hours:.1f} an hour), any "
             f"{false['anchor_any']} ({false['anchor_any'] / hours:.1f} an "
             "hour).\n")
    return text + "".join(f"\n* {case}" for case in false["cases"])


def write_markdown(path, figures):
    precision = figures["precision"]
    parts = ["# Recognition of edited copies\n", figures["setting"],
             "\n## By transform\n",
             "Shares are of streams; seconds count from the content's first "
             "frame to the media that the decision had seen. \"vPDQ\" is the "
             "anchor, see README.md.\n", transform_table(figures["rows"]),
             "\n## False verdicts\n", false_text(figures["false"]),
             "\n## Micro-average precision\n",
             table(["", "µAP"],
                   [[name, f"{precision[name]:.3f}"] for name in precision]),
             "\n## By title, over all transforms\n",
             table(["title", "streams", "fingerprints", "flagged", "after, s"],
                   [[row["title"], row["streams"], row["fingerprints"],
                     share(row["recall"]), time(row["seconds"])]
                    for row in figures["titles"]])]
    if figures["screencasts"]:
        parts += ["\n## Screencasts\n", transform_table(
            figures["screencasts"])]
    if figures["failures"]:
        parts += ["\n## Titles and streams that could not be judged\n"]
        parts += [f"* {failure}\n" for failure in figures["failures"]]
    path.write_text("\n".join(parts).replace("\n\n\n", "\n\n"),
                    encoding="utf-8")


def plot_transforms(pyplot, path, rows):
    figure, axes = pyplot.subplots(figsize=(7.5, 0.19 * len(rows) + 1.2),
                                   layout="constrained")
    places = range(len(rows))
    axes.barh(places, [row["flag_5"] for row in rows], color=WEIR_COLOR,
              height=0.62, label="weir, flag")
    axes.plot([row["cut_5"] for row in rows], places, "|", color=CUT_COLOR,
              markersize=8, markeredgewidth=1.6, label="weir, cut")
    axes.plot([row["anchor_any_5"] for row in rows], places, "o",
              color=ANCHOR_COLOR, markersize=4, label="vPDQ, any frame")
    axes.plot([row["anchor_share_5"] for row in rows], places, "o",
              markerfacecolor="white", color=ANCHOR_COLOR, markersize=4,
              label="vPDQ, 80 % of 5 s")
    axes.set_yticks(places, [row["transform"] for row in rows], fontsize=7)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1.02)
    axes.set_xlabel("share recognised within 5 s")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4,
                frameon=False, fontsize=8)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def plot_times(pyplot, path, results, groups):
    """Share of streams decided by a time, for each group of transforms."""
    figure, axes = pyplot.subplots(figsize=(7, 4.2), layout="constrained")
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
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def plot_threshold(pyplot, path, curve):
    figure, axes = pyplot.subplots(figsize=(7, 3.6), layout="constrained")
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
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def write(out, figures, results, groups):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    out.mkdir(parents=True, exist_ok=True)
    write_markdown(out / "report.md", figures)
    (out / "results.json").write_text(
        json.dumps({**figures, "streams": results}, indent=1),
        encoding="utf-8")
    plot_transforms(pyplot, out / "transforms.png", figures["rows"])
    plot_times(pyplot, out / "times.png", results, groups)
    plot_threshold(pyplot, out / "threshold.png", figures["curve"])
