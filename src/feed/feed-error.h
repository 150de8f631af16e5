/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a feed could not be brought up to date. The bank in use stays in use. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  WEIR_FEED_ERROR_SETTING,   /* an address, key or setting is not usable */
  WEIR_FEED_ERROR_NETWORK,   /* no answer, or a broken one; TLS */
  WEIR_FEED_ERROR_SERVER,    /* the server says no */
  WEIR_FEED_ERROR_SIZE,      /* more than was announced, or is taken */
  WEIR_FEED_ERROR_SIGNATURE, /* not signed by those who may */
  WEIR_FEED_ERROR_FORMAT,    /* signed, and not understood */
  WEIR_FEED_ERROR_LIST,      /* of another list */
  WEIR_FEED_ERROR_ROLLBACK,  /* older than what is in use */
  WEIR_FEED_ERROR_EXPIRED,   /* nobody has confirmed it for too long */
  WEIR_FEED_ERROR_CLOCK,     /* of the future */
  WEIR_FEED_ERROR_DIGEST, /* a file, or all together, is not what was signed */
  WEIR_FEED_ERROR_GATE,   /* a change that no list should make */
  WEIR_FEED_ERROR_CACHE,  /* the cache directory cannot be used */
  WEIR_FEED_ERROR_READ_ONLY, /* it is for others to write */
  WEIR_FEED_ERROR_STOPPED,   /* by the caller */
} WeirFeedError;

#define WEIR_FEED_ERROR (weir_feed_error_quark ())
GQuark weir_feed_error_quark (void);

/* Sets @error to one line; always FALSE. */
gboolean weir_feed_refuse (GError **error, WeirFeedError code,
    const gchar *format, ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
