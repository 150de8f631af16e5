/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors of feeds. */
#include "feed/feed-error.h"

/* clang-format off */
G_DEFINE_QUARK (weir-feed-error-quark, weir_feed_error)
/* clang-format on */

gboolean
weir_feed_refuse (GError **error, WeirFeedError code, const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_strdelimit (message, "\r\n", ' ');
  g_set_error_literal (error, WEIR_FEED_ERROR, (gint) code, message);
  return FALSE;
}
