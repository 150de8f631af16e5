#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each of the pipelines to run as they are is run, and cuts.
# shellcheck source=tests/integration/common
. "$2/tests/integration/common"
open_session

# pipeline NAME OPTION...: in the background, its process in $running, what it
# says in the file NAME.
pipeline () {
  local name=$1
  shift
  start "$weir_root/pipelines/$name" --build "$weir_build" --bank "$bank" "$@" \
    >"$work/$name" 2>"$work/$name.line"
  running=$started
}

# cuts NAME PATTERN: it ends well, and what it has said is so.
cuts () {
  local status=0
  wait "$running" || status=$?
  if ((status != 0)) || ! grep -qE -- "$2" "$work/$1"; then
    show_log "$work/$1"
    show_log "$work/$1.line"
    fail "$1 ended with $status and without $2"
  fi
  grep -q 'gst-launch-1.0 -m ' "$work/$1.line" || fail "$1 does not say what it runs"
}

# is_bound PROTOCOL PORT: somebody listens there.
is_bound () {
  awk -v port="$(printf ':%04X' "$2")" -v tcp="$1" '
    $2 ~ port "$" && (tcp != "tcp" || $4 == "0A") { found = 1 }
    END { exit !found }' "/proc/net/$1"
}

# send ADDRESS OPTION...: until the stream is cut.
send () {
  start ffmpeg -nostdin -v error -re -i "$work/publish.flv" -c copy "${@:2}" \
    "$1" 2>"$work/publish.err"
  publisher=$started
}

# wait_for_port PROTOCOL PORT: until the pipeline listens there.
wait_for_port () {
  local wait
  for ((wait = 0; wait < 200; wait++)); do
    is_bound "$@" && return
    runs "$running" || return
    sleep 0.1
  done
}

# wait_for_end PROTOCOL PORT: until nobody does any more.
wait_for_end () {
  local wait
  for ((wait = 0; wait < 100; wait++)); do
    is_bound "$@" || return 0
    sleep 0.1
  done
  return 1
}

pipeline file "$work/publish.flv" "$work/file.flv"
cuts file 'CUT +the stream ends here'
length=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$work/file.flv")
((${length%%.*} > clip_second - 4 && ${length%%.*} < clip_second)) ||
  fail "file let $length s out, and the clip begins at $clip_second s"

pipeline many --json "$work/publish.flv" "$weir_root/samples/city.mp4" "$work/publish.flv"
cuts many '^\{"event":"weir-cut",.*"stream-id":"publish.flv",.*"reason":"demonstration",.*"running-time":[0-9]+\}$'
(($(grep -c '"event":"weir-cut"' "$work/many") == 2)) || fail "not just two were cut"
(($(jq -r .event "$work/many" | grep -cx weir-bank) == 3)) || fail "not all is JSON"

pipeline rtmp "$url/live/demo" "$url/out/demo"
wait_for_player "$running"
send "$url/live/demo" -f flv
cuts rtmp 'CUT +the stream ends here'
runs "$publisher" || fail "rtmp ended with the stream"
grep -q "publish: name='demo'" "$work/nginx.log" || fail "nothing came out"
kill "$publisher"

pipeline rtmp-listen "rtmp://127.0.0.1:$kick_port/live/demo" "$work/listen.flv"
wait_for_port tcp "$kick_port"
send "rtmp://127.0.0.1:$kick_port/live/demo" -f flv
cuts rtmp-listen 'CUT +the stream ends here'
[[ -s $work/listen.flv ]] || fail "nothing came out of rtmp-listen"

# Who ends a script ends what it runs.
pipeline rtmp-listen "rtmp://127.0.0.1:$kick_port/live/demo" "$work/none.flv"
wait_for_port tcp "$kick_port"
kill "$running"
wait "$running" || true
wait_for_end tcp "$kick_port" ||
  fail "what rtmp-listen runs goes on without it"

pipeline srt --hold-back 2700 "srt://127.0.0.1:$kick_port?mode=listener" "$work/srt.ts"
wait_for_port udp "$kick_port"
send "srt://127.0.0.1:$kick_port?mode=caller" -f mpegts
cuts srt 'CUT +the stream ends here'
[[ -s $work/srt.ts ]] || fail "nothing came out of srt"
