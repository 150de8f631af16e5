/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a source gives nothing, in words for those who run commands. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define CLI_DAMAGED "it is damaged or cut short; copy or record it again"

/* One line about the error @message, and what to do. @location is the URL when it
 * comes from the element that reads that, else NULL. For a web server that tells
 * nothing it may connect to that once more, and wait some seconds. Free with
 * g_free(). */
gchar *cli_explain_error (GstMessage *message, const gchar *location);

G_END_DECLS
