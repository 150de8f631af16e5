#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Cut and bank: an operator makes a reference of what a live stream shows, which
# no list knows; it is confirmed and published, and another stream, which shows
# the same ten seconds later and encoded anew, is cut. The stream that showed it
# before is told so.
# shellcheck source=tests/integration/common
. "$2/tests/integration/common"
# All of it moves: the operator signals when the second stream shows it, too.
clip_second=22
open_session
# shellcheck source=tests/integration/https
. "$2/tests/integration/https"
# shellcheck disable=SC2034
min_wait=2
delay=10
reference=(2 14)
longest=5000

serve_list

# await PATTERN FILE PROCESS: until a line of it is like that, which goes
# into $line.
await () {
  local wait
  for ((wait = 0; wait < 600; wait++)); do
    line=$(grep -m 1 -E -- "$1" "$2" || true)
    [[ -n $line ]] && return
    runs "$3" || break
    sleep 0.05
  done
  show_log "$2"
  fail "there is no $1"
}

# get FIELD: of the event in $line.
get () {
  sed -nE "s/.*\"$1\":\"([^\"]*)\".*/\\1/p" <<<"$line"
}

# get_ms: when the event in $line was, ms.
get_ms () {
  date -d "$(get time)" +%s%3N
}

# publish_second: what is published of the first, later and encoded anew.
publish_second () {
  sleep "$delay"
  exec ffmpeg -nostdin -v error -re -i "$work/publish.flv" \
    -vf scale=426:240 -c:v libx264 -preset veryfast -b:v 300k -g 50 \
    -c:a aac -b:a 48k -f flv "$url/live/second" 2>"$work/second.err"
}

mkdir "$work/candidates"
"$weir" follow --once "${feed[@]}" || fail "the list cannot be followed"
start "$weir" watch "${feed[@]}" --max-action cut "$url/live/second" \
  >"$work/events" 2>"$work/watch.err"
watcher=$started
start "$weir_build/tests/integration/operator" "$url/live/demo" "${feed[1]}" \
  "${feed[3]}" "${feed[5]}" "$work/candidates" "${reference[@]}" \
  >"$work/origin" 2>"$work/operator.err"
operator=$started
wait_for_player "$watcher" second
wait_for_player "$operator"
publish
start publish_second

await '"event":"weir-reference"' "$work/origin" "$operator"
signalled=$(get_ms)
"$weir" bank edit --opinion confirmed -o "$work/new.weir" "$(get path)" ||
  fail "the reference cannot be confirmed"
publish_list "$work/new.weir" || fail "the reference cannot be published"
id=$(get reference)

ends_with 3
has 1 '"event":"weir-cut"'
has 1 '"event":"weir-match".*"state":"started".*"reference":"'"$id"'"'
await '"event":"weir-bank".*"references":2,' "$work/events" "$watcher"
known=$(get_ms)
await '"event":"weir-match".*"verdict":"cut"' "$work/events" "$watcher"
decided=$(get_ms)
await '"event":"weir-cut"' "$work/events" "$watcher"
cut=$(get_ms)
echo "after the signal: known $((known - signalled)) ms," \
  "decided $((decided - signalled)) ms, cut $((cut - signalled)) ms"
((cut - signalled <= longest)) ||
  fail "the second stream was cut $((cut - signalled)) ms after the signal"

# It had shown that for some seconds when its reference was made, and no bank
# had it: what is told is what is remembered.
await '"event":"weir-match".*"state":"started","verdict":"flag".*"reference":"'"$id" \
  "$work/origin" "$operator"
running_time=$(sed -E 's/.*"running-time":([0-9]+).*/\1/' <<<"$line")
((running_time < 4000000000)) ||
  fail "the first stream is said to show it from $running_time ns on"
