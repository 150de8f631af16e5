#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes what the soak plays and looks up: small clips of the samples in the
# codecs and containers of live streams, some of them with known content, and
# two banks, of which the first knows less.
set -eu

if [ $# -ne 2 ]; then
  echo "Usage: soak-clips.sh WEIR FOLDER" >&2
  exit 2
fi
weir=$1
folder=$2
samples=$(dirname "$0")/../../samples
mkdir -p "$folder"

h264='-c:v libx264 -preset veryfast -bf 0'
h264_reordered='-c:v libx264 -preset veryfast -bf 2'
hevc='-c:v libx265 -preset veryfast -x265-params log-level=error'
vp8='-c:v libvpx -deadline realtime -cpu-used -8'
aac='-c:a aac -b:a 64k'
opus='-c:a libopus -b:a 48k'
picture='scale=480:270,setsar=1,fps=24,format=yuv420p'
sound='aresample=48000,aformat=channel_layouts=stereo'
# No bank knows this sound.
hum='aevalsrc=0.2*sin(2*PI*t*(300+90*sin(t/3)))|0.2*sin(2*PI*t*500):s=48000'

# encode NAME INPUT AND OPTIONS...
encode () {
  name=$1
  shift
  ffmpeg -nostdin -v error -y "$@" -b:v 300k -maxrate 400k -bufsize 600k \
    -g 48 "$folder/$name"
}

# The street alone; the street and then the launch; the game.
street () {
  name=$1
  shift
  encode "$name" -i "$samples/city.mp4" -f lavfi -i "$hum" -t 7 \
    -vf "$picture" -af "$sound" "$@"
}
mixed () {
  name=$1
  shift
  encode "$name" -stream_loop 1 -i "$samples/city.mp4" -f lavfi -t 14 \
    -i "$hum" -i "$samples/launch.mp4" -filter_complex \
    "[0:v]${picture},trim=0:14,setpts=PTS-STARTPTS[a];[1:a]${sound}[b];
     [2:v]${picture},setpts=PTS-STARTPTS[c];[2:a]${sound}[d];
     [a][b][c][d]concat=n=2:v=1:a=1[v][s]" -map '[v]' -map '[s]' "$@"
}
game () {
  name=$1
  shift
  encode "$name" -i "$samples/game.mp4" -vf "$picture" -af "$sound" "$@"
}

# Splits into words on purpose.
# shellcheck disable=SC2086
{
  street street-h264.mp4 $h264 $aac
  street street-vp8.webm $vp8 $opus
  street street-hevc.mkv $hevc $aac
  street street-bytes.flv $h264 $aac
  mixed mixed-h264.mp4 $h264_reordered $aac
  mixed mixed-vp8.webm $vp8 $opus
  mixed mixed-bytes.flv $h264 $aac
  game game-h264.mp4 $h264 $aac
  game game-hevc.mkv $hevc $opus
  game game-bytes.ts $h264_reordered $aac
}

"$weir" bank build -o "$folder/a.weir" --opinion confirmed --max-action cut \
  "$samples/launch.mp4"
"$weir" bank build -o "$folder/b.weir" --opinion confirmed --max-action cut \
  "$samples/launch.mp4" "$samples/game.mp4"
