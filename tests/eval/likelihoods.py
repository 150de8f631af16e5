# SPDX-License-Identifier: GPL-3.0-or-later
"""From counts of trials to the tables of src/match/video-likelihood.c.

Counts are kept as JSON, likelihood-counts.json beside this file those of the
tables in the source:

  command, date   what measured them, and when
  works, copies   how many works were edited, and copies of them by grade
  pairs           pairs of other works; natural_trials, trials between them
  pictures        new pictures in all streams
  template_pairs  pairs of templates of one design, a clip each
  true            by grade, {trial: number} on the line where a copy is
  false           by family of templates, later trials on lines begun by
                  mistake; "natural": of other works
  met             first hits between other works; template_met: of pairs of
                  templates that had one
  quality         trials of copies by outcome and tens of quality

A trial is "OUTCOME COMPARISON new|slow BIN": first, hit or miss; whole or
window; whether the picture changed by 16 bits, which all that begin a line
did; the bin of 8 bits of its distance.
"""

import collections
import dataclasses
import json
import math
import statistics
import textwrap

COMPARISONS = ("whole", "window")
DISTANCE_BITS = 8
N_DISTANCES = 4
CHANGE_BITS = 16
N_GRADES = 4  # of an edit, by the bin of a copy's median distance

# Of what unrelated streams and references show, so much is of a template, and
# so much of the templates is of one family; so many of the lines begun by
# mistake are of a template. An assumption, no measurement: the pairs of works
# gave no such line at all.
TEMPLATE_SHARE = 0.05

# Counts that were not seen are taken for half a one (H. Jeffreys' prior).
PSEUDO_COUNT = 0.5

MIN_TRIALS = 50  # for a family of templates to count by itself
MIN_FAMILIES = 3

HEADER = """\
/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The likelihoods of video trials, as they were measured.
 *
{comment}
 */
#include "match/video-likelihood.h"

/* clang-format off */
"""


def name_trial(outcome, comparison, changed, distance_bin):
    return (f"{outcome} {comparison} {'new' if changed else 'slow'} "
            f"{distance_bin}")


@dataclasses.dataclass
class Counts:
    command: str = ""
    date: str = ""
    works: int = 0
    copies: list = dataclasses.field(default_factory=lambda: [0] * N_GRADES)
    pairs: int = 0
    pictures: int = 0
    natural_trials: int = 0
    template_pairs: int = 0
    true: list = dataclasses.field(default_factory=lambda: [
        collections.Counter() for _ in range(N_GRADES)])
    false: dict = dataclasses.field(default_factory=dict)
    met: dict = dataclasses.field(default_factory=collections.Counter)
    template_met: dict = dataclasses.field(
        default_factory=collections.Counter)
    quality: dict = dataclasses.field(default_factory=dict)

    def add_true(self, grade, trial, quality):
        self.true[grade][trial] += 1
        outcome = self.quality.setdefault(trial.split()[0],
                                          collections.Counter())
        outcome[str(min(quality, 99) // 10)] += 1

    def add_false(self, family, trial):
        self.false.setdefault(family, collections.Counter())[trial] += 1

    def write(self, path):
        path.write_text(
            json.dumps(vars(self), indent=1, sort_keys=True) + "\n",
            encoding="utf-8")

    @classmethod
    def read(cls, path):
        counts = cls(**json.loads(path.read_text(encoding="utf-8")))
        counts.true = [collections.Counter(trials) for trials in counts.true]
        counts.false = {family: collections.Counter(trials)
                        for family, trials in counts.false.items()}
        counts.met = collections.Counter(counts.met)
        counts.template_met = collections.Counter(counts.template_met)
        return counts

    def describe(self):
        true = sum(sum(trials.values()) for trials in self.true)
        false = sum(sum(trials.values()) for trials in self.false.values())
        return (
            f"{sum(self.copies)} edited copies of {self.works} works "
            f"({', '.join(map(str, self.copies))} by grade), {true} trials; "
            f"{self.pairs} pairs of other works, {self.pictures} new "
            f"pictures, {self.natural_trials} trials of which "
            f"{sum(self.met.values())} began a line; "
            f"{self.template_pairs} pairs of templates of one design, "
            f"{false} trials ({', '.join(sorted(self.false))}).")


class Likelihoods:
    """Log-likelihood ratios, nats, by Counts."""

    def __init__(self, counts, template_share=TEMPLATE_SHARE):
        self.counts = counts
        self.template_share = template_share

    @staticmethod
    def probability(trials, comparison, changed, distance):
        """Of a later trial's outcome; distance None: a miss."""
        hits = [trials[name_trial("hit", comparison, changed, i)] +
                PSEUDO_COUNT for i in range(N_DISTANCES)]
        misses = (trials[name_trial("miss", comparison, changed, 0)] +
                  PSEUDO_COUNT)
        return (misses if distance is None else hits[distance]) / (
            sum(hits) + misses)

    def choose_families(self, comparison, changed):
        """Trials by family. Any family of templates that gave enough trials
        is as likely; where there are too few of these, all trials count, of
        whole pictures and windows together."""
        families = sorted(self.counts.false)
        ending = f" {comparison} {'new' if changed else 'slow'} "
        large = [self.counts.false[family] for family in families
                 if sum(n for trial, n in self.counts.false[family].items()
                        if ending in trial) >= MIN_TRIALS]
        if len(large) >= MIN_FAMILIES:
            return large
        joint = collections.Counter()
        for family in families:
            for trial, n in self.counts.false[family].items():
                outcome, _, *rest = trial.split()
                joint[" ".join((outcome, comparison, *rest))] += n
        return [joint]

    def false_probability(self, comparison, changed, distance):
        """Of a later trial's outcome on lines begun by mistake: on a
        template, or by a chance that does not come again."""
        template = statistics.mean(
            self.probability(trials, comparison, changed, distance)
            for trials in self.choose_families(comparison, changed))
        hit = PSEUDO_COUNT / self.counts.pictures
        chance = 1 - N_DISTANCES * hit if distance is None else hit
        return (self.template_share * template +
                (1 - self.template_share) * chance)

    def first(self, comparison, grade, distance):
        """Of the hit that begins a line: how often a copy's pictures hit so,
        over how often a pair of other works does."""
        trial = name_trial("first", comparison, True, distance)
        natural = (self.counts.met[trial] + PSEUDO_COUNT) / self.counts.pairs
        template = ((self.counts.template_met[trial] + PSEUDO_COUNT) /
                    self.counts.template_pairs)
        return math.log(
            self.probability(self.counts.true[grade], comparison, True,
                             distance) /
            (natural + self.template_share ** 2 * template))

    def later(self, comparison, grade, changed, distance):
        return math.log(
            self.probability(self.counts.true[grade], comparison, changed,
                             distance) /
            self.false_probability(comparison, changed, distance))

    @staticmethod
    def bounded(measure, comparison, *rest):
        """Of a window there are fewer data and more look-ups: it never weighs
        more for a line than a whole picture does."""
        return min(measure(name, *rest) for name in
                   COMPARISONS[:COMPARISONS.index(comparison) + 1])

    def make_tables(self):
        first, hit, miss = [], [], []
        for name in COMPARISONS:
            first.append([[self.bounded(self.first, name, grade, distance)
                           for distance in range(N_DISTANCES)]
                          for grade in range(N_GRADES)])
            hit.append([[[self.bounded(self.later, name, grade, changed,
                                       distance)
                          for distance in range(N_DISTANCES)]
                         for grade in range(N_GRADES)]
                        for changed in (False, True)])
            miss.append([[min(0.0, self.later(name, grade, changed, None))
                          for grade in range(N_GRADES)]
                         for changed in (False, True)])
        return first, hit, miss


def initializer(values, depth=1):
    """C for nested lists of numbers."""
    pad = "  " * depth
    if not isinstance(values[0], list):
        return "{ " + ", ".join(f"{value:.2f}" for value in values) + " }"
    return "{\n" + ",\n".join(
        pad + initializer(value, depth + 1) for value in values) + (
            ",\n" + pad[2:] + "}")


def make_source(counts, template_share=TEMPLATE_SHARE):
    first, hit, miss = Likelihoods(counts, template_share).make_tables()
    comment = textwrap.fill(
        f"Counted on {counts.date} by `{counts.command}`; templates are "
        f"assumed to be {100 * template_share:g} % of what is shown. Data: " +
        counts.describe(), 76, initial_indent=" * ",
        subsequent_indent=" * ", break_on_hyphens=False,
        break_long_words=False)
    names = ("WEIR_N_COMPARISONS", "WEIR_LIKELIHOOD_GRADES",
             "WEIR_LIKELIHOOD_DISTANCES")
    tables = (("first", names, first),
              ("hit", (names[0], "2", *names[1:]), hit),
              ("miss", (names[0], "2", names[1]), miss))
    return HEADER.format(comment=comment) + "".join(
        f"\nconst gdouble weir_likelihood_{name}" +
        "".join(f"\n    [{size}]" for size in sizes) +
        f" = {initializer(values)};\n" for name, sizes, values in tables)
