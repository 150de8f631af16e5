#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A feed from a real server over HTTPS, whose certificate is by an authority made
# here: a live stream that is being watched is flagged by a list that is
# published while it runs.
# shellcheck source=tests/integration/common
. "$2/tests/integration/common"
open_session
# shellcheck source=tests/integration/https
. "$2/tests/integration/https"
min_wait=1
serve_list

"$weir" follow --once "${feed[@]}" || fail "the list cannot be followed"
"$weir" feed status "${feed[@]}" >"$work/status" || fail "no status"
grep -q 'sequence    1 of epoch 1' "$work/status" || fail "another sequence"

# What is known is published when the watcher has the list without it.
start "$weir" watch "${feed[@]}" --max-action flag "$url/live/demo" \
  >"$work/events" 2>"$work/watch.err"
watcher=$started
wait_for_player "$watcher"
publish
has 0 '"event":"weir-match"'
publish_list "$bank" || fail "the bank cannot be published"
wait "$publisher" || fail "the stream could not be published"
ends_with 0
has 1 '"event":"weir-match".*"state":"started","verdict":"flag".*"reference":"launch"'
has 0 '"event":"weir-bank".*"error":"[^"]'
grep -q '"event":"weir-bank".*"references":2,' "$work/events" ||
  fail "the bank of two references was not told"
"$weir" feed status "${feed[@]}" >"$work/status" || fail "no status"
grep -q 'sequence    2 of epoch 1' "$work/status" || fail "another sequence"

# A reference that matched too many streams, as those that matched it noted.
folder=$(sed -nE 's/^  folder +//p' "$work/status")
mkdir -p "$folder/flood"
printf 'reference launch\nheld 50\n' >"$folder/flood/launch"
"$weir" feed status "${feed[@]}" | grep -q '^  only flags  launch: ' ||
  fail "the status does not say what can only flag"
printf '[feed]\nconfirmed=launch\n' >"$folder/settings"
if "$weir" feed status "${feed[@]}" | grep -q 'only flags'; then
  fail "what is confirmed can still only flag"
fi
