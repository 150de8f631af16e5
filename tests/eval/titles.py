# SPDX-License-Identifier: GPL-3.0-or-later
"""The clips to evaluate with, one a title, and how the titles are split.

The split is by a hash of the title alone, so that it does not change when
titles come or go: a half to tune on and a half to report; within each, titles
that are known (in the bank) and others (never in a bank).
"""

import csv
import dataclasses
import hashlib
import json
import pathlib
import subprocess

MIN_SECONDS = 6
MEDIA = {".avi", ".flv", ".mkv", ".mov", ".mp4", ".mpg", ".ogv", ".ts",
         ".webm"}


@dataclasses.dataclass(frozen=True)
class Clip:
    title: str
    kind: str  # natural, game, animation, screencast
    path: pathlib.Path
    seconds: float
    width: int  # as shown, upright
    height: int
    sound: bool

    @property
    def half(self):
        return "tune" if digest(self.title)[0] & 1 else "report"

    @property
    def known(self):
        return digest(self.title)[1] % 3 != 0

    @property
    def order(self):
        """Titles are taken in this order, as good as random."""
        return digest(self.title).hex()


def digest(title):
    return hashlib.sha256(b"weir-eval " + title.encode()).digest()


def probe(path):
    """Returns {seconds, width, height, sound}; None if there is no video."""
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_streams",
         "-show_format", str(path)], stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        return None
    found = json.loads(done.stdout)
    videos = [stream for stream in found["streams"]
              if stream["codec_type"] == "video"]
    if not videos or "duration" not in found["format"]:
        return None
    width, height = videos[0]["width"], videos[0]["height"]
    aspect = videos[0].get("sample_aspect_ratio", "1:1").split(":")
    if int(aspect[0]) > 0 and int(aspect[1]) > 0:
        width = round(width * int(aspect[0]) / int(aspect[1]))
    for side_data in videos[0].get("side_data_list", []):
        if abs(int(side_data.get("rotation", 0))) % 180 == 90:
            width, height = height, width
    return {"seconds": float(found["format"]["duration"]),
            "width": width, "height": height,
            "sound": any(stream["codec_type"] == "audio"
                         for stream in found["streams"])}


def list_files(media):
    """Yields (title, kind, path) of a folder or of a manifest."""
    if media.is_dir():
        for path in sorted(media.rglob("*")):
            if path.suffix.lower() in MEDIA:
                yield path.stem, "natural", path
        return
    with media.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if float(row["seconds"]) >= MIN_SECONDS:
                yield row["title"], row["kind"], media.parent / row["path"]


def read_clips(media, cache):
    """The longest clip of each title that is long enough, in `order`. @cache
    is a file that keeps what ffprobe said."""
    known = json.loads(cache.read_text()) if cache.exists() else {}
    best = {}
    for title, kind, path in list_files(media):
        state = path.stat()
        key = f"{path} {state.st_size} {state.st_mtime_ns}"
        if key not in known:
            known[key] = probe(path)
        if not known[key] or known[key]["seconds"] < MIN_SECONDS:
            continue
        clip = Clip(title, kind, path, **known[key])
        if title not in best or clip.seconds > best[title].seconds:
            best[title] = clip
    cache.write_text(json.dumps(known, indent=1))
    return sorted(best.values(), key=lambda clip: clip.order)
