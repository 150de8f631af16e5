/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packing and unpacking by zstd, within bounds. */
#include "feed/feed-pack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

/* Fast, and fingerprints pack no better however hard one tries. */
#define LEVEL 3

#define WINDOW_LOG 23

#define PIECE 131072

/* ---- Unpacking ---- */

gboolean
weir_feed_check_file (
    const gchar *path, const WeirFeedFile *file, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *piece = g_malloc (PIECE);
  FILE *stream = fopen (path, "rbe");
  guint64 size = 0;
  gsize length;
  gboolean failed;

  if (!stream)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
        "'%s' cannot be read: %s", path, g_strerror (errno));
  while ((length = fread (piece, 1, PIECE, stream)) > 0) {
    g_checksum_update (sum, piece, (gssize) length);
    size += length;
  }
  failed = ferror (stream) != 0;
  fclose (stream);
  if (failed)
    return weir_feed_refuse (
        error, WEIR_FEED_ERROR_CACHE, "'%s' cannot be read", path);
  if (size == file->size &&
      strcmp (g_checksum_get_string (sum), file->digest) == 0)
    return TRUE;
  return weir_feed_refuse (error, WEIR_FEED_ERROR_DIGEST,
      "a file of the feed is not the one that was signed; if it stays so, the "
      "publisher must publish again");
}

typedef struct {
  ZSTD_DCtx *context;
  guint8 *output;
  guint64 left; /* bytes that may still come */
  WeirUnpackFunc func;
  gpointer user_data;
} Unpacking;

static gboolean
refuse_unpacked (GError **error, const gchar *reason)
{
  return weir_feed_refuse (error, WEIR_FEED_ERROR_SIZE,
      "a file of the feed does not unpack to what was announced: %s", reason);
}

/* Unpacks one piece of input. @ended: whether a frame has ended with it. */
static gboolean
unpack_piece (
    Unpacking *unpacking, ZSTD_inBuffer *input, gboolean *ended, GError **error)
{
  gboolean full = TRUE;

  while (input->pos < input->size || full) {
    ZSTD_outBuffer output = { unpacking->output, PIECE, 0 };
    gsize left;

    if (*ended)
      return input->pos == input->size ||
             refuse_unpacked (error, "it goes on after its end");
    left = ZSTD_decompressStream (unpacking->context, &output, input);
    if (ZSTD_isError (left))
      return refuse_unpacked (error, ZSTD_getErrorName (left));
    if (output.pos > unpacking->left)
      return refuse_unpacked (error, "it is larger");
    unpacking->left -= output.pos;
    *ended = left == 0;
    full = output.pos == output.size;
    if (output.pos > 0 && !unpacking->func (unpacking->output, output.pos,
                              unpacking->user_data, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
unpack_stream (Unpacking *unpacking, FILE *stream, GError **error)
{
  g_autofree guint8 *piece = g_malloc (PIECE);
  gboolean ended = FALSE;
  gsize length;

  while ((length = fread (piece, 1, PIECE, stream)) > 0) {
    ZSTD_inBuffer input = { piece, length, 0 };

    if (!unpack_piece (unpacking, &input, &ended, error))
      return FALSE;
  }
  if (!ended || unpacking->left > 0)
    return refuse_unpacked (error, "it is smaller");
  return TRUE;
}

gboolean
weir_feed_unpack (const gchar *path, guint64 unpacked, WeirUnpackFunc func,
    gpointer user_data, GError **error)
{
  g_autofree guint8 *output = g_malloc (PIECE);
  FILE *stream = fopen (path, "rbe");
  Unpacking unpacking = {
    .output = output, .left = unpacked, .func = func, .user_data = user_data
  };
  gboolean done;

  if (!stream)
    return weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
        "'%s' cannot be read: %s", path, g_strerror (errno));
  unpacking.context = ZSTD_createDCtx ();
  ZSTD_DCtx_setParameter (unpacking.context, ZSTD_d_windowLogMax, WINDOW_LOG);
  done = unpack_stream (&unpacking, stream, error);
  ZSTD_freeDCtx (unpacking.context);
  fclose (stream);
  return done;
}

/* ---- Packing ---- */

struct _WeirFeedPacker {
  gchar *path;
  FILE *stream;
  ZSTD_CCtx *context;
  GChecksum *sum;
  guint8 *output;
  guint64 size, unpacked;
  gint failure; /* errno of the first write that failed; 0: none */
};

WeirFeedPacker *
weir_feed_packer_new (const gchar *path, GError **error)
{
  FILE *stream = fopen (path, "wbe");
  WeirFeedPacker *packer;

  if (!stream) {
    weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
        "'%s' cannot be written: %s", path, g_strerror (errno));
    return NULL;
  }
  packer = g_new0 (WeirFeedPacker, 1);
  packer->path = g_strdup (path);
  packer->stream = stream;
  packer->sum = g_checksum_new (G_CHECKSUM_SHA256);
  packer->output = g_malloc (PIECE);
  packer->context = ZSTD_createCCtx ();
  ZSTD_CCtx_setParameter (packer->context, ZSTD_c_compressionLevel, LEVEL);
  ZSTD_CCtx_setParameter (packer->context, ZSTD_c_windowLog, WINDOW_LOG - 2);
  ZSTD_CCtx_setParameter (packer->context, ZSTD_c_checksumFlag, 1);
  return packer;
}

static void
put (WeirFeedPacker *packer, gconstpointer data, gsize length,
    ZSTD_EndDirective directive)
{
  ZSTD_inBuffer input = { data, length, 0 };
  gsize left;

  do {
    ZSTD_outBuffer output = { packer->output, PIECE, 0 };

    left = ZSTD_compressStream2 (packer->context, &output, &input, directive);
    g_return_if_fail (!ZSTD_isError (left));
    g_checksum_update (packer->sum, packer->output, (gssize) output.pos);
    packer->size += output.pos;
    if (packer->failure == 0 && output.pos > 0 &&
        fwrite (packer->output, output.pos, 1, packer->stream) != 1)
      packer->failure = errno;
  } while (directive == ZSTD_e_end ? left > 0 : input.pos < input.size);
}

void
weir_feed_packer_put (WeirFeedPacker *packer, gconstpointer data, gsize length)
{
  packer->unpacked += length;
  put (packer, data, length, ZSTD_e_continue);
}

gboolean
weir_feed_packer_finish (
    WeirFeedPacker *packer, WeirFeedFile *file, GError **error)
{
  gint failure;

  put (packer, NULL, 0, ZSTD_e_end);
  failure = packer->failure;
  if (failure == 0 &&
      (fflush (packer->stream) != 0 || fsync (fileno (packer->stream)) != 0))
    failure = errno;
  if (fclose (packer->stream) != 0 && failure == 0)
    failure = errno;
  file->size = packer->size;
  file->unpacked = packer->unpacked;
  g_strlcpy (
      file->digest, g_checksum_get_string (packer->sum), sizeof (file->digest));
  if (failure != 0)
    weir_feed_refuse (error, WEIR_FEED_ERROR_CACHE,
        "'%s' cannot be written: %s", packer->path, g_strerror (failure));
  ZSTD_freeCCtx (packer->context);
  g_checksum_free (packer->sum);
  g_free (packer->output);
  g_free (packer->path);
  g_free (packer);
  return failure == 0;
}
