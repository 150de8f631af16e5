# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was said of each stream to figures.

A result is what judge and anchor say of one stream:
  name, title, transform, negative, seconds, pieces (dicts of streams.Piece)
  flag, cut   the matches of `weir watch` with that max-action, whole bank
  false_cut   matches with max-action cut and the stream's title not in the
              bank; empty when no other reference was flagged
  anchor      {reference: verdict} of the anchor
"""

import math
import statistics

WITHIN = (2, 3, 5, 10)
EARLY = 0.05  # seconds, about a frame: times in FLV are rounded
SLACK = 0.5  # seconds that a matched span may reach over a piece's ends


def own(matches, title):
    return [match for match in matches if match["reference"] == title]


def first(matches, verdict):
    times = [match[verdict] for match in matches
             if match[verdict] is not None]
    return min(times) if times else None


def delay(result, matches, verdict):
    """Seconds from the content's first frame to the first @verdict for it;
    None when there is none, or when it came before the content."""
    decided = first(own(matches, result["title"]), verdict)
    start = result["pieces"][0]["start"]
    if decided is None or decided < start - EARLY:
        return None
    return max(0.0, decided - start)


def anchor_delay(result, rule):
    verdict = result["anchor"].get(result["title"])
    if not verdict or verdict[rule] is None:
        return None
    late = verdict[rule] - result["pieces"][0]["start"]
    return max(0.0, late) if late >= -EARLY else None


def recall(delays, limit=float("inf")):
    if not delays:
        return None
    return sum(late is not None and late <= limit for late in delays) / len(
        delays)


def wilson(share_found, n):
    """Bounds of the 95 % confidence interval of a share of @n (Wilson 1927,
    "Probable Inference, the Law of Succession, and Statistical Inference")."""
    square = 1.96 ** 2
    middle = (share_found + square / (2 * n)) / (1 + square / n)
    reach = 1.96 / (1 + square / n) * math.sqrt(
        share_found * (1 - share_found) / n + square / (4 * n * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def quantile(delays, share_below):
    """The delay that @share_below of all do not exceed; None when that many
    are not recognised."""
    ordered = sorted(math.inf if late is None else late for late in delays)
    found = ordered[max(0, math.ceil(share_below * len(ordered)) - 1)]
    return None if found == math.inf else found


def measure_plain(results):
    """How long unedited content takes, streams that were missed included."""
    delays = [delay(result, result["flag"], "flag")
              for result in get_positives(results)
              if result["transform"] == "plain"]
    if not delays:
        return None
    return {"streams": len(delays), "missed": delays.count(None),
            "p50": quantile(delays, 0.5), "p95": quantile(delays, 0.95)}


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def offset_error(result):
    """How far the first match's claim of where it is in the reference is from
    the truth, in seconds, at the start of the matched span; the piece that
    fits best counts when the span starts within several."""
    matches = own(result["flag"], result["title"])
    if not matches or matches[0]["stream"] is None:
        return None
    time, claim = matches[0]["stream"], matches[0]["reference-start"]
    errors = []
    for piece in result["pieces"]:
        if piece["start"] - SLACK <= time <= piece["stop"] + SLACK:
            inside = time - piece["start"]
            truth = piece["reference_start"] + inside * piece["speed"]
            errors.append(abs(claim - truth))
    return min(errors) if errors else None


def wrong(result):
    return [match for match in result["flag"]
            if match["reference"] != result["title"]]


def measure_row(name, results):
    """The figures of one transform. The interval of the recall is by titles:
    streams of one title are recognised, or not, together."""
    flags = [delay(result, result["flag"], "flag") for result in results]
    cuts = [delay(result, result["cut"], "cut") for result in results]
    errors = [error for error in map(offset_error, results)
              if error is not None]
    row = {"transform": name, "streams": len(results),
           "recall": recall(flags), "cut_recall": recall(cuts),
           "flag_seconds": median(flags), "cut_seconds": median(cuts),
           "offset_median": median(errors),
           "offset_max": max(errors, default=None),
           "wrong": sum(len(wrong(result)) for result in results),
           "missed": sorted(result["title"] for result, late in
                            zip(results, flags) if late is None),
           "anchor_stock": sum(result["anchor"].get(
               result["title"], {}).get("stock", False)
               for result in results) / len(results)}
    row["flag_5_low"], row["flag_5_high"] = wilson(
        recall(flags, 5), len({result["title"] for result in results}))
    for limit in WITHIN:
        row[f"flag_{limit}"] = recall(flags, limit)
        row[f"cut_{limit}"] = recall(cuts, limit)
        for rule in "share", "any":
            row[f"anchor_{rule}_{limit}"] = recall(
                [anchor_delay(result, rule) for result in results], limit)
    return row


def measure_rows(results, names):
    """One row for each transform of @names, and one for all."""
    positives = get_positives(results)
    rows = []
    for name in names:
        mine = [result for result in positives
                if result["transform"] == name]
        if mine:
            rows.append(measure_row(name, mine))
    if rows:
        rows.append(measure_row("all", positives))
    return rows


def measure_found(results):
    """[(edits that the first match of a copy was told with, streams of each
    group of transforms)]: which looks found it."""
    found = {}
    for result in get_positives(results):
        matches = own(result["flag"], result["title"])
        edits = matches[0]["found"] if matches else "not found"
        transforms = found.setdefault(edits, {})
        name = result["transform"]
        transforms[name] = transforms.get(name, 0) + 1
    return sorted(found.items(), key=lambda item: -sum(item[1].values()))


def get_positives(results):
    return [result for result in results if not result["negative"]]


def measure_false(results):
    """Flags and cuts for a reference that the stream does not carry."""
    hours = sum(result["seconds"] for result in results) / 3600
    said = [(result, match) for result in results for match in wrong(result)]
    anchors = [verdict for result in results
               for name, verdict in result["anchor"].items()
               if name != result["title"]]
    return {
        "hours": hours,
        "hours_negative": sum(result["seconds"] for result in results
                              if result["negative"]) / 3600,
        "flags": len(said),
        "cuts": sum(match["cut"] is not None for result in results
                    for match in result["false_cut"]),
        "cases": [f"{result['name']}: {match['reference']} at "
                  f"{match['stream']:.2f} s, {match['evidence']:.1f} nats, "
                  f"{match['media']}" for result, match in said],
        "anchor_share": sum(verdict["share"] is not None
                            for verdict in anchors),
        "anchor_any": sum(verdict["any"] is not None for verdict in anchors),
    }


FLAG_EVIDENCE = 16.12  # nats, as src/match/policy.c has it


def best_evidence(matches):
    return max((match["evidence"] for match in matches), default=None)


def threshold_curve(results):
    """[(nats, recall, false flags an hour)], from the flag's bound up: below
    it a match is not said at all."""
    positives = get_positives(results)
    true = [best_evidence(own(result["flag"], result["title"]))
            for result in positives]
    false = [match["evidence"] for result in results
             for match in wrong(result)]
    hours = sum(result["seconds"] for result in results) / 3600
    curve = []
    highest = max([score for score in true if score is not None] + false,
                  default=FLAG_EVIDENCE)
    for i in range(int((highest - FLAG_EVIDENCE) * 4) + 1):
        bound = FLAG_EVIDENCE + i / 4
        hits = sum(score is not None and score >= bound for score in true)
        curve.append((bound, hits / max(1, len(true)),
                      sum(score >= bound for score in false) / hours))
    return curve


def micro_average_precision(predictions, n_true):
    """Pizzi et al. 2023, "The 2023 Video Similarity Dataset and Challenge",
    arXiv 2306.09489: predictions of all queries in one list, by falling
    score; the sum over them of precision times the growth of recall.
    @predictions: [(score, is true)]. Equal scores count as one step."""
    total, seen, right = 0.0, 0, 0
    ordered = sorted(predictions, reverse=True)
    i = 0
    while i < len(ordered):
        j = i
        while j < len(ordered) and ordered[j][0] == ordered[i][0]:
            j += 1
        new = sum(is_true for _, is_true in ordered[i:j])
        seen, right = j, right + new
        total += right / seen * new / n_true
        i = j
    return total


def measure_precision(results):
    """Micro-average precision of weir and of the anchor. A query is a stream,
    positive or negative; a prediction is (stream, reference, the best score
    of a match of it); a true one is of the title that the stream carries."""
    weir, anchor = [], []
    for result in results:
        scores = {}
        for match in result["flag"]:
            name = match["reference"]
            scores[name] = max(match["evidence"], scores.get(name, 0))
        weir += [(score, name == result["title"])
                 for name, score in scores.items()]
        anchor += [(verdict["score"], name == result["title"])
                   for name, verdict in result["anchor"].items()]
    n_true = len(get_positives(results))
    return {"weir": micro_average_precision(weir, n_true),
            "anchor": micro_average_precision(anchor, n_true)}


def measure_titles(results):
    """Recall of a flag by title, over all transforms."""
    rows = []
    for title in sorted({result["title"] for result in results}):
        mine = [result for result in results if result["title"] == title]
        delays = [delay(result, result["flag"], "flag") for result in mine]
        rows.append({"title": title, "streams": len(mine),
                     "recall": recall(delays), "seconds": median(delays),
                     "fingerprints": mine[0].get("fingerprints")})
    return rows
