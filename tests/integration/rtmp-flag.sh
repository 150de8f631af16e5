#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A live stream that may only be flagged is flagged, and goes on to its end,
# which the server tells its players when the publisher leaves.
# shellcheck source=tests/integration/common
. "$2/tests/integration/common"
open_session
watch --max-action flag
publish
wait "$publisher" || fail "the stream could not be published"
ends_with 0
has 1 '"event":"weir-match".*"state":"started","verdict":"flag".*"reference":"launch"'
has 1 '"event":"weir-match".*"state":"ended".*"reference":"launch"'
has 0 '"event":"weir-cut"'
has 0 '"verdict":"cut"'
