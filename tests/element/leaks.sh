#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs pipelines under GStreamer's own leak tracer and fails when any of its
# objects outlives them.
set -eu

if [ $# -ne 3 ]; then
  echo "Usage: leaks.sh WEIR LIBGSTWEIR.SO SAMPLES" >&2
  exit 2
fi
weir=$1
plugin=$2
samples=$3

command -v gst-launch-1.0 >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The command has the element built in, and must not meet the plugin.
GST_REGISTRY=$work/registry-weir "$weir" bank build -o "$work/known.weir" \
  "$samples/launch.mp4"

export GST_REGISTRY="$work/registry" GST_REGISTRY_FORK=no
GST_PLUGIN_PATH_1_0=$(dirname "$plugin")
export GST_PLUGIN_PATH_1_0
gst-inspect-1.0 leaks >/dev/null || exit 77

# run NAME EXPECTED PIPELINE...: EXPECTED is a message that it must post, or "".
run () {
  name=$1
  expected=$2
  shift 2
  log=$work/$name.log
  GST_TRACERS=leaks GST_DEBUG=GST_TRACER:7 GST_DEBUG_NO_COLOR=1 \
    timeout 60 gst-launch-1.0 -m "$@" >"$log" 2>&1 || {
    echo "$name: gst-launch-1.0 failed"
    tail -n 20 "$log"
    exit 1
  }
  if ! grep -q "$expected" "$log"; then
    echo "$name: no message with $expected"
    exit 1
  fi
  # The tracer begins with the format of its lines, which holds a %.
  if grep 'object-alive, type-name=(string)[^%]' "$log"; then
    echo "$name: objects are left"
    exit 1
  fi
}

guard="weir bank=$work/known.weir sync-analysis=true"
film="filesrc location=$samples/launch.mp4 blocksize=65536"

# The same on every run, and nothing that a typefinder takes for sound.
yes 'not a stream' | head -c 200000 >"$work/garbage"

# Splits into words on purpose.
# shellcheck disable=SC2086
{
  run flag 'weir-match' $film ! $guard ! fakesink
  run cut 'weir-cut' $film ! $guard max-action=cut ! fakesink
  run drop 'weir-cut' $film ! $guard max-action=cut on-cut=drop ! fakesink
  run other 'weir-status' filesrc location="$samples/city.mp4" ! $guard ! \
    fakesink
  run async 'weir-bank' $film ! weir bank="$work/known.weir" ! fakesink
  run garbage 'blind' filesrc location="$work/garbage" ! $guard ! fakesink
  run no_bank 'blind' videotestsrc num-buffers=3 ! weir ! fakesink
  run nothing 'weir-bank' fakesrc num-buffers=0 ! $guard ! fakesink
  run two 'weir-bank' videotestsrc num-buffers=20 ! w.sink_0 \
    audiotestsrc num-buffers=20 ! w.sink_1 $guard name=w \
    w.src_0 ! queue ! fakesink w.src_1 ! queue ! fakesink
}
