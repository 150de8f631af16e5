#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The server goes down in the middle of the stream: the watch ends, as with the stream.
# shellcheck source=tests/integration/common
. "$2/tests/integration/common"
open_session
server=$started
watch --max-action none
publish
# The stream is seen: the first fingerprints are made.
until grep -q '"state":"active"' "$work/events"; do
  runs "$watcher" || fail "the watch ended before the stream came"
  sleep 0.1
done
kill -TERM "$server"
ends_with 0
[[ ! -s $work/watch.err ]] || fail "something is on stderr"
has 0 '"state":"blind"'
