# SPDX-License-Identifier: GPL-3.0-or-later
"""The anchor: what vPDQ's rule makes of the same hashes.

vPDQ (ThreatExchange, vpdq/README.md) takes one frame a second of both sides,
drops those of quality under 50 and calls a query frame matched when any frame
of the reference is within Hamming distance 31; the query matches when 80 % of
its frames do. A live stream has no end to take a share of, so each rule here
looks back over a window:

  share  at least 80 % of the frames of the last 5 s, and at least 4 frames,
         match one reference; kinder than the stock rule, which takes the share
         of the whole stream, what is around the copy included ("stock")
  any    one frame matches
"""

import numpy

RADIUS = 31
MIN_QUALITY = 50
STOCK_SHARE = 0.8
WINDOW = 5.0
WINDOW_FRAMES_MIN = 4

BITS = numpy.array([bin(byte).count("1") for byte in range(256)],
                   dtype=numpy.uint8)


def sample(rows, period=1.0):
    """The first frame of each @period, if it is good enough."""
    kept, due = [], 0.0
    for time, quality, digits in rows:
        if time + 1e-6 < due:
            continue
        due = (int(time / period + 1e-6) + 1) * period
        if quality >= MIN_QUALITY:
            kept.append((time, digits))
    return kept


def pack(samples):
    digits = "".join(digits for _, digits in samples)
    return numpy.frombuffer(bytes.fromhex(digits),
                            dtype=numpy.uint8).reshape(-1, 32)


class Anchor:
    def __init__(self):
        self.names = []
        self.hashes = []

    def add_reference(self, name, samples):
        if samples:
            self.names.append(name)
            self.hashes.append(pack(samples))

    def judge(self, samples):
        """For each reference that anything of the query meets: when the rules
        decide, or None, and the score: the most frames matched in a window,
        nearer ones better."""
        found = {}
        if not samples:
            return found
        query = pack(samples)
        times = [time for time, _ in samples]
        for name, hashes in zip(self.names, self.hashes):
            nearest = numpy.min([BITS[query ^ known].sum(axis=1)
                                 for known in hashes], axis=0)
            matched = nearest <= RADIUS
            if matched.any():
                found[name] = self.decide(times, matched, nearest)
        return found

    @staticmethod
    def decide(times, matched, nearest):
        verdict = {"share": None, "any": None, "score": 0.0,
                   "stock": bool(matched.mean() >= STOCK_SHARE)}
        for i, now in enumerate(times):
            window = [j for j in range(i + 1) if times[j] > now - WINDOW]
            n_matched = sum(bool(matched[j]) for j in window)
            verdict["score"] = max(verdict["score"], float(n_matched))
            if matched[i] and verdict["any"] is None:
                verdict["any"] = now
            if (verdict["share"] is None and
                    len(window) >= WINDOW_FRAMES_MIN and
                    n_matched >= STOCK_SHARE * len(window)):
                verdict["share"] = now
        verdict["score"] += (RADIUS - float(nearest.min())) / (RADIUS + 1)
        return verdict
