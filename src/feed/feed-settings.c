/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key file of settings. */
#include "feed/feed-settings.h"

#include <string.h>

#define GROUP "feed"

/* A table of keys: what they are and where they go. */
typedef enum {
  PART,
  COUNT,
  TRUTH,
  TEXT,
} Kind;

static const struct {
  const gchar *key;
  Kind kind;
  gsize offset;
} keys[] = {
#define KEY(name, kind, field)                                                 \
  {                                                                            \
    name, kind, G_STRUCT_OFFSET (WeirFeedSettings, field)                      \
  }
  KEY ("max-growth", PART, max_growth),
  KEY ("growth-floor", COUNT, growth_floor),
  KEY ("max-removals", PART, max_removals),
  KEY ("removal-floor", COUNT, removal_floor),
  KEY ("need-canary", TRUTH, need_canary),
  KEY ("benign", TEXT, benign),
  KEY ("max-size", COUNT, max_size),
  KEY ("cut-expired", TRUTH, cut_expired),
  KEY ("max-streams", COUNT, max_streams),
  KEY ("streams-within", COUNT, streams_within),
  KEY ("confirmed", TEXT, confirmed),
#undef KEY
};

static void
read_key (GKeyFile *file, guint i, WeirFeedSettings *settings, GError **error)
{
  gpointer field = G_STRUCT_MEMBER_P (settings, keys[i].offset);

  switch (keys[i].kind) {
    case PART:
      *(gdouble *) field =
          g_key_file_get_double (file, GROUP, keys[i].key, error);
      break;
    case COUNT:
      *(guint64 *) field =
          g_key_file_get_uint64 (file, GROUP, keys[i].key, error);
      break;
    case TRUTH:
      *(gboolean *) field =
          g_key_file_get_boolean (file, GROUP, keys[i].key, error);
      break;
    case TEXT:
      *(gchar **) field =
          g_key_file_get_string (file, GROUP, keys[i].key, error);
      break;
  }
}

/* What is misspelt would be a gate that nobody watches. */
static gboolean
check_names (GKeyFile *file, const gchar *path, GError **error)
{
  g_auto (GStrv) names = g_key_file_get_keys (file, GROUP, NULL, NULL);

  for (guint i = 0; names && names[i]; i++) {
    gboolean known = FALSE;

    for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
      known |= strcmp (names[i], keys[k].key) == 0;
    if (!known)
      return weir_feed_refuse (error, WEIR_FEED_ERROR_SETTING,
          "%s: there is no setting '%s'; see docs/feed.md", path, names[i]);
  }
  return TRUE;
}

static gboolean
is_in_range (const WeirFeedSettings *settings)
{
  return settings->max_growth >= 0 && settings->max_removals >= 0 &&
         settings->max_streams <= WEIR_FEED_MAX_STREAMS &&
         settings->streams_within >= 1 &&
         settings->streams_within <= WEIR_FEED_MAX_WITHIN;
}

static gboolean
read_keys (GKeyFile *file, const gchar *path, WeirFeedSettings *settings,
    GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (!check_names (file, path, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (keys) && !reason; i++)
    if (g_key_file_has_key (file, GROUP, keys[i].key, NULL))
      read_key (file, i, settings, &reason);
  if (!reason && is_in_range (settings))
    return TRUE;
  return weir_feed_refuse (error, WEIR_FEED_ERROR_SETTING, "%s: %s", path,
      reason ? reason->message : "a number is out of range; see docs/feed.md");
}

void
weir_feed_settings_init (WeirFeedSettings *settings)
{
  *settings = (WeirFeedSettings){
    .max_growth = 0.25,
    .growth_floor = 10000,
    .max_removals = 0.10,
    .removal_floor = 1000,
    .max_size = G_GUINT64_CONSTANT (16) << 30,
    .max_streams = 50,
    .streams_within = 600,
  };
}

gboolean
weir_feed_settings_read (
    const gchar *folder, WeirFeedSettings *settings, GError **error)
{
  g_autofree gchar *path = g_build_filename (folder, "settings", NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) reason = NULL;

  weir_feed_settings_init (settings);
  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &reason)) {
    if (g_error_matches (reason, G_FILE_ERROR, G_FILE_ERROR_NOENT))
      return TRUE;
    return weir_feed_refuse (
        error, WEIR_FEED_ERROR_SETTING, "%s: %s", path, reason->message);
  }
  if (read_keys (file, path, settings, error))
    return TRUE;
  weir_feed_settings_clear (settings);
  return FALSE;
}

void
weir_feed_settings_clear (WeirFeedSettings *settings)
{
  g_clear_pointer (&settings->benign, g_free);
  g_clear_pointer (&settings->confirmed, g_free);
}
