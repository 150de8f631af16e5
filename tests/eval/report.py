# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the figures: report.md, results.json and plots."""

import json

import measures
import media
import plots


LICENCE = "<!-- SPDX-License-Identifier: GPL-3.0-or-later -->"


def hundredths(value):
    return "–" if value is None else f"{value:.2f}"


def time(value):
    return "–" if value is None else f"{value:.1f}"


def interval(row):
    return f"{row['flag_5_low']:.2f}–{row['flag_5_high']:.2f}"


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
            ["flag 5 s, 95 %", "cut 5 s", "cut 10 s", "flag after, s",
             "cut after, s", "offset ms, median", "max", "wrong",
             "vPDQ share 5 s", "10 s", "vPDQ any 5 s", "10 s", "vPDQ stock"])
    body = [[row["transform"], row["streams"]] +
            [hundredths(row[f"flag_{limit}"]) for limit in measures.WITHIN] +
            [interval(row), hundredths(row["cut_5"]),
             hundredths(row["cut_10"]), time(row["flag_seconds"]),
             time(row["cut_seconds"]),
             milliseconds(row["offset_median"]),
             milliseconds(row["offset_max"]), row["wrong"]] +
            [hundredths(row[f"anchor_{rule}_{limit}"])
             for rule in ("share", "any") for limit in (5, 10)] +
            [hundredths(row["anchor_stock"])] for row in rows]
    return table(head, body)


def quantile_text(quantiles):
    """The time to decide for unedited content."""
    if not quantiles:
        return ""

    def tell(value):
        return "never" if value is None else f"{value:.2f} s"
    return (f"\nTime to decide for unedited content (plain): p50 "
            f"{tell(quantiles['p50'])}, p95 {tell(quantiles['p95'])}, "
            f"{quantiles['streams']} streams, {quantiles['missed']} of them "
            "not recognised, which count as the slowest.\n")


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


def found_table(found, groups):
    """How many streams of each group of transforms each kind of look found."""
    rows = [[edits, sum(streams.values())] +
            [sum(streams.get(name, 0) for name in names) or "–"
             for names in groups.values()] for edits, streams in found]
    return table(["first match", "streams", *groups], rows)


def media_text(figures):
    if not figures["media"]:
        return []
    return ["\n## By medium\n",
            "The same streams against banks of the pictures alone, the sound "
            "alone and both: recall of a flag within so many seconds, and the "
            "median time.\n",
            media.make_table(figures["media"], figures["media_false"], table,
                             hundredths, time)]


def make_body(figures, groups):
    """Everything below the heading."""
    precision = figures["precision"]
    parts = [figures["setting"],
             "\n## By transform\n",
             "Shares are of streams; seconds count from the content's first "
             "frame to the media that the decision had seen. \"vPDQ\" is the "
             "anchor, see README.md. \"95 %\" is Wilson's interval by "
             "titles.\n", transform_table(figures["rows"]),
             quantile_text(figures["plain"]),
             "\n## What found them\n",
             "The edits that the first match of a copy was told with (none: "
             "the whole picture), that is, what each kind of look bought, by "
             "group of transforms.\n", found_table(figures["found"], groups),
             *media_text(figures),
             "\n## False verdicts\n", false_text(figures["false"]),
             "\n## Micro-average precision\n",
             table(["", "µAP"],
                   [[name, f"{precision[name]:.3f}"] for name in precision]),
             "\n## By title, over all transforms\n",
             table(["title", "streams", "fingerprints", "flagged", "after, s"],
                   [[row["title"], row["streams"], row["fingerprints"],
                     hundredths(row["recall"]), time(row["seconds"])]
                    for row in figures["titles"]])]
    if figures["screencasts"]:
        parts += ["\n## Screencasts\n", transform_table(
            figures["screencasts"])]
    return parts


def write_text(path, parts):
    path.write_text("\n".join(parts).replace("\n\n\n", "\n\n"),
                    encoding="utf-8")


def write_docs(folder, command, figures, groups):
    """The report as a page to be kept with the sources, and its plot. What
    could not be judged is named without the reason, which has paths in it."""
    folder.mkdir(parents=True, exist_ok=True)
    plots.plot_transforms(folder / "evaluation.svg", figures["rows"], groups)
    parts = [LICENCE, "# Recognition of edited copies\n",
             f"Written by `{command}`; not to be edited. What is measured and "
             "how: [tests/eval/README.md](../tests/eval/README.md).\n",
             "![recall by transform](evaluation.svg)\n",
             *make_body(figures, groups)]
    if figures["failures"]:
        names = sorted({failure.split(":")[0]
                        for failure in figures["failures"]})
        parts += ["\nNot judged: " + ", ".join(names) + ".\n"]
    write_text(folder / "evaluation.md", parts)


def write(out, figures, results, groups):
    out.mkdir(parents=True, exist_ok=True)
    parts = ["# Recognition of edited copies\n", *make_body(figures, groups)]
    if figures["failures"]:
        parts += ["\n## Titles and streams that could not be judged\n"]
        parts += [f"* {failure}\n" for failure in figures["failures"]]
    write_text(out / "report.md", parts)
    (out / "results.json").write_text(
        json.dumps({**figures, "streams": results}, indent=1),
        encoding="utf-8")
    plots.plot_transforms(out / "transforms", figures["rows"], groups)
    plots.plot_times(out / "times", results, groups)
    plots.plot_threshold(out / "threshold", figures["curve"])
