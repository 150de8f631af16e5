/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTPS by libcurl. */
#include "feed/fetch.h"

#include "config.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Seconds: to reach a server; without a byte a second to speak of; and for all
 * of a file, besides what it takes at the slowest rate that is put up with. */
#define CONNECT_TIMEOUT 10
#define STALL_TIMEOUT   10
#define BASE_TIMEOUT    20
#define SLOWEST_RATE    16384 /* bytes a second */

#define MAX_REDIRECTS 3

#define HTTP_OK            200
#define HTTP_PARTIAL       206
#define HTTP_NOT_MODIFIED  304
#define HTTP_FORBIDDEN     403
#define HTTP_NOT_FOUND     404
#define HTTP_GONE          410
#define HTTP_NO_SUCH_RANGE 416

/* How long it waits before it looks whether it is to stop. ms */
#define POLL_TIMEOUT 1000

struct _WeirFetcher {
  CURLM *multi;
  CURL *easy;
  gint stopped;
  gchar reason[CURL_ERROR_SIZE];
};

/* One request on its way. */
typedef struct {
  const WeirFetchRequest *request;
  WeirFetchResponse *response;
  CURL *easy;
  gint descriptor; /* of the file; -1: into memory */
  guint64 offset;  /* where the file goes on */
  guint64 taken;   /* bytes, with those that were there */
  gboolean begun;  /* the first byte has been taken */
  gboolean too_large;
  gint failure; /* errno of a write */
} Transfer;

void
weir_fetch_response_clear (WeirFetchResponse *response)
{
  g_clear_pointer (&response->etag, g_free);
  if (response->body)
    g_string_free (g_steal_pointer (&response->body), TRUE);
}

/* ---- The fetcher ---- */

static gpointer
init_curl (gpointer user_data)
{
  return GINT_TO_POINTER (curl_global_init (CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

WeirFetcher *
weir_fetcher_new (void)
{
  static GOnce once = G_ONCE_INIT;
  WeirFetcher *fetcher = g_new0 (WeirFetcher, 1);

  g_once (&once, init_curl, NULL);
  fetcher->multi = curl_multi_init ();
  fetcher->easy = curl_easy_init ();
  return fetcher;
}

void
weir_fetcher_free (WeirFetcher *fetcher)
{
  curl_easy_cleanup (fetcher->easy);
  curl_multi_cleanup (fetcher->multi);
  g_free (fetcher);
}

void
weir_fetcher_stop (WeirFetcher *fetcher)
{
  g_atomic_int_set (&fetcher->stopped, TRUE);
  curl_multi_wakeup (fetcher->multi);
}

/* ---- What comes in ---- */

static gboolean
take_into_file (Transfer *transfer, const gchar *data, gsize length)
{
  while (length > 0) {
    gssize written = write (transfer->descriptor, data, length);

    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0) {
      transfer->failure = errno;
      return FALSE;
    }
    data += written;
    length -= (gsize) written;
  }
  return TRUE;
}

/* A server that does not go on where the file ends begins anew. */
static gboolean
begin_body (Transfer *transfer)
{
  glong status = 0;

  transfer->begun = TRUE;
  curl_easy_getinfo (transfer->easy, CURLINFO_RESPONSE_CODE, &status);
  transfer->taken = status == HTTP_PARTIAL ? transfer->offset : 0;
  if (transfer->descriptor < 0 || transfer->taken > 0 ||
      (ftruncate (transfer->descriptor, 0) == 0 &&
          lseek (transfer->descriptor, 0, SEEK_SET) == 0))
    return TRUE;
  transfer->failure = errno;
  return FALSE;
}

static size_t
on_body (gchar *data, size_t size, size_t n, void *user_data)
{
  Transfer *transfer = user_data;
  gsize length = size * n;
  glong status = 0;

  curl_easy_getinfo (transfer->easy, CURLINFO_RESPONSE_CODE, &status);
  if (status != HTTP_OK && status != HTTP_PARTIAL)
    return length; /* a page for people */
  if (!transfer->begun && !begin_body (transfer))
    return 0;
  if (length > transfer->request->limit - transfer->taken) {
    transfer->too_large = TRUE;
    return 0;
  }
  transfer->taken += length;
  if (transfer->descriptor >= 0)
    return take_into_file (transfer, data, length) ? length : 0;
  g_string_append_len (transfer->response->body, data, (gssize) length);
  return length;
}

/* The last of several answers counts, as there are when it is redirected. */
static size_t
on_header (gchar *data, size_t size, size_t n, void *user_data)
{
  Transfer *transfer = user_data;
  g_autofree gchar *line = g_strndup (data, size * n);

  if (g_str_has_prefix (line, "HTTP/"))
    g_clear_pointer (&transfer->response->etag, g_free);
  if (g_ascii_strncasecmp (line, "etag:", strlen ("etag:")) == 0) {
    g_free (transfer->response->etag);
    transfer->response->etag = g_strdup (g_strstrip (line + strlen ("etag:")));
  }
  return size * n;
}

/* ---- A request ---- */

/* What the command curl reads from the environment and its library does not. */
static void
set_authorities (CURL *easy)
{
  const gchar *file = g_getenv ("CURL_CA_BUNDLE");
  const gchar *folder = g_getenv ("SSL_CERT_DIR");

  if (!file || *file == '\0')
    file = g_getenv ("SSL_CERT_FILE");
  if (file && *file != '\0')
    curl_easy_setopt (easy, CURLOPT_CAINFO, file);
  if (folder && *folder != '\0')
    curl_easy_setopt (easy, CURLOPT_CAPATH, folder);
}

static void
set_options (WeirFetcher *fetcher, Transfer *transfer)
{
  const WeirFetchRequest *request = transfer->request;
  CURL *easy = fetcher->easy;

  curl_easy_reset (easy);
  curl_easy_setopt (easy, CURLOPT_URL, request->url);
  curl_easy_setopt (easy, CURLOPT_USERAGENT, "weir/" VERSION);
  curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt (easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  curl_easy_setopt (easy, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt (easy, CURLOPT_MAXREDIRS, (glong) MAX_REDIRECTS);
  curl_easy_setopt (easy, CURLOPT_SSLVERSION, (glong) CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt (easy, CURLOPT_HTTP_VERSION, (glong) CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt (easy, CURLOPT_CONNECTTIMEOUT, (glong) CONNECT_TIMEOUT);
  curl_easy_setopt (easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt (easy, CURLOPT_LOW_SPEED_TIME, (glong) STALL_TIMEOUT);
  curl_easy_setopt (easy, CURLOPT_TIMEOUT,
      (glong) (BASE_TIMEOUT + request->limit / SLOWEST_RATE));
  curl_easy_setopt (
      easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t) request->limit);
  curl_easy_setopt (easy, CURLOPT_ERRORBUFFER, fetcher->reason);
  curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt (easy, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt (easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt (easy, CURLOPT_HEADERDATA, transfer);
  /* Files are packed already, and go on in their middle. */
  if (!request->path)
    curl_easy_setopt (easy, CURLOPT_ACCEPT_ENCODING, "");
  if (transfer->offset > 0)
    curl_easy_setopt (
        easy, CURLOPT_RESUME_FROM_LARGE, (curl_off_t) transfer->offset);
  set_authorities (easy);
}

/* Opens the file at its end. One that is too large is begun anew. */
static gboolean
open_file (Transfer *transfer, GError **error)
{
  const gchar *path = transfer->request->path;
  struct stat status;

  transfer->descriptor =
      g_open (path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (transfer->descriptor < 0 || fstat (transfer->descriptor, &status) != 0)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
        "'%s' cannot be written: %s", path, g_strerror (errno));
  if ((guint64) status.st_size < transfer->request->limit)
    transfer->offset = (guint64) status.st_size;
  lseek (transfer->descriptor, (off_t) transfer->offset, SEEK_SET);
  return TRUE;
}

/* Runs the transfer; CURLE_ABORTED_BY_CALLBACK when it is to stop. */
static CURLcode
perform (WeirFetcher *fetcher)
{
  gint running = 1, left;
  CURLMsg *message = NULL;

  while (running > 0) {
    if (g_atomic_int_get (&fetcher->stopped))
      return CURLE_ABORTED_BY_CALLBACK;
    if (curl_multi_perform (fetcher->multi, &running) != CURLM_OK)
      return CURLE_FAILED_INIT;
    if (running > 0)
      curl_multi_poll (fetcher->multi, NULL, 0, POLL_TIMEOUT, NULL);
  }
  message = curl_multi_info_read (fetcher->multi, &left);
  return message ? message->data.result : CURLE_FAILED_INIT;
}

static gboolean
refuse_transfer (const WeirFetcher *fetcher, const Transfer *transfer,
    CURLcode code, GError **error)
{
  const gchar *url = transfer->request->url;

  if (code == CURLE_ABORTED_BY_CALLBACK)
    return weir_feed_refuse (
        error, WEIR_FEED_ERROR_STOPPED, "%s: stopped", url);
  if (transfer->failure != 0)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
        "'%s' cannot be written: %s", transfer->request->path,
        g_strerror (transfer->failure));
  if (transfer->too_large || code == CURLE_FILESIZE_EXCEEDED)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_SIZE,
        "%s is larger than %" G_GUINT64_FORMAT " bytes", url,
        transfer->request->limit);
  return weir_feed_refuse (error, WEIR_FEED_ERROR_NETWORK, "%s: %s", url,
      fetcher->reason[0] != '\0' ? fetcher->reason : curl_easy_strerror (code));
}

/* Object stores say 403 of what they do not have. */
static gboolean
is_missing (glong status)
{
  return status == HTTP_NOT_FOUND || status == HTTP_FORBIDDEN ||
         status == HTTP_GONE;
}

/* Whether the server gave what was asked for. */
static gboolean
check_status (const Transfer *transfer, glong status, GError **error)
{
  const WeirFetchRequest *request = transfer->request;

  if (status == HTTP_OK || (status == HTTP_PARTIAL && transfer->offset > 0) ||
      (status == HTTP_NOT_MODIFIED && request->etag) ||
      (is_missing (status) && request->may_miss))
    return TRUE;
  if (status == HTTP_NO_SUCH_RANGE)
    g_unlink (request->path); /* begun anew next time */
  return weir_feed_refuse (error, WEIR_FEED_ERROR_SERVER,
      "%s: the server answers %ld", request->url, status);
}

static gboolean
finish (WeirFetcher *fetcher, Transfer *transfer, CURLcode code,
    guint *retry_after, GError **error)
{
  curl_off_t wait = 0;
  glong status = 0;

  curl_easy_getinfo (fetcher->easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo (fetcher->easy, CURLINFO_RETRY_AFTER, &wait);
  *retry_after = (guint) CLAMP (wait, 0, G_MAXINT);
  if (code != CURLE_OK)
    return refuse_transfer (fetcher, transfer, code, error);
  if (!check_status (transfer, status, error))
    return FALSE;
  transfer->response->status = (guint) status;
  if (status == HTTP_PARTIAL)
    transfer->response->status = HTTP_OK;
  if (is_missing (status))
    transfer->response->status = HTTP_NOT_FOUND;
  return TRUE;
}

gboolean
weir_fetcher_get (gpointer user_data, const WeirFetchRequest *request,
    WeirFetchResponse *response, guint *retry_after, GError **error)
{
  WeirFetcher *fetcher = user_data;
  Transfer transfer = { .request = request,
    .response = response,
    .easy = fetcher->easy,
    .descriptor = -1 };
  struct curl_slist *headers = NULL;
  gboolean done;

  *retry_after = 0;
  *response = (WeirFetchResponse){ 0 };
  if (request->path && !open_file (&transfer, error))
    return FALSE;
  if (!request->path)
    response->body = g_string_new (NULL);
  fetcher->reason[0] = '\0';
  set_options (fetcher, &transfer);
  if (request->etag) {
    g_autofree gchar *line =
        g_strconcat ("If-None-Match: ", request->etag, NULL);

    headers = curl_slist_append (headers, line);
    curl_easy_setopt (fetcher->easy, CURLOPT_HTTPHEADER, headers);
  }
  curl_multi_add_handle (fetcher->multi, fetcher->easy);
  done = finish (fetcher, &transfer, perform (fetcher), retry_after, error);
  curl_multi_remove_handle (fetcher->multi, fetcher->easy);
  curl_slist_free_all (headers);
  if (transfer.descriptor >= 0)
    g_close (transfer.descriptor, NULL);
  if (!done)
    weir_fetch_response_clear (response);
  return done;
}
