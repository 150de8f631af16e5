/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors of pipelines, and of the servers that they read. */

#include "source-error.h"

#include <gio/gio.h>
#include <string.h>

#define CONNECT_TIMEOUT 5 /* s */

/* ---- Web servers ---- */

static const struct {
  GTlsCertificateFlags flag;
  const gchar *fault;
} certificate_faults[] = {
  { G_TLS_CERTIFICATE_EXPIRED, "its certificate has expired" },
  { G_TLS_CERTIFICATE_NOT_ACTIVATED, "its certificate is not valid yet" },
  { G_TLS_CERTIFICATE_REVOKED, "its certificate was revoked" },
  { G_TLS_CERTIFICATE_BAD_IDENTITY, "its certificate is of another name" },
  { G_TLS_CERTIFICATE_UNKNOWN_CA,
      "its certificate is by an authority that this host does not trust" },
};

static gboolean
on_certificate (GTlsConnection *connection, GTlsCertificate *certificate,
    GTlsCertificateFlags errors, gpointer user_data)
{
  GTlsCertificateFlags *flags = user_data;

  *flags = errors;
  return FALSE;
}

static void
on_event (GSocketClient *client, GSocketClientEvent event,
    GSocketConnectable *connectable, GIOStream *stream, gpointer user_data)
{
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
    g_signal_connect (
        stream, "accept-certificate", G_CALLBACK (on_certificate), user_data);
}

/* Why the server of @url cannot be talked to. souphttpsrc keeps that to itself;
 * it connects by the same library, to which the same happens again. Free with
 * g_free(). */
static gchar *
find_web_reason (const gchar *url)
{
  gboolean is_secure = g_str_has_prefix (url, "https:");
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  GTlsCertificateFlags flags = 0;

  g_socket_client_set_tls (client, is_secure);
  g_socket_client_set_timeout (client, CONNECT_TIMEOUT);
  g_signal_connect (client, "event", G_CALLBACK (on_event), &flags);
  connection = g_socket_client_connect_to_uri (
      client, url, is_secure ? 443 : 80, NULL, &error);
  for (guint i = 0; i < G_N_ELEMENTS (certificate_faults); i++)
    if (flags & certificate_faults[i].flag)
      return g_strdup (certificate_faults[i].fault);
  return g_strdup (
      error ? error->message : "its answer breaks off, or is not one of HTTP");
}

/* ---- Elements ---- */

/* What the element says, and the cause that it tells programmers. Free with
 * g_free(). */
static gchar *
describe (const GError *error, const gchar *debug)
{
  const gchar *cause = debug ? strrchr (debug, '\n') : NULL;

  if (!cause || strstr (error->message, cause + 1))
    return g_strdup (error->message);
  return g_strdup_printf ("%s %s", error->message, cause + 1);
}

static gchar *
explain_input (const GError *error, const gchar *debug, const gchar *location)
{
  gboolean is_web = g_str_has_prefix (location, "http:") ||
                    g_str_has_prefix (location, "https:");
  g_autofree gchar *reason = is_web && error->domain == GST_STREAM_ERROR
                                 ? find_web_reason (location)
                                 : describe (error, debug);

  return g_strdup_printf ("no stream comes from there; check the address and "
                          "that its server is up (%s)",
      reason);
}

gchar *
cli_explain_error (GstMessage *message, const gchar *location)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *debug = NULL;
  const gchar *why = CLI_DAMAGED;

  gst_message_parse_error (message, &error, &debug);
  if (location)
    return explain_input (error, debug, location);
  if (error->domain != GST_STREAM_ERROR)
    return g_strdup (error->message);
  if (error->code == GST_STREAM_ERROR_TYPE_NOT_FOUND ||
      error->code == GST_STREAM_ERROR_WRONG_TYPE)
    return g_strdup ("it is not a video or sound file of a known kind");
  if (error->code == GST_STREAM_ERROR_CODEC_NOT_FOUND)
    why = "it cannot be decoded; install the plugin packages that the README "
          "names";
  return g_strdup_printf ("%s (GStreamer: %s)", why, error->message);
}
