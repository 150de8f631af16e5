# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What the tests of the command share. To be sourced with a test's arguments:
# the command and the root of the sources. Goes to a private folder.
set -u
weir=$(realpath "$1")
root=$(realpath "$2")
# shellcheck disable=SC2034
samples=$root/samples
failures=0

for tool in ffmpeg jq; do
  if ! command -v "$tool" >/dev/null; then
    echo "skipped: $tool is not installed"
    exit 77
  fi
done

folder=$(mktemp -d "${TMPDIR:-/tmp}/weir-cli-XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# fail TEXT...: says what is wrong, and goes on.
fail () {
  printf 'FAILED: %s\n' "$*"
  [[ -s err ]] && sed 's/^/  stderr: /' err
  failures=$((failures + 1))
}

# The end of a test.
finish () {
  ((failures == 0)) && exit 0
  echo "$failures checks failed"
  exit 1
}

encode () {
  ffmpeg -hide_banner -loglevel error -nostdin -y "$@" || exit 1
}

# check TEXT COMMAND...
check () {
  "${@:2}" || fail "$1"
}

# is TEXT VALUE EXPECTED
is () {
  [[ $2 == "$3" ]] || fail "$1: '$2' is not '$3'"
}

# run STATUS ARGUMENT...: the command, its output in the files out and err.
run () {
  local expected=$1 status=0
  shift
  echo "weir $*"
  timeout 60 "$weir" "$@" >out 2>err || status=$?
  is "exit status of weir $*" "$status" "$expected"
}

# Standard output is lines of JSON, if anything.
only_json () {
  jq -e . out >/dev/null 2>&1 || [[ ! -s out ]] || fail "stdout is not JSON"
}

# Nothing was said on standard error.
no_error () {
  [[ ! -s err ]] || fail "said something on stderr"
}

# one_error TEXT: standard error is one line, of ours, that says TEXT and is
# not what GStreamer says to programmers alone.
one_error () {
  sed 's/^/  /' err
  is "lines on stderr" "$(wc -l <err)" 1
  grep -q '^weir: ' err || fail "the error does not begin with weir:"
  grep -qF -- "$1" err || fail "the error does not say '$1'"
  grep -qE 'weir: [^ ]*:? ?(Internal data|Could not|GStreamer)' err &&
    fail "the error is GStreamer's own"
}
