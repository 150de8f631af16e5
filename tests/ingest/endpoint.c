/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the WHIP endpoint answers, and whom. No media flow here. */

#include "host.h"
#include "offers.h"

#include <string.h>

#define SDP      "application/sdp"
#define FRAGMENT "application/trickle-ice-sdpfrag"
#define CANDIDATES                                                             \
  "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"       \
  "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"                 \
  "a=candidate:1 1 udp 2122260223 127.0.0.1 9 typ host\r\n"

static const gchar nowhere[] = "fakesink name=video fakesink name=audio";

/* A session of @token's; its path below the endpoint, to be freed. */
static gchar *
publish (Host *host, const gchar *token, gchar **tag)
{
  g_autofree gchar *offer = make_offer (NULL, NULL);
  const HostRequest request = { "POST", NULL, token, SDP, .body = offer };
  g_autoptr (HostAnswer) answer = host_ask (host, &request);
  const gchar *location;

  g_assert_cmpuint (answer->status, ==, 201);
  location = soup_message_headers_get_one (answer->fields, "Location");
  g_assert_true (g_str_has_prefix (location, "/whip/"));
  if (tag)
    *tag = g_strdup (soup_message_headers_get_one (answer->fields, "ETag"));
  return g_strdup (location + strlen ("/whip"));
}

static void
test_answer (void)
{
  g_autoptr (Host) host = host_new (nowhere);
  g_autofree gchar *offer = make_offer (NULL, NULL);
  gchar link[] = "<stun:stun.example.net>; rel=\"ice-server\"";
  gchar *links[] = { link, NULL };
  const HostRequest request = { "POST", NULL, "studio", SDP, .body = offer };
  g_autoptr (HostAnswer) answer = NULL;
  const gchar *tag;

  host->settings.ice_servers = links;
  answer = host_ask (host, &request);
  g_assert_cmpuint (answer->status, ==, 201);
  g_assert_cmpstr (
      soup_message_headers_get_content_type (answer->fields, NULL), ==, SDP);
  g_assert_cmpuint (
      strlen (soup_message_headers_get_one (answer->fields, "Location")), ==,
      strlen ("/whip/") + 32);
  tag = soup_message_headers_get_one (answer->fields, "ETag");
  g_assert_true (tag[0] == '"' && g_str_has_suffix (tag, "\""));
  g_assert_cmpstr (
      soup_message_headers_get_list (answer->fields, "Link"), ==, link);
  g_assert_cmpstr (
      soup_message_headers_get_one (answer->fields, "Accept-Patch"), ==,
      FRAGMENT);
  g_assert_cmpstr (soup_message_headers_get_one (
                       answer->fields, "Access-Control-Allow-Origin"),
      ==, "*");
  g_assert_nonnull (strstr (answer->body, "a=recvonly"));
  g_assert_null (strstr (answer->body, "a=sendonly"));
  g_assert_nonnull (strstr (answer->body, "127.0.0.1"));
  g_assert_nonnull (strstr (answer->body, "H264/90000"));
  g_assert_null (strstr (answer->body, "VP8/90000"));
  g_assert_nonnull (strstr (answer->body, "a=group:BUNDLE 0 1"));
  g_assert_nonnull (strstr (answer->body, "transport-wide-cc"));
  g_assert_nonnull (strstr (answer->body, "nack pli"));
}

static void
test_garbage (void)
{
  g_autoptr (Host) host = host_new (nowhere);
  g_autofree gchar *offer = make_offer (NULL, NULL);
  g_autofree gchar *half = g_strndup (offer, strlen (offer) / 2);
  g_autofree gchar *big = g_strnfill (10 << 20, 'v');
  g_autofree gchar *simulcast =
      make_offer ("a=mid:1\r\n", "a=mid:1\r\na=simulcast:send h;l\r\n");
  const struct {
    guint status;
    HostRequest request;
  } rows[] = {
    { 400, { "POST", NULL, "studio", SDP, .body = "" } },
    { 415, { "POST", NULL, "studio" } },
    { 400, { "POST", NULL, "studio", SDP, .body = "garbage" } },
    { 400, { "POST", NULL, "studio", SDP, .body = "v=0\0\0", .size = 5 } },
    { 400, { "POST", NULL, "studio", SDP, .body = half } },
    { 422, { "POST", NULL, "studio", SDP, .body = simulcast } },
    { 415, { "POST", NULL, "studio", "text/plain", .body = offer } },
    { 413, { "POST", NULL, "studio", SDP, .body = big } },
    { 413, { "POST", NULL, "studio", SDP, .body = big, .chunked = TRUE } },
    { 401, { "POST", NULL, NULL, SDP, .body = offer } },
    { 401, { "POST", NULL, "studi", SDP, .body = offer } },
    { 405, { "GET" } },
    { 405, { "PUT", NULL, "studio", SDP, .body = offer } },
    { 405, { "GET", "/0123" } },
    { 405, { "POST", "/0123", "studio", SDP, .body = offer } },
    { 404, { "DELETE", "/0123", "studio" } },
    { 404, { "PATCH", "/0123", "studio", FRAGMENT, .body = CANDIDATES } },
    { 404, { "GET", "/0123/events" } },
    { 404, { "GET", "/0123/else" } },
    { 405, { "POST", "/0123/events" } },
    { 401, { "DELETE", "/0123" } },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++)
    host_expect (host, rows[i].status, &rows[i].request);
  g_assert_cmpuint (ingest_server_get_n_sessions (host->server), ==, 0);
}

static void
test_options (void)
{
  g_autoptr (Host) host = host_new (nowhere);
  const HostRequest request = { "OPTIONS" };
  const HostRequest session = { "OPTIONS", "/0123" };
  g_autoptr (HostAnswer) answer = host_ask (host, &request);
  g_autoptr (HostAnswer) second = host_ask (host, &session);

  g_assert_cmpuint (answer->status, ==, 204);
  g_assert_cmpstr (
      soup_message_headers_get_one (answer->fields, "Accept-Post"), ==, SDP);
  g_assert_cmpstr (soup_message_headers_get_list (
                       answer->fields, "Access-Control-Allow-Methods"),
      ==, "OPTIONS, POST");
  g_assert_nonnull (strstr (soup_message_headers_get_list (
                                answer->fields, "Access-Control-Allow-Headers"),
      "Authorization"));
  g_assert_cmpuint (second->status, ==, 204);
  g_assert_cmpstr (soup_message_headers_get_list (second->fields, "Allow"), ==,
      "OPTIONS, PATCH, DELETE");
}

static void
test_trickle (void)
{
  g_autoptr (Host) host = host_new (nowhere);
  g_autofree gchar *tag = NULL;
  g_autofree gchar *path = publish (host, "studio", &tag);
  g_autofree gchar *restart = g_strdup (CANDIDATES);
  const struct {
    guint status;
    HostRequest request;
  } rows[] = {
    { 204, { "PATCH", path, "studio", FRAGMENT, tag, CANDIDATES } },
    { 204, { "PATCH", path, "studio", FRAGMENT, "*", CANDIDATES } },
    { 428, { "PATCH", path, "studio", FRAGMENT, NULL, CANDIDATES } },
    { 412, { "PATCH", path, "studio", FRAGMENT, "\"0123\"", CANDIDATES } },
    { 415, { "PATCH", path, "studio", SDP, tag, CANDIDATES } },
    { 400, { "PATCH", path, "studio", FRAGMENT, tag, "garbage" } },
    { 400, { "PATCH", path, "studio", FRAGMENT, tag, "" } },
    { 422, { "PATCH", path, "studio", FRAGMENT, "*", restart } },
    { 403, { "PATCH", path, "garage", FRAGMENT, tag, CANDIDATES } },
    { 401, { "PATCH", path, NULL, FRAGMENT, tag, CANDIDATES } },
    /* Nothing of that has ended it. */
    { 204, { "PATCH", path, "studio", FRAGMENT, tag, CANDIDATES } },
  };
  guint i;

  memcpy (strstr (restart, "EsAw"), "Else", 4);
  for (i = 0; i < G_N_ELEMENTS (rows); i++)
    host_expect (host, rows[i].status, &rows[i].request);
}

static void
test_delete (void)
{
  g_autoptr (Host) host = host_new (nowhere);
  g_autofree gchar *path = publish (host, "studio", NULL);
  const HostRequest request = { "DELETE", path, "studio" };
  const HostRequest wrong = { "DELETE", path, "garage" };
  const HostRequest nobody = { "DELETE", path };

  host_expect (host, 401, &nobody);
  host_expect (host, 403, &wrong);
  host_expect (host, 200, &request);
  host_expect (host, 404, &request);
  host_wait_sessions (host, 0);
  host_expect (host, 404, &request);
  g_assert_cmpuint (
      host_count (host, "weir-session", "state", "started"), ==, 1);
  g_assert_cmpuint (
      host_count (host, "weir-session", "reason", "the publisher ended it"), ==,
      1);
}

static void
test_limits (void)
{
  g_autoptr (Host) host = host_new (nowhere);
  g_autofree gchar *first = NULL;
  g_autofree gchar *second = NULL;
  g_autofree gchar *third = NULL;
  g_autofree gchar *offer = make_offer (NULL, NULL);
  const HostRequest request = { "POST", NULL, "garage", SDP, .body = offer };
  g_autoptr (HostAnswer) answer = NULL;
  HostRequest end = { "DELETE", NULL, "studio" };

  host->settings.sessions_max = 2;
  first = publish (host, "studio", NULL);
  second = publish (host, "garage", NULL);
  answer = host_ask (host, &request);
  g_assert_cmpuint (answer->status, ==, 503);
  g_assert_nonnull (
      soup_message_headers_get_one (answer->fields, "Retry-After"));
  end.path = first;
  host_expect (host, 200, &end);
  host_wait_sessions (host, 1);
  third = publish (host, "studio", NULL);
}

/* Who never connects loses the place. */
static void
test_never_connects (void)
{
  g_autoptr (Host) host = host_new (nowhere);
  g_autofree gchar *path = NULL;
  g_autofree gchar *events = NULL;
  HostRequest listen = { "GET" };
  g_autoptr (HostAnswer) answer = NULL;

  host->settings.connect_timeout = 1;
  path = publish (host, "studio", NULL);
  events = g_strconcat (path, "/events", NULL);
  listen.path = events;
  /* The channel is open until the session ends, and says so. */
  answer = host_ask (host, &listen);
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpstr (soup_message_headers_get_content_type (answer->fields, NULL),
      ==, "text/event-stream");
  g_assert_nonnull (strstr (answer->body,
      "data: {\"state\":\"ended\",\"reason\":\"not connected in time\"}\n\n"));
  host_wait_sessions (host, 0);
  /* It still says so to who comes late. */
  host_expect (host, 200, &listen);
}

/* No empty file tells of a session that brought nothing; what is not its own
 * stays. */
static void
test_nothing_recorded (void)
{
  g_autoptr (Host) host = host_new (NULL);
  g_autofree gchar *path = publish (host, "studio", NULL);
  g_autofree gchar *other = g_build_filename (host->folder, "other", NULL);
  const HostRequest request = { "DELETE", path, "studio" };

  g_assert_true (g_file_set_contents (other, "", 0, NULL));
  g_assert_cmpuint (host_count_files (host->folder), ==, 2);
  host_expect (host, 200, &request);
  host_wait_sessions (host, 0);
  g_assert_cmpuint (host_count_files (host->folder), ==, 1);
  g_assert_true (g_file_test (other, G_FILE_TEST_EXISTS));
}

static void
test_denied (void)
{
  g_autoptr (Host) host = host_new (nowhere);
  g_autofree gchar *offer = make_offer (NULL, NULL);
  g_autofree gchar *other = NULL;
  const HostRequest request = { "POST", NULL, "studio", SDP, .body = offer };
  g_autoptr (HostAnswer) answer = NULL;

  ingest_tokens_deny (host->tokens, "studio", g_get_monotonic_time (), 1000);
  answer = host_ask (host, &request);
  g_assert_cmpuint (answer->status, ==, 403);
  g_assert_cmpstr (
      soup_message_headers_get_one (answer->fields, "Retry-After"), ==, "1000");
  other = publish (host, "garage", NULL);
}

static void
test_page (void)
{
  g_autoptr (Host) host = host_new (nowhere);
  g_autofree gchar *url = ingest_server_get_url (host->server);
  g_autofree gchar *script = g_strconcat (url, "page.js", NULL);
  g_autofree gchar *other = g_strconcat (url, "whipped", NULL);
  const HostRequest requests[] = { { "GET", url }, { "GET", script },
    { "GET", other }, { "POST", url } };
  g_autoptr (HostAnswer) answer = host_ask (host, &requests[0]);

  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_nonnull (strstr (answer->body, "<!DOCTYPE html>"));
  g_assert_nonnull (strstr (
      soup_message_headers_get_one (answer->fields, "Content-Security-Policy"),
      "default-src 'self'"));
  host_expect (host, 200, &requests[1]);
  host_expect (host, 404, &requests[2]);
  host_expect (host, 405, &requests[3]);
}

/* ---- connections ---- */

static gboolean
is_readable (gpointer socket)
{
  return g_socket_condition_check (socket, G_IO_IN) != 0;
}

/* A client that asks for @path, reads the beginning of the answer, and goes. */
static void
ask_and_go (Host *host, const gchar *path)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autofree gchar *url = ingest_server_get_url (host->server);
  g_autofree gchar *request =
      g_strdup_printf ("GET %s HTTP/1.1\r\nHost: test\r\n\r\n", path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_to_uri (client, url, 80, NULL, &error);
  GSocket *socket;
  gchar begin[12];

  g_assert_no_error (error);
  socket = g_socket_connection_get_socket (connection);
  g_output_stream_write_all (
      g_io_stream_get_output_stream (G_IO_STREAM (connection)), request,
      strlen (request), NULL, NULL, &error);
  g_assert_no_error (error);
  host_wait (is_readable, socket);
  g_socket_receive (socket, begin, sizeof (begin), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (begin, 12, "HTTP/1.1 200", 12);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
}

/* No more files are open than there were. */
static gboolean
has_closed (gpointer n_files)
{
  return host_count_files ("/proc/self/fd") <= *(guint *) n_files;
}

/* Connections that the client closes do not stay open here: not behind the
 * answer, and not in the midst of one once the session is over. */
static void
test_left_connections (void)
{
  g_autoptr (Host) host = host_new (nowhere);
  guint n_files = G_MAXUINT;
  guint i, j;

  /* Twice, so that what is set up once and for all does not count. */
  for (i = 0; i < 2; i++) {
    g_autofree gchar *path = publish (host, "studio", NULL);
    g_autofree gchar *events = g_strconcat ("/whip", path, "/events", NULL);
    const HostRequest end = { "DELETE", path, "studio" };

    for (j = 0; j < 10; j++)
      ask_and_go (host, "/");
    ask_and_go (host, events);
    ask_and_go (host, events);
    host_expect (host, 200, &end);
    host_wait_sessions (host, 0);
    soup_session_abort (host->client);
    host_wait (has_closed, &n_files);
    n_files = host_count_files ("/proc/self/fd");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/endpoint/answer", test_answer);
  g_test_add_func ("/endpoint/garbage", test_garbage);
  g_test_add_func ("/endpoint/options", test_options);
  g_test_add_func ("/endpoint/trickle", test_trickle);
  g_test_add_func ("/endpoint/delete", test_delete);
  g_test_add_func ("/endpoint/limits", test_limits);
  g_test_add_func ("/endpoint/never-connects", test_never_connects);
  g_test_add_func ("/endpoint/nothing-recorded", test_nothing_recorded);
  g_test_add_func ("/endpoint/denied", test_denied);
  g_test_add_func ("/endpoint/page", test_page);
  g_test_add_func ("/endpoint/left-connections", test_left_connections);
  return g_test_run ();
}
