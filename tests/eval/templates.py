# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures that unrelated works have in common, made by ffmpeg: test cards,
title cards, slides, credits, countdowns. Clips of one family have the same
design and other content: what hits between two of them is a mistake."""

import dataclasses
import pathlib
import subprocess

from transforms import FONT

SECONDS = 10
SIZE = "640x360"
WORDS = ("the quick report of last evening says that harbour lights went out "
         "and nobody could tell why while engineers kept walking along river "
         "banks with lamps maps ropes and a very old radio set looking for "
         "that broken cable under seven bridges").split()


@dataclasses.dataclass(frozen=True)
class Template:
    name: str
    family: str
    graph: str  # an ffmpeg graph without input


def text(words, size, y="(h-text_h)/2", x="(w-text_w)/2", more="",
         color="white"):
    return (f"drawtext=fontfile={FONT}:text='{words}':fontsize={size}:"
            f"fontcolor={color}:x={x}:y={y}{more}")


def pick(seed, n):
    """@n words; another text for each seed."""
    return " ".join(WORDS[(seed * 7 + i * (seed + 3)) % len(WORDS)]
                    for i in range(n))


def page(seed, size, lines, color, x="40", top=80):
    return ",".join(text(pick(seed + 5 * i, 6), size, f"{top + i * 32}", x,
                         color=color) for i in range(lines))


def during(start, stop):
    return f":enable='between(t,{start},{stop})'"


def slide(seed, start):
    """A slide of 2 s: a heading and lines of text."""
    shown = during(start, start + 2)
    return ",".join([text(pick(seed, 3), 34, "30", "40", shown, "white")] + [
        text(pick(seed + 3 * i, 5), 20, f"{110 + i * 40}", "60", shown,
             "black") for i in range(1 + seed % 4)])


FADES = "fade=in:0:25,fade=out:200:50"


def make_templates():
    table = []

    def add(family, index, source, *filters):
        table.append(Template(f"{family}-{index}", family, ",".join(
            [f"{source}=s={SIZE}:r=25:d={SECONDS}" if "=" not in source
             else f"{source}:s={SIZE}:r=25:d={SECONDS}", *filters])))

    for i in range(4):
        name = text(f"STATION {pick(i, 1).upper()}", 30 + 6 * i,
                    f"h*0.{3 + i}")
        for source in ("smptebars", "smptehdbars", "pal75bars", "pal100bars",
                       "rgbtestsrc", "yuvtestsrc"):
            add(source, i, source, name)
        add("gradients", i, f"gradients=c0=navy:c1=white:n=2:speed=0.00001:"
            f"seed={i}", text(pick(i, 3), 40))
        add("title", i, "color=black", text(pick(i, 2), 44, "h*0.4"),
            text(pick(i + 9, 3), 26, "h*0.6"), FADES)
        add("card", i, "color=0x203060", text("STARTING SOON", 56, "h*0.3"),
            text(pick(i, 4), 28, "h*0.6"), FADES)
        add("credits", i, "color=black", *(
            text(pick(i + 4 * j, 3), 24, f"h+{j * 45}-t*60")
            for j in range(12)))
        add("countdown", i, "color=0x404040",
            "drawbox=x=iw*0.25:y=ih*0.1:w=iw*0.5:h=ih*0.8:color=white:t=6",
            text(r"%{eif\:10-t\:d}", 150 + 12 * i))
        add("slides", i, "color=0xf0f0f0",
            "drawbox=x=0:y=0:w=iw:h=ih*0.22:color=0x802020:t=fill",
            *(slide(7 * i + j, 2 * j) for j in range(5)))
        add("clock", i, "color=0x305030",
            "drawbox=x=iw*0.1:y=ih*0.2:w=iw*0.8:h=ih*0.6:color=0xd0d0c0:"
            "t=fill", text(pick(i, 3), 24, "h*0.08"),
            text(fr"%{{pts\:hms\:{4321 * i}}}", 60, color="black"))
        add("crawl", i, "color=0x503010",
            "drawbox=x=0:y=0:w=iw*0.4:h=ih:color=0xe0c080:t=fill",
            "drawbox=x=iw*0.06:y=ih*0.2:w=iw*0.28:h=ih*0.4:color=0x404040:"
            "t=fill", text(pick(i, 3), 26, f"h*0.{4 + i}-t*3", "w*0.45"))
        add("document", i, "color=white", page(i, 20, 8, "black"))
        add("news", i, "color=0x102040",
            "drawbox=x=0:y=ih*0.75:w=iw:h=ih*0.25:color=0xc00000:t=fill",
            "drawbox=x=iw*0.55:y=ih*0.1:w=iw*0.4:h=ih*0.55:color=0x808080:"
            "t=fill", text("LIVE NEWS", 40, "h*0.78", "30"),
            text(pick(i, 8), 24, "h*0.9", "'w-mod(t*90,w+text_w)'"))
    return table


def make_clip(template, folder):
    """Makes the clip unless it is there. Returns its path."""
    path = pathlib.Path(folder) / f"{template.name}.mkv"
    if not path.exists():
        partial = path.with_suffix(".part")
        subprocess.run(
            ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
             template.graph, "-vf", "noise=alls=6:allf=t:all_seed=3,"
             "format=yuv420p", "-c:v", "libx264", "-preset", "superfast",
             "-threads", "1", "-crf", "26", "-f", "matroska",
             f"file:{partial}"], check=True)
        partial.replace(path)
    return path
