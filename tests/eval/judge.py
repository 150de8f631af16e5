# SPDX-License-Identifier: GPL-3.0-or-later
"""What weir says of a stream: runs the command and reads its events."""

import dataclasses
import hashlib
import json
import math
import os
import pathlib
import re
import subprocess
import tempfile

TIMEOUT = 300
BANK_TIMEOUT = 7200

DECODES = ("all", "auto", "keyframes")

# The prior of src/match/policy.c: makes nats of the confidence where an event
# tells nothing better.
PRIOR = 1e-6
CONFIDENCE_MAX = 1 - 1e-15


def seconds(event, field):
    value = event.get(field)
    return None if value is None else value / 1e9


def get_evidence(event):
    """Nats for a match. The confidence says the same as far as it goes: above
    some 48 nats it is all but 1."""
    if "evidence" in event:
        return event["evidence"]
    confidence = min(max(event["confidence"], 1e-15), CONFIDENCE_MAX)
    return math.log(confidence / (1 - confidence)) - math.log(PRIOR)


def read_matches(lines):
    """One dict a match-id, of the events of `weir watch`."""
    matches = {}
    for line in lines:
        event = json.loads(line)
        if event["event"] != "weir-match":
            continue
        match = matches.setdefault(event["match-id"], {
            "reference": event["reference"], "flag": None, "cut": None,
            "stream": seconds(event, "stream-time"),
            "reference-start": seconds(event, "reference-start"),
            "speed": event["speed"], "evidence": get_evidence(event),
            "found": event["transform"]})
        decided = seconds(event, "decided-at")
        if event["verdict"] != "none" and match["flag"] is None:
            match["flag"] = decided
        if event["verdict"] == "cut" and match["cut"] is None:
            match["cut"] = decided
        match["evidence"] = max(match["evidence"], get_evidence(event))
        match["media"] = event["media"]
        match["transform"] = event["transform"]
        match["last-stream"] = seconds(event, "stream-time")
        match["duration"] = seconds(event, "duration")
    return list(matches.values())


def name_by_title(clips, folder):
    """Links in @folder to the clips, named by title: that makes it the id."""
    for clip in clips:
        link = folder / f"{clip.title}{clip.path.suffix}"
        link.symlink_to(clip.path.resolve())
        yield link


@dataclasses.dataclass
class Weir:
    """The command, what it decodes, and a folder for banks and results."""

    path: pathlib.Path
    work: pathlib.Path
    identity: str = ""
    decode: str = "all"

    def __post_init__(self):
        self.identity = hashlib.sha256(self.path.read_bytes()).hexdigest()[:16]
        for name in "banks", "results":
            (self.work / name / self.identity).mkdir(parents=True,
                                                     exist_ok=True)

    def run(self, *words, good=(0,), timeout=TIMEOUT):
        command = [str(self.path), *map(str, words)]
        done = subprocess.run(command, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=timeout)
        if done.returncode not in good:
            raise RuntimeError(f"{' '.join(command)}: status "
                               f"{done.returncode}: {done.stderr.strip()}")
        return done.stdout.splitlines()

    def build_bank(self, clips, *options):
        """A bank of some titles. None when not all could be fingerprinted."""
        names = [*options, *(f"{clip.path} {clip.title}" for clip in clips)]
        digest = hashlib.sha256("\0".join(names).encode()).hexdigest()[:16]
        path = self.work / "banks" / self.identity / f"{digest}.weir"
        if path.exists():
            return path
        partial = path.with_suffix(".part")
        with tempfile.TemporaryDirectory() as folder:
            try:
                self.run("bank", "build", "-o", partial, *options,
                         *name_by_title(clips, pathlib.Path(folder)),
                         timeout=BANK_TIMEOUT)
            except RuntimeError:
                return None
        os.replace(partial, path)
        return path

    def count_fingerprints(self, bank):
        """(of pictures, of sound)."""
        counts = dict(re.findall(r"^(video|audio) +([0-9]+) ", "\n".join(
            self.run("bank", "info", bank)), re.MULTILINE))
        return int(counts["video"]), int(counts["audio"])

    def watch(self, bank, action, path):
        lines = self.run("watch", "--bank", bank, "--max-action", action,
                         "--decode", self.decode, path, good=(0, 3))
        return read_matches(lines)

    def print_hashes(self, path):
        """[(seconds, quality, hash as 64 digits)] of all frames."""
        rows = []
        for line in self.run("print", "--format", "vpdq", path):
            _, quality, digits, time = line.split(",")
            rows.append((float(time), int(quality), digits))
        return rows

    def result_path(self, *parts):
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        return self.work / "results" / self.identity / f"{digest[:24]}.json"


def remember(path, compute):
    """The JSON in @path, or what @compute returns, kept there."""
    if path.exists():
        return json.loads(path.read_text())
    found = compute()
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(found))
    os.replace(partial, path)
    return found
