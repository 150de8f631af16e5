#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Who is cut is dropped by the server and kept out until the stated time; where
# kick is not there everybody may publish.
# shellcheck source=tests/integration/common
. "$2/tests/integration/common"
open_session

start_kick () {
  start "$2/tests/integration/kick-clock" "$work/clock" "$2/pipelines/kick" \
    --control "http://127.0.0.1:$control_port/control" --port "$kick_port" \
    --deny-list "$work/denied" --events "$work/cuts" 2>>"$work/kick.log"
  kick=$started
  await "asked at http://127.0.0.1:$kick_port/"
}

# await PATTERN: until the last line that kick has said is like that.
await () {
  local wait
  for ((wait = 0; wait < 300; wait++)); do
    tail -n 1 "$work/kick.log" | grep -q -- "$1" && return
    runs "$kick" || break
    sleep 0.1
  done
  show_log "$work/kick.log"
  fail "kick does not say: $1"
}

# is_let_in NAME: whether the server takes half a second of a stream.
is_let_in () {
  ffmpeg -nostdin -v error -t 0.5 -i "$work/publish.flv" -c copy -f flv \
    "$url/live/$1" 2>"$work/attempt.err"
}

set_clock () {
  echo "$1" >"$work/clock.new"
  mv "$work/clock.new" "$work/clock"
}

: >"$work/kick.log"
set_clock 0
is_let_in early || fail "without kick nobody is let in"
start_kick "$@"
watch --max-action cut --stream-id live/demo
publish
is_let_in other || fail "another one is not let in"
ends_with 3
runs "$publisher" || fail "the stream was over before it was cut"
cat "$work/events" >"$work/cuts"
await 'live/demo: dropped'
status=0
wait "$publisher" || status=$?
((status != 0)) || fail "the publisher was not dropped"

if is_let_in demo; then
  fail "who was cut may publish again at once"
fi
await 'live/demo from 127.0.0.1 is refused'
is_let_in other || fail "another one is refused, too"

# It is kept over a restart, and until its end.
kill "$kick"
wait "$kick" || fail "kick ended with $?"
set_clock $((24 * 3600 - 300))
start_kick "$@"
if is_let_in demo; then
  fail "who was cut may publish again before the end"
fi
set_clock $((24 * 3600 + 1))
is_let_in demo || fail "who was cut may not publish after the end"

# A dead kick refuses nobody.
set_clock 0
kill "$kick"
wait "$kick" || fail "kick ended with $?"
is_let_in demo || fail "a server without kick lets nobody in"
