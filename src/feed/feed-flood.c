/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file a reference, appended to. */
#include "feed/feed-flood.h"

#include "feed/feed-lines.h"
#include "feed/feed-settings.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER    "flood"
#define REFERENCE "reference "
#define HELD      "held "

/* Of the digests of ids and of streams. */
#define ID_DIGITS     32
#define STREAM_DIGITS 16

/* A file that is larger is written anew with the newest of what counts of it: at
 * most half as much. */
#define MAX_SIZE (128 * 1024)
#define MAX_KEPT 1100

/* A stream, from when it began until it matched, us since 1970. */
typedef struct {
  gint64 begin, end;
} Span;

/* What a file says. */
typedef struct {
  gboolean exists;
  gboolean large;
  gchar *id;
  GHashTable *streams; /* of Span, those that count, by the stream's digest */
  guint64 held;        /* the limit that was exceeded; 0: none was */
} Flood;

static void
clear_flood (Flood *flood)
{
  g_free (flood->id);
  g_clear_pointer (&flood->streams, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Flood, clear_flood)

static gchar *
digest (const gchar *text, gsize n_digits)
{
  gchar *digits = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  digits[n_digits] = '\0';
  return digits;
}

/* ---- Reading ---- */

/* "TIME STREAM BEGIN" */
static void
take_stream (Flood *flood, gchar **words, gint64 since, gint64 until)
{
  guint64 begin, end;

  if (weir_feed_parse_number (words[0], 0, WEIR_FEED_MAX_NUMBER, &end) &&
      weir_feed_is_hex (words[1], STREAM_DIGITS) &&
      weir_feed_parse_number (words[2], 0, end, &begin) &&
      (gint64) end > since && (gint64) end < until) {
    const Span span = { (gint64) begin, (gint64) end };

    g_hash_table_replace (
        flood->streams, g_strdup (words[1]), g_memdup2 (&span, sizeof (span)));
  }
}

/* A line that was torn, as by a full disk, is none. */
static void
take_line (Flood *flood, const gchar *line, gint64 since, gint64 until)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 4);
  guint n_words = g_strv_length (words);
  guint64 number;

  if (n_words == 3)
    take_stream (flood, words, since, until);
  else if (n_words == 2 && g_str_has_prefix (line, REFERENCE) && !flood->id)
    flood->id = g_uri_unescape_string (words[1], NULL);
  else if (n_words == 2 && g_str_has_prefix (line, HELD) &&
           weir_feed_parse_number (words[1], 1, WEIR_FEED_MAX_STREAMS, &number))
    flood->held = MAX (flood->held, number);
}

/* What the file @path says of streams that matched from @since to @until. */
static void
read_flood (const gchar *path, gint64 since, gint64 until, Flood *flood)
{
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;
  gsize length;

  *flood = (Flood){ .streams = g_hash_table_new_full (
                        g_str_hash, g_str_equal, g_free, g_free) };
  if (!g_file_get_contents (path, &text, &length, NULL))
    return;
  flood->exists = TRUE;
  flood->large = length > MAX_SIZE;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    take_line (flood, lines[i], since, until);
}

/* Whether what was held is so by @settings, which may have been changed since. */
static gboolean
is_held (const Flood *flood, const WeirFeedSettings *settings)
{
  return flood->held > 0 && settings->max_streams > 0 &&
         settings->max_streams <= flood->held;
}

static gboolean
is_confirmed (const gchar *id, const WeirFeedSettings *settings)
{
  g_auto (GStrv) ids =
      g_strsplit (settings->confirmed ? settings->confirmed : "", ";", -1);

  for (guint i = 0; ids[i]; i++)
    if (strcmp (g_strstrip (ids[i]), id) == 0)
      return TRUE;
  return FALSE;
}

/* ---- Writing ---- */

static void
append_first (GString *text, const gchar *id)
{
  g_autofree gchar *escaped = g_uri_escape_string (id, NULL, TRUE);

  g_string_append_printf (text, REFERENCE "%s\n", escaped);
}

static void
append_held (GString *text, guint64 limit)
{
  g_string_append_printf (text, HELD "%" G_GUINT64_FORMAT "\n", limit);
}

/* Appends @text at once, so that the lines of others stay whole. */
static void
append (const gchar *path, const GString *text)
{
  gint descriptor =
      g_open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  gssize written;

  if (descriptor < 0)
    return;
  do
    written = write (descriptor, text->str, text->len);
  while (written < 0 && errno == EINTR);
  g_close (descriptor, NULL);
}

static void
append_stream (GString *text, const gchar *stream, const Span *span)
{
  g_string_append_printf (text,
      "%" G_GINT64_FORMAT " %s %" G_GINT64_FORMAT "\n", span->end, stream,
      span->begin);
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  const gint64 *first = a;
  const gint64 *second = b;

  return (*first > *second) - (*first < *second);
}

/* When the oldest of the MAX_KEPT newest @streams matched. */
static gint64
find_oldest_kept (GHashTable *streams)
{
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (gint64));
  GHashTableIter iter;
  gpointer span;

  g_hash_table_iter_init (&iter, streams);
  while (g_hash_table_iter_next (&iter, NULL, &span))
    g_array_append_val (ends, ((const Span *) span)->end);
  if (ends->len <= MAX_KEPT)
    return 0;
  g_array_sort (ends, compare_times);
  return g_array_index (ends, gint64, ends->len - MAX_KEPT);
}

/* The file anew, of what counts. What another process appends meanwhile is
 * lost. */
static void
rewrite (const gchar *path, const gchar *id, const Flood *flood)
{
  const gint64 oldest = find_oldest_kept (flood->streams);
  g_autoptr (GString) text = g_string_new (NULL);
  GHashTableIter iter;
  gpointer stream, span;

  append_first (text, id);
  g_hash_table_iter_init (&iter, flood->streams);
  while (g_hash_table_iter_next (&iter, &stream, &span))
    if (((const Span *) span)->end >= oldest)
      append_stream (text, stream, span);
  g_file_set_contents_full (path, text->str, (gssize) text->len,
      G_FILE_SET_CONTENTS_CONSISTENT, 0644, NULL);
}

/* ---- Counting ---- */

/* How many of @streams were there at once at most, while @span was, and that.
 * Whoever connects anew each time that it was cut is one of these at a time;
 * streams that something harmless shows in were there before it did. */
static guint
count_together (GHashTable *streams, const Span *span)
{
  g_autoptr (GArray) begins = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (gint64));
  GHashTableIter iter;
  gpointer value;
  guint n_ended = 0, most = 0;

  g_hash_table_iter_init (&iter, streams);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const Span *other = value;

    if (other->end < span->begin || other->begin > span->end)
      continue;
    g_array_append_val (begins, other->begin);
    g_array_append_val (ends, other->end);
  }
  g_array_sort (begins, compare_times);
  g_array_sort (ends, compare_times);
  for (guint i = 0; i < begins->len; i++) {
    const gint64 begin = MAX (g_array_index (begins, gint64, i), span->begin);

    while (g_array_index (ends, gint64, n_ended) < begin)
      n_ended++;
    most = MAX (most, i + 1 - n_ended);
  }
  return most + 1;
}

/* Counts @stream. TRUE when that makes too many. */
static gboolean
count (const gchar *path, const gchar *id, const gchar *stream,
    const Span *span, guint64 limit, Flood *flood)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean floods;

  if (g_hash_table_contains (flood->streams, stream))
    return FALSE;
  floods = count_together (flood->streams, span) > limit;
  if (flood->large)
    rewrite (path, id, flood);
  else if (!flood->exists)
    append_first (text, id);
  append_stream (text, stream, span);
  if (floods)
    append_held (text, limit);
  append (path, text);
  return floods;
}

/* ---- Judging ---- */

static gchar *
get_path (const gchar *folder, const gchar *id)
{
  g_autofree gchar *floods = g_build_filename (folder, FOLDER, NULL);
  g_autofree gchar *name = digest (id, ID_DIGITS);

  g_mkdir (floods, 0755);
  return g_build_filename (floods, name, NULL);
}

static void
read_settings (const gchar *folder, WeirFeedSettings *settings)
{
  if (!weir_feed_settings_read (folder, settings, NULL))
    weir_feed_settings_init (settings);
}

/* us */
static gint64
get_within (const WeirFeedSettings *settings)
{
  return (gint64) settings->streams_within * G_USEC_PER_SEC;
}

gboolean
weir_feed_flood_admit (const gchar *folder, const gchar *id,
    const gchar *stream, gint64 begin, gint64 now, GError **error)
{
  const Span span = { MIN (begin, now), now };
  g_autofree gchar *path = NULL;
  g_autofree gchar *name = NULL;
  g_auto (WeirFeedSettings) settings = { 0 };
  g_auto (Flood) flood = { 0 };
  gint64 within;

  read_settings (folder, &settings);
  if (settings.max_streams == 0 || is_confirmed (id, &settings))
    return TRUE;
  path = get_path (folder, id);
  name = digest (stream, STREAM_DIGITS);
  within = get_within (&settings);
  read_flood (path, now - within, now + within, &flood);
  if (!is_held (&flood, &settings) &&
      !count (path, id, name, &span, settings.max_streams, &flood))
    return TRUE;
  return weir_feed_refuse (error, WEIR_FEED_ERROR_GATE,
      "the reference '%s' matches more than %" G_GUINT64_FORMAT
      " streams of this host at once, within %" G_GUINT64_FORMAT
      " s, and can only flag; if that is right, add it to confirmed in "
      "%s/settings",
      id, settings.max_streams, settings.streams_within, folder);
}

/* ---- All of them ---- */

/* Calls @func for each file of @folder. */
static void
visit (const gchar *folder, gint64 now,
    void (*func) (const gchar *path, const Flood *flood,
        const WeirFeedSettings *settings, gpointer user_data),
    gpointer user_data)
{
  g_autofree gchar *floods = g_build_filename (folder, FOLDER, NULL);
  g_autoptr (GDir) entries = g_dir_open (floods, 0, NULL);
  g_auto (WeirFeedSettings) settings = { 0 };
  const gchar *name;
  gint64 within;

  read_settings (folder, &settings);
  within = get_within (&settings);
  while (entries && (name = g_dir_read_name (entries)) != NULL) {
    g_autofree gchar *path = g_build_filename (floods, name, NULL);
    g_auto (Flood) flood = { 0 };

    read_flood (path, now - within, now + within, &flood);
    func (path, &flood, &settings, user_data);
  }
}

static void
list_held (const gchar *path, const Flood *flood,
    const WeirFeedSettings *settings, gpointer user_data)
{
  if (flood->id && is_held (flood, settings) &&
      !is_confirmed (flood->id, settings))
    g_ptr_array_add (user_data, g_strdup (flood->id));
}

GPtrArray *
weir_feed_flood_list (const gchar *folder)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);

  visit (folder, 0, list_held, ids);
  return ids;
}

static void
delete_over (const gchar *path, const Flood *flood,
    const WeirFeedSettings *settings, gpointer user_data)
{
  const WeirBank *bank = user_data;
  guint32 index;

  if ((flood->held == 0 && g_hash_table_size (flood->streams) == 0) ||
      (flood->id && !weir_bank_find_reference (bank, flood->id, &index)))
    g_unlink (path);
}

void
weir_feed_flood_clean (const gchar *folder, const WeirBank *bank, gint64 now)
{
  visit (folder, now, delete_over, (gpointer) bank);
}
