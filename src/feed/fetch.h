/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files over HTTPS, by libcurl, within bounds of size and time. TLS 1.2 or newer,
 * certificates verified; HTTP/2 where the server has it, connections kept; never
 * anything but https, redirected or not. The proxy is that of the variables that
 * curl reads (https_proxy, no_proxy), as are CURL_CA_BUNDLE, SSL_CERT_FILE and
 * SSL_CERT_DIR. One thread at a time.
 */
#pragma once

#include "feed/feed-error.h"

G_BEGIN_DECLS

typedef struct {
  const gchar *url;
  const gchar *etag; /* of what is there already; NULL: nothing is */
  guint64 limit;     /* bytes that are taken at most */
  const gchar *path; /* a file to write into, which goes on where it ends; NULL:
                        into memory */
  gboolean may_miss; /* that there is no such file is no failure */
} WeirFetchRequest;

typedef struct {
  guint status;  /* of HTTP: 200, 304, or 404 if it may miss */
  GString *body; /* without a path */
  gchar *etag;   /* NULL: the server says none */
} WeirFetchResponse;

void weir_fetch_response_clear (WeirFetchResponse *response);

/* Something that fetches: libcurl, or what a test puts in its place. Fills in
 * @response, to be cleared after TRUE. FALSE with @error, and in @retry_after (0:
 * nothing was said) how many seconds the server wants to be left alone. */
typedef gboolean (*WeirFetchFunc) (gpointer fetcher,
    const WeirFetchRequest *request, WeirFetchResponse *response,
    guint *retry_after, GError **error);

typedef struct _WeirFetcher WeirFetcher;

/* Must not be called first by two threads at once. */
WeirFetcher *weir_fetcher_new (void);
void weir_fetcher_free (WeirFetcher *fetcher);

/* A WeirFetchFunc. */
gboolean weir_fetcher_get (gpointer fetcher, const WeirFetchRequest *request,
    WeirFetchResponse *response, guint *retry_after, GError **error);

/* Ends what is being fetched, and all that would be, with
 * WEIR_FEED_ERROR_STOPPED. By any thread. */
void weir_fetcher_stop (WeirFetcher *fetcher);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirFetcher, weir_fetcher_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirFetchResponse, weir_fetch_response_clear)

G_END_DECLS
