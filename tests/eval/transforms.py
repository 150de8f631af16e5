# SPDX-License-Identifier: GPL-3.0-or-later
"""The edits that copies of a work go through, as ffmpeg filter graphs.

A graph takes the content, already scaled to {w} x {h}, and leaves a picture
that is then scaled to the canvas, {cw} x {ch}. A graph that shows another
stream as well takes it from [other]. {font} is a font file. Everything random
in a graph has a fixed seed.
"""

import dataclasses

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
FPS = 30


@dataclasses.dataclass(frozen=True)
class Transform:
    """One edit. Two edits of the same name must not exist."""

    name: str
    group: str
    text: str  # what it does, for people
    graph: str = "null"
    canvas: tuple = (1.0, 1.0)  # of width and height, relative to the content
    turned: bool = False  # the canvas is as high as the content is wide
    fps: int = FPS
    kbps: int = 0  # 0: constant quality
    speed: float = 1.0
    pieces: tuple = ((0.0, 1.0),)  # what is shown of the content, in order
    other: bool = False  # the graph shows another stream too

    def canvas_size(self, width, height):
        """Size of the live stream's picture, even numbers."""
        if self.turned:
            width, height = height, width
        return (even(width * self.canvas[0]), even(height * self.canvas[1]))

    def filters(self, width, height):
        """The graph with its sizes filled in."""
        canvas = self.canvas_size(width, height)
        return self.graph.format(w=width, h=height, cw=canvas[0],
                                 ch=canvas[1], font=FONT)


def even(number):
    return max(2, 2 * round(number / 2))


def write(text, size, x, y, more=""):
    """drawtext; @size is a divisor of the picture's short side."""
    return (f"drawtext=fontfile={{font}}:text='{text}':"
            f"fontsize='min(w,h)/{size}':fontcolor=white:"
            f"borderw=2:x='{x}':y='{y}'{more}")


def bars(share):
    """Factor by which a side grows when each bar takes @share of it."""
    return 1 / (1 - 2 * share)


def crop(share, x=0.5, y=0.5):
    """Takes @share of the width and of the height away, a part x (y) of it at
    the left (top)."""
    return (f"crop=iw*{1 - share:.3f}:ih*{1 - share:.3f}:"
            f"(iw-ow)*{x}:(ih-oh)*{y}")


def inset(big, small, share, x, y):
    """Lays @small, scaled to @share of the canvas, over @big."""
    return (f"[{small}]scale={{cw}}*{share:.3f}:{{ch}}*{share:.3f}[small];"
            f"[{big}][small]overlay=W*{x}:H*{y}")


def rotate(degrees):
    return f"rotate={degrees}*PI/180:fillcolor=black"


LARGE_LOGO = ("drawbox=x=iw*0.66:y=ih*0.05:w=iw*0.30:h=ih*0.30:"
              "color=0xd02020:t=fill," +
              write("TV7", 7, "w*0.81-text_w/2", "h*0.14"))
SMALL_LOGO = ("drawbox=x=iw*0.87:y=ih*0.04:w=iw*0.10:h=ih*0.10:"
              "color=0xd02020@0.8:t=fill," +
              write("TV7", 20, "w*0.92-text_w/2", "h*0.07"))
TICKER = ("drawbox=x=0:y=ih*0.88:w=iw:h=ih*0.12:color=0x202060:t=fill," +
          write("BREAKING NEWS +++ police ask for calm +++ more at nine +++",
                16, "w-mod(t*120,w+text_w)", "h*0.91"))
SUBTITLES = (
    write("He said that they would come back", 15, "(w-text_w)/2", "h*0.86",
          ":enable='lt(mod(t,4),1.8)'") + "," +
    write("but nobody did", 15, "(w-text_w)/2", "h*0.86",
          ":enable='gt(mod(t,4),2)'"))
EMOJI = (write("☺ ☠", 4, "w*0.12", "h*0.18") + "," +
         write("LOOK AT THIS ★ ★", 11, "w*0.35", "h*0.66"))
BLURRED_BORDERS = (
    "split[wide][sharp];"
    "[wide]scale={cw}:{ch}:force_original_aspect_ratio=increase,"
    "crop={cw}:{ch},gblur=20[back];"
    "[sharp]scale={cw}:{ch}:force_original_aspect_ratio=decrease[front];"
    "[back][front]overlay=(W-w)/2:(H-h)/2")
STILL_BORDER = (
    "scale={cw}*0.75:{ch}*0.75[front];"
    "mandelbrot=s={cw}x{ch}:r=30:start_scale=0.4:end_scale=0.4,"
    "trim=end_frame=1,loop=-1:1:0,format=yuv420p[back];"
    "[back][front]overlay=W*0.15:H*0.1:shortest=1")
# A screen in a grey room, filmed from a little aside by hand: keystone and
# sway, the beat of two pixel grids, 7 Hz flicker, lens blur, sensor noise.
FILMED = (
    "pad=iw*1.12:ih*1.12:(ow-iw)/2:(oh-ih)/2:0x505050,scale={w}:{h},"
    "perspective=x0='W*0.04+2*sin(on/9)':y0='H*0.02+2*cos(on/13)':"
    "x1='W*0.98+2*sin(on/11)':y1='H*0.06':x2='W*0.01':y2='H*0.97':"
    "x3='W*0.95':y3='H*0.93+2*sin(on/7)':sense=destination:eval=frame,"
    "format=yuv420p[screen];"
    "color=gray:s={w}x{h}:r=30:d=0.03,format=yuv420p,"
    "geq=lum='128+16*sin(X*1.9+Y*0.35)*sin(Y*1.7)':cb=128:cr=128,"
    "loop=-1:1:0[grid];"
    "[screen][grid]blend=all_mode=grainmerge:shortest=1,"
    "eq=contrast=0.85:brightness='0.02+0.06*sin(2*PI*7*t)':eval=frame,"
    "gblur=0.9,noise=alls=10:allf=t:all_seed=7")


def make_transforms():
    """All transforms, in the order of the table."""
    table = []

    def add(group, name, text, graph="null", **more):
        table.append(Transform(name, group, text, graph, **more))

    add("coding", "plain", "re-encoded at constant quality, 360p, 30 fps")
    add("coding", "300k", "re-encoded at 300 kbit/s", kbps=300)
    add("coding", "150k-quarter", "half width and height at 150 kbit/s",
        canvas=(0.5, 0.5), kbps=150)
    add("coding", "scale-up", "scaled to 480p", canvas=(4 / 3, 4 / 3))
    for fps in 15, 25, 50:
        add("coding", f"fps-{fps}", f"{fps} frames per second", fps=fps)

    add("tone", "brighter", "brightness +0.2", "eq=brightness=0.2")
    add("tone", "darker", "brightness -0.2", "eq=brightness=-0.2")
    add("tone", "contrast", "contrast x 1.5", "eq=contrast=1.5")
    add("tone", "gamma", "gamma 1.6", "eq=gamma=1.6")
    add("tone", "grey", "without colour", "hue=s=0")
    add("tone", "sepia", "sepia",
        "colorchannelmixer=.393:.769:.189:0:.349:.686:.168:0:.272:.534:.131")
    add("tone", "blur", "Gaussian blur, sigma 3", "gblur=3")
    add("tone", "noise", "noise of strength 20",
        "noise=alls=20:allf=t:all_seed=7")
    add("tone", "sharpen", "unsharp mask 5x5, 1.5", "unsharp=5:5:1.5")

    for percent in 2, 5, 10, 20:
        share = percent / 100
        add("borders", f"letterbox-{percent}",
            f"black bars above and below, each {percent} % of the height",
            f"pad=iw:ih*{bars(share):.4f}:0:(oh-ih)/2",
            canvas=(1, bars(share)))
    for percent in 2, 5, 10, 20:
        share = percent / 100
        add("borders", f"pillarbox-{percent}",
            f"black bars left and right, each {percent} % of the width",
            f"pad=iw*{bars(share):.4f}:ih:(ow-iw)/2:0",
            canvas=(bars(share), 1))
    add("borders", "blurred-borders",
        "turned to upright (lying) format, a blurred copy as its borders",
        BLURRED_BORDERS, turned=True)

    add("borders", "still-border", "before a still picture, 75 % of the sides",
        STILL_BORDER)

    for percent in 2, 5, 10, 20:
        add("crop", f"crop-{percent}",
            f"{percent} % of width and height away, all around",
            crop(percent / 100))
    for percent in 2, 5, 10, 20:
        add("crop", f"crop-corner-{percent}",
            f"{percent} % of width and height away, at left and top",
            crop(percent / 100, 1, 1))

    add("crop", "crop-left-12", "12 % of the width away, at the left",
        "crop=iw*0.88:ih:iw*0.12:0")
    add("crop", "crop-bottom-17", "17 % of the height away, at the bottom",
        "crop=iw:ih*0.83:0:0")
    add("crop", "crop-stray-13",
        "13 % of width and height away, 3 parts of 10 of it at the left and 8 "
        "at the top", crop(0.13, 0.3, 0.8))

    add("geometry", "mirror", "mirrored", "hflip")
    for degrees in 1, 3, 5:
        add("geometry", f"rotate-{degrees}",
            f"rotated by {degrees} degrees, corners black", rotate(degrees))
    add("geometry", "rotate-zoom-4",
        "rotated by 4 degrees and enlarged, so that no corner shows",
        rotate(4) + "," + crop(0.14))
    add("geometry", "rotate-90", "rotated by 90 degrees", "transpose=1",
        turned=True)
    add("geometry", "filmed-screen",
        "keystone and sway, moire, flicker, blur, noise", FILMED)

    add("overlay", "logo-small", "logo of 10 % of the sides", SMALL_LOGO)
    add("overlay", "logo-large", "logo of 30 % of the sides", LARGE_LOGO)
    add("overlay", "ticker", "ticker over the lowest 12 %", TICKER)
    add("overlay", "subtitles", "subtitles that change", SUBTITLES)
    add("overlay", "emoji", "large symbols and text", EMOJI)
    for name, share in (("half", 1 / 2), ("third", 1 / 3)):
        add("overlay", f"guest-{name}",
            f"another stream in a corner, {name} of the sides",
            inset("in", "other", share, 0.97 - share, 0.03), other=True)

    for name, share in (("half", 1 / 2), ("third", 1 / 3)):
        add("in another", f"inset-{name}",
            f"in a corner of another stream, {name} of the sides",
            inset("other", "in", share, 0.97 - share, 0.97 - share),
            other=True)
    add("in another", "inset-free",
        "somewhere in another stream, 45 % of the sides",
        inset("other", "in", 0.45, 0.21, 0.33), other=True)
    add("in another", "side-by-side", "left of another stream",
        "[in][other]hstack", canvas=(1.5, 0.75), other=True)
    add("in another", "stacked", "above another stream",
        "[in][other]vstack", canvas=(0.75, 1.5), other=True)

    for speed in 0.8, 0.9, 1.1, 1.25, 1.5, 2.0:
        add("time", f"speed-{speed:g}", f"speed x {speed:g}, pitch kept",
            speed=speed)
    add("time", "trimmed", "the middle half alone", pieces=((0.25, 0.75),))
    add("time", "reordered", "second half first",
        pieces=((0.5, 1.0), (0.0, 0.5)))

    add("combined", "repost-phone",
        "mirrored, crop 10 %, brighter, blurred a little, 300 kbit/s",
        "hflip," + crop(0.1) + ",eq=brightness=0.08:contrast=1.1,gblur=1",
        kbps=300)
    add("combined", "repost-upright",
        "blurred borders, symbols and text, speed x 1.1",
        BLURRED_BORDERS + "," + EMOJI, turned=True, speed=1.1)
    add("combined", "repost-news",
        "letterbox 10 %, logo, ticker, grey, 25 fps, 400 kbit/s",
        f"hue=s=0,pad=iw:ih*{bars(0.1):.4f}:0:(oh-ih)/2," + SMALL_LOGO + "," +
        TICKER, canvas=(1, bars(0.1)), fps=25, kbps=400)
    return table


TRANSFORMS = make_transforms()
