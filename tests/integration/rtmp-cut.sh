#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A live stream that comes to show known content is cut.
# shellcheck source=tests/integration/common
. "$2/tests/integration/common"
open_session
watch --max-action cut
publish
ends_with 3
runs "$publisher" || fail "the stream was over before it was cut"
has 1 '"event":"weir-bank".*"references":1,'
has 1 '"event":"weir-match".*"state":"started".*"reference":"launch"'
has 1 '"event":"weir-match".*"state":"ended".*"reference":"launch"'
has 1 '"event":"weir-cut".*"mode":"eos"'
# A machine that is busy with other things may make it short of time.
has 0 '"event":"weir-status".*"state":"(blind"|degraded","reason":"[^s])'
