#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A feed from a real server over HTTPS, whose certificate is by an authority made
# here: a live stream that is being watched is flagged by a list that is
# published while it runs.
# shellcheck source=tests/integration/common
. "$2/tests/integration/common"
open_session
command -v openssl >/dev/null || exit 77
weir=$weir_build/src/cli/weir

# make_certificates: an authority and a certificate for localhost.
make_certificates () {
  local new=(openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1
    -nodes)
  "${new[@]}" -x509 -days 2 -keyout "$work/ca.key" -out "$work/ca.pem" \
    -subj "/CN=test authority" &&
    "${new[@]}" -keyout "$work/web.key" -out "$work/web.csr" \
      -subj /CN=localhost &&
    openssl x509 -req -in "$work/web.csr" -CA "$work/ca.pem" \
      -CAkey "$work/ca.key" -CAcreateserial -days 2 -out "$work/web.pem" \
      -extfile <(echo subjectAltName=DNS:localhost)
}

# start_web: serves $work/www on a free port, named in $web_port.
start_web () {
  local attempt wait
  for ((attempt = 0; attempt < 8; attempt++)); do
    web_port=$((30000 + RANDOM % 10000))
    is_open "$web_port" && continue
    cat >"$work/web.conf" <<END
daemon off;
master_process off;
pid $work/web.pid;
error_log $work/web.log;
events { }
http {
  access_log $work/access.log;
  client_body_temp_path $work/web-temp;
  proxy_temp_path $work/web-temp;
  fastcgi_temp_path $work/web-temp;
  uwsgi_temp_path $work/web-temp;
  scgi_temp_path $work/web-temp;
  server {
    listen 127.0.0.1:$web_port ssl http2;
    ssl_certificate $work/web.pem;
    ssl_certificate_key $work/web.key;
    root $work/www;
  }
}
END
    start "$nginx" -e "$work/web.log" -p "$work" -c "$work/web.conf" \
      2>>"$work/web.err"
    for ((wait = 0; wait < 50; wait++)); do
      runs "$started" || break
      is_open "$web_port" && return
      sleep 0.1
    done
  done
  fail "nginx does not start: $(tail -n 1 "$work/web.err")"
}

# publish_list BANK...
publish_list () {
  "$weir" publish --key "$work/hot.key" -o "$work/www/hot" --min-wait 1 \
    --canary "$@" >"$work/published"
}

step_log=$work/step.log
step "make certificates" make_certificates || fail "no certificates"
unset CURL_CA_BUNDLE SSL_CERT_DIR https_proxy HTTPS_PROXY all_proxy ALL_PROXY
export SSL_CERT_FILE=$work/ca.pem
"$weir" keygen "$work/hot" >"$work/key"
publish_list || fail "the list cannot be published"
start_web
feed=(--feed "https://localhost:$web_port/hot" --feed-key "$work/hot.pub"
  --cache-dir "$work/cache")

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
