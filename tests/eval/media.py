# SPDX-License-Identifier: GPL-3.0-or-later
"""What picture, sound and both together find in the same streams: each stream
is watched against banks of the same titles, of one medium or of both."""

import measures

# What each needs of `weir bank build`.
OPTIONS = {"video": ["--no-audio"], "audio": ["--no-video"], "both": []}


def measure_medium(results, medium):
    delays = [measures.delay(result, result["media"][medium], "flag")
              for result in results if result["media"]]
    return {**{f"flag_{limit}": measures.recall(delays, limit)
               for limit in measures.WITHIN},
            "seconds": measures.median(delays)}


def measure(results, names, media):
    """One row for each transform and one for all, by medium; None when no
    stream was watched so."""
    watched = [result for result in measures.get_positives(results)
               if result["media"]]
    rows = []
    for name in [*names, "all"]:
        mine = [result for result in watched
                if name in ("all", result["transform"])]
        if mine:
            rows.append({"transform": name, "streams": len(mine),
                         **{medium: measure_medium(mine, medium)
                            for medium in media}})
    return rows


def count_false(results, media):
    """Flags of references that a stream does not carry, by medium."""
    return {medium: sum(match["reference"] != result["title"]
                        for result in results if result["media"]
                        for match in result["media"][medium])
            for medium in media}


def make_table(rows, false, table, hundredths, time):
    media = list(false)
    head = ["transform", "streams"] + [
        f"{medium}, {column}" for medium in media
        for column in [f"{limit} s" for limit in measures.WITHIN] + ["after"]]
    body = [[row["transform"], row["streams"]] + [
        text for medium in media
        for text in [hundredths(row[medium][f"flag_{limit}"])
                     for limit in measures.WITHIN]
        + [time(row[medium]["seconds"])]] for row in rows]
    told = ", ".join(f"{medium} {false[medium]}" for medium in media)
    return (table(head, body) + "\nFlags of what a stream does not carry: "
            f"{told}.\n")
