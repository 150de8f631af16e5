# SPDX-License-Identifier: GPL-3.0-or-later
"""Live streams for the evaluation: other material, the edited copy of a work,
other material again, through one encoder as a live session has it.

What streams of a title show is the same but for the edit. It is decoded and
scaled once, into excerpts without loss, of which a few are kept."""

import dataclasses
import hashlib
import os
import random
import subprocess
import threading

import transforms

SEED = 1
BEFORE = 4.0  # seconds of other material before the copy, and after it
AFTER = 4.0
CONTENT_MAX = 12.0
NEGATIVE_MAX = 60.0
GROUP = 2  # seconds from keyframe to keyframe
SHORT_SIDE = 360
SAMPLE_RATE = 44100
PRIMING = 1024 / SAMPLE_RATE  # what FLV puts before all else for AAC's sake
EXCERPT = "excerpt:"  # in a command, what stands before an excerpt's key
EXCERPTS_KEPT = 24
FFMPEG = ("ffmpeg", "-v", "error", "-nostdin", "-y",
          "-filter_complex_threads", "1")
EXACT = ("-flags", "+bitexact", "-fflags", "+bitexact")

making_excerpts = threading.Lock()


@dataclasses.dataclass(frozen=True)
class Piece:
    """Where a piece of the work is in the stream. Seconds."""

    start: float
    stop: float
    reference_start: float
    speed: float


@dataclasses.dataclass(frozen=True)
class Stream:
    name: str
    title: str  # of the work it carries, or of the negative
    shown: tuple  # all titles in it
    transform: str
    negative: bool
    seconds: float
    pieces: tuple
    command: tuple  # without the output
    excerpts: tuple  # the commands that make them, without the output

    @property
    def key(self):
        return get_key(self.command)


def get_key(command):
    return hashlib.sha256("\0".join(command).encode()).hexdigest()


def run_ffmpeg(command, form, path):
    partial = path.with_suffix(".part")
    subprocess.run([*command, "-f", form, f"file:{partial}"], check=True,
                   stdin=subprocess.DEVNULL)
    os.replace(partial, path)


def make_excerpts(stream, folder):
    """Makes those that are missing and removes the ones longest not used.
    One thread at a time: streams made side by side often share them."""
    folder.mkdir(exist_ok=True)
    with making_excerpts:
        for command in stream.excerpts:
            path = folder / f"{get_key(command)}.nut"
            if path.exists():
                path.touch()
            else:
                run_ffmpeg(command, "nut", path)
        by_age = sorted(folder.glob("*.nut"),
                        key=lambda path: path.stat().st_mtime_ns)
        for path in by_age[:-EXCERPTS_KEPT]:
            path.unlink()


def make_file(stream, folder):
    """Makes the stream unless it is there. Returns its path."""
    path = folder / f"{stream.name}.{stream.key[:16]}.flv"
    if not path.exists():
        excerpts = folder / "excerpts"
        make_excerpts(stream, excerpts)
        command = [f"file:{excerpts}/{word[len(EXCERPT):]}.nut"
                   if word.startswith(EXCERPT) else word
                   for word in stream.command]
        run_ffmpeg(command, "flv", path)
    return path


def normal_size(clip):
    factor = SHORT_SIDE / min(clip.width, clip.height)
    return (transforms.even(clip.width * factor),
            transforms.even(clip.height * factor))


class Graph:
    """Inputs and filters of one ffmpeg command. Keyframes come at the start
    and where scenes change, or at the start, @phase seconds from it and then
    each GROUP."""

    def __init__(self, sound, phase=None):
        self.sound = sound
        self.phase = phase
        self.inputs = []
        self.n_inputs = 0
        self.filters = []
        self.excerpts = {}

    def add_input(self, clip, start, seconds):
        """@seconds of a clip. Returns the input's number."""
        return self.add_words("-ss", f"{start:.3f}", "-t", f"{seconds:.3f}",
                              "-i", f"file:{clip.path}")

    def add_words(self, *words):
        self.inputs += words
        self.n_inputs += 1
        return self.n_inputs - 1

    def add_excerpt(self, clip, start, seconds, loop=False):
        """Has @seconds of a clip, again from its beginning where it is too
        short and @loop, made at its own frame rate and at the size that
        normal_size() tells. Returns what add_part() takes."""
        width, height = normal_size(clip)
        sound = (("-map", "0:a:0", "-c:a", "pcm_f32le")
                 if self.sound and clip.sound else ("-an",))
        command = (*FFMPEG, *(("-stream_loop", "-1") if loop else ()),
                   "-ss", f"{start:.3f}", "-t", f"{seconds:.3f}",
                   "-i", f"file:{clip.path}", "-map", "0:v:0", "-vf",
                   f"scale={width}:{height},setsar=1,format=yuv420p",
                   "-vsync", "passthrough", "-enc_time_base", "-1",
                   "-c:v", "ffvhuff", "-threads", "1", *sound, *EXACT)
        key = get_key(command)
        self.excerpts[key] = command
        return EXCERPT + key

    def add_part(self, excerpt, start, seconds):
        """@seconds of an excerpt. Returns the input's number."""
        return self.add_words("-seek_timestamp", "1", "-ss", f"{start:.3f}",
                              "-t", f"{seconds:.3f}", "-i", excerpt)

    def add_video(self, number, label, filters, fps, seconds, speed=1.0):
        """An input's pictures, through @filters, lasting exactly @seconds."""
        self.filters.append(
            f"[{number}:v:0]setpts=(PTS-STARTPTS)/{speed},fps={fps},{filters},"
            f"setsar=1,tpad=stop_mode=clone:stop_duration={seconds:.3f},"
            f"trim=end_frame={round(seconds * fps)},format=yuv420p[{label}]")

    def add_audio(self, number, clip, label, seconds, speed=1.0):
        """An input's sound, or silence if it has none."""
        if not self.sound:
            return
        source = f"[{number}:a:0]" if clip.sound else "anullsrc,"
        self.filters.append(
            f"{source}aresample={SAMPLE_RATE},asetpts=PTS-STARTPTS,"
            f"atempo={speed},apad,atrim=end={seconds:.3f},"
            "aformat=sample_fmts=fltp:channel_layouts=stereo"
            f"[{label}a]")

    def join(self, labels, output):
        media = ("v", "a") if self.sound else ("v",)
        inputs = "".join(f"[{label}{'a' if medium == 'a' else ''}]"
                         for label in labels for medium in media)
        outputs = "".join(f"[{output}{'a' if medium == 'a' else ''}]"
                          for medium in media)
        self.filters.append(
            f"{inputs}concat=n={len(labels)}:v=1:a={int(self.sound)}{outputs}")

    def command(self, output, fps, kbps=0):
        rate = (["-b:v", f"{kbps}k", "-maxrate", f"{kbps}k",
                 "-bufsize", f"{2 * kbps}k"] if kbps else
                ["-crf", "23", "-maxrate", "2500k", "-bufsize", "5000k"])
        groups = ("-g", str(GROUP * fps))
        if self.phase is not None:
            groups = ("-g", "9999", "-sc_threshold", "0", "-force_key_frames",
                      f"expr:gte(t,n_forced*{GROUP}+{self.phase:.3f})")
        audio = (["-map", f"[{output}a]", "-c:a", "aac", "-b:a", "96k"]
                 if self.sound else ["-an"])
        return (*FFMPEG, *self.inputs,
                "-filter_complex", ";".join(self.filters),
                "-map", f"[{output}]", *audio, "-c:v", "libx264",
                "-preset", "superfast", "-threads", "1", "-bf", "0",
                *groups, *rate, *EXACT)


def cover(width, height):
    """Fills the canvas with a picture of any shape, cutting what is over."""
    return (f"scale={width}:{height}:force_original_aspect_ratio=increase,"
            f"crop={width}:{height}")


def pick_other(others, chance, seconds):
    clip = chance.choice(others)
    start = chance.uniform(0, max(0.0, clip.seconds - seconds - 0.2))
    return clip, start


def add_other(graph, other, label, size, fps, seconds):
    clip, start = other
    number = graph.add_part(graph.add_excerpt(clip, start, seconds), 0,
                            seconds)
    graph.add_video(number, label, cover(*size), fps, seconds)
    graph.add_audio(number, clip, label, seconds)


def add_content(graph, clip, transform, start, seconds):
    """The pieces of @clip, @seconds of it from @start, edited, as [copy].
    Returns where they are."""
    excerpt = graph.add_excerpt(clip, start, seconds)
    pieces, labels = [], []
    now = BEFORE + (PRIMING if graph.sound else 0)
    for i, (first, last) in enumerate(transform.pieces):
        source = start + first * seconds
        length = min((last - first) * seconds / transform.speed, CONTENT_MAX)
        number = graph.add_part(excerpt, first * seconds,
                                length * transform.speed)
        label = f"piece{i}"
        graph.add_video(number, label, "null", transform.fps, length,
                        transform.speed)
        graph.add_audio(number, clip, label, length, transform.speed)
        labels.append(label)
        pieces.append(Piece(now, now + length, source, transform.speed))
        now += length
    graph.join(labels, "in")
    return tuple(pieces)


def choose_phase(name):
    """When the second keyframe of a stream comes that has them by the clock,
    as is usual live: the copy begins anywhere between two. Seconds."""
    return random.Random(f"{SEED} {name} groups").uniform(0, GROUP)


def make_stream(clip, transform, others, sound=False, by_clock=False):
    """The stream in which @clip turns up, edited by @transform; keyframes
    come where scenes change, or @by_clock."""
    chance = random.Random(f"{SEED} {clip.title}")
    seconds = min(clip.seconds - 0.2, CONTENT_MAX)
    start = chance.uniform(0, max(0.0, clip.seconds - 0.2 - seconds))
    around = [pick_other(others, chance, BEFORE) for _ in range(3)]
    size = normal_size(clip)
    canvas = transform.canvas_size(*size)
    fps = transform.fps
    name = f"{clip.title}.{transform.name}"

    graph = Graph(sound, choose_phase(name) if by_clock else None)
    pieces = add_content(graph, clip, transform, start, seconds)
    length = pieces[-1].stop - pieces[0].start
    if transform.other:
        excerpt = graph.add_excerpt(*around[2], CONTENT_MAX, loop=True)
        number = graph.add_part(excerpt, 0, length)
        graph.add_video(number, "other", cover(*(
            canvas if transform.group == "in another" and
            transform.canvas == (1.0, 1.0) else size)), fps, length)
    filters = transform.filters(*size)
    entry = "" if "[in]" in filters else "[in]"
    graph.filters.append(
        f"{entry}{filters},scale={canvas[0]}:{canvas[1]},setsar=1,fps={fps},"
        f"format=yuv420p,trim=end_frame={round(length * fps)}[copy]")
    if sound:
        graph.filters.append("[ina]anull[copya]")
    add_other(graph, around[0], "before", canvas, fps, BEFORE)
    add_other(graph, around[1], "after", canvas, fps, AFTER)
    graph.join(["before", "copy", "after"], "all")
    shown = (clip.title, *(other.title for other, _ in around))
    return Stream(name, clip.title, shown, transform.name, False,
                  BEFORE + length + AFTER, pieces,
                  graph.command("all", fps, transform.kbps),
                  tuple(graph.excerpts.values()))


def make_negative(clip, sound=False, by_clock=False):
    """The stream that is @clip alone."""
    seconds = min(clip.seconds - 0.2, NEGATIVE_MAX)
    name = f"{clip.title}.negative"
    graph = Graph(sound, choose_phase(name) if by_clock else None)
    number = graph.add_input(clip, 0.0, seconds)
    graph.add_video(number, "all", cover(*normal_size(clip)), transforms.FPS,
                    seconds)
    graph.add_audio(number, clip, "all", seconds)
    return Stream(name, clip.title, (clip.title,), "", True, seconds, (),
                  graph.command("all", transforms.FPS), ())
