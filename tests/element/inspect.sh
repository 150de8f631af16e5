#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Compares what gst-inspect-1.0 says of the element with what it said when
# inspect.txt was written: a change of the interface is never by accident.
set -eu

usage () {
  echo "Usage: inspect.sh [--update] LIBGSTWEIR.SO INSPECT.TXT" >&2
  exit 2
}

update=false
if [ "${1-}" = --update ]; then
  update=true
  shift
fi
[ $# -eq 2 ] || usage
plugin=$1
expected=$2

command -v gst-inspect-1.0 >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The lines left out differ between machines, versions and builds.
LC_ALL=C NO_COLOR=1 GST_REGISTRY=$work/registry GST_REGISTRY_FORK=no \
  GST_PLUGIN_PATH_1_0=$(dirname "$plugin") gst-inspect-1.0 weir |
  sed -E -e '/^  (Filename|Version|Source release date) /d' \
    -e 's/"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"/"a UUID"/' \
    -e 's/[[:blank:]]+$//' >"$work/inspect.txt"
[ -s "$work/inspect.txt" ]

if $update; then
  cp "$work/inspect.txt" "$expected"
else
  diff -u "$expected" "$work/inspect.txt"
fi
