/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manifest as lines of text. */
#include "bank/manifest.h"

#include "bank/bank-error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define FIRST_LINE "weir-manifest 1"
#define LAST_LINE  "end"

/* What an id may hold as it is: all but '%' and what g_uri_escape_string()
 * always escapes, bytes below a blank and 0x7f. */
#define PLAIN_CHARACTERS " !\"#$&'()*+,/:;<=>?@[\\]^`{|}"

struct _WeirManifest {
  GArray *entries; /* of WeirManifestEntry */
  gint64 expires;
  gchar *note; /* NULL: none */
};

static void
clear_entry (gpointer data)
{
  WeirManifestEntry *entry = data;

  g_free (entry->text);
}

WeirManifest *
weir_manifest_new (void)
{
  WeirManifest *manifest = g_new0 (WeirManifest, 1);

  manifest->entries = g_array_new (FALSE, FALSE, sizeof (WeirManifestEntry));
  g_array_set_clear_func (manifest->entries, clear_entry);
  return manifest;
}

void
weir_manifest_free (WeirManifest *manifest)
{
  g_array_unref (manifest->entries);
  g_free (manifest->note);
  g_free (manifest);
}

guint
weir_manifest_get_length (const WeirManifest *manifest)
{
  return manifest->entries->len;
}

const WeirManifestEntry *
weir_manifest_get (const WeirManifest *manifest, guint index)
{
  return &g_array_index (manifest->entries, WeirManifestEntry, index);
}

gboolean
weir_manifest_is_equal (const WeirManifest *a, const WeirManifest *b)
{
  if (a->entries->len != b->entries->len || a->expires != b->expires ||
      g_strcmp0 (a->note, b->note) != 0)
    return FALSE;
  for (guint i = 0; i < a->entries->len; i++) {
    const WeirManifestEntry *first = weir_manifest_get (a, i);
    const WeirManifestEntry *second = weir_manifest_get (b, i);

    if (first->kind != second->kind ||
        strcmp (first->text, second->text) != 0 ||
        strcmp (first->version, second->version) != 0)
      return FALSE;
  }
  return TRUE;
}

static void
take_segment (WeirManifest *manifest, gchar *name, const gchar *version)
{
  WeirManifestEntry entry = { .kind = WEIR_MANIFEST_SEGMENT, .text = name };

  g_strlcpy (entry.version, version, sizeof (entry.version));
  g_array_append_val (manifest->entries, entry);
}

void
weir_manifest_add_segment (
    WeirManifest *manifest, const gchar *name, const gchar *version)
{
  take_segment (manifest, g_strdup (name), version);
}

void
weir_manifest_add_removal (WeirManifest *manifest, const gchar *id)
{
  WeirManifestEntry entry = { .kind = WEIR_MANIFEST_REMOVE,
    .text = g_strdup (id) };

  g_array_append_val (manifest->entries, entry);
}

void
weir_manifest_append (WeirManifest *manifest, const WeirManifest *other)
{
  for (guint i = 0; i < other->entries->len; i++) {
    const WeirManifestEntry *entry = weir_manifest_get (other, i);

    if (entry->kind == WEIR_MANIFEST_SEGMENT)
      weir_manifest_add_segment (manifest, entry->text, entry->version);
    else
      weir_manifest_add_removal (manifest, entry->text);
  }
}

gint64
weir_manifest_get_expires (const WeirManifest *manifest)
{
  return manifest->expires;
}

void
weir_manifest_set_expires (WeirManifest *manifest, gint64 expires)
{
  manifest->expires = expires;
}

const gchar *
weir_manifest_get_note (const WeirManifest *manifest)
{
  return manifest->note;
}

void
weir_manifest_set_note (WeirManifest *manifest, const gchar *note)
{
  g_free (manifest->note);
  manifest->note = g_strdup (note);
}

/* ---- Reading ---- */

static gboolean
is_version (const gchar *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isxdigit (text[i]) || g_ascii_isupper (text[i]))
      return FALSE;
  return length == 16;
}

/* A name of a file in the folder itself. */
static gboolean
is_segment_name (const gchar *name)
{
  return name[0] != '.' && !strchr (name, G_DIR_SEPARATOR) &&
         g_str_has_suffix (name, WEIR_BANK_SUFFIX);
}

/* "segment VERSION NAME" */
static gboolean
parse_segment (WeirManifest *manifest, const gchar *rest)
{
  const gchar *blank = strchr (rest, ' ');
  g_autofree gchar *version = NULL;

  if (!blank || !is_version (rest, (gsize) (blank - rest)) ||
      !is_segment_name (blank + 1))
    return FALSE;
  version = g_strndup (rest, (gsize) (blank - rest));
  weir_manifest_add_segment (manifest, blank + 1, version);
  return TRUE;
}

/* "remove ID" */
static gboolean
parse_removal (WeirManifest *manifest, const gchar *rest)
{
  g_autofree gchar *id = g_uri_unescape_string (rest, NULL);

  if (!id || id[0] == '\0' || strlen (id) > WEIR_REFERENCE_MAX_TEXT ||
      !g_utf8_validate (id, -1, NULL))
    return FALSE;
  weir_manifest_add_removal (manifest, id);
  return TRUE;
}

/* "expires SECONDS", once */
static gboolean
parse_expires (WeirManifest *manifest, const gchar *rest)
{
  guint64 seconds;

  if (manifest->expires != 0 ||
      !g_ascii_string_to_unsigned (rest, 10, 1, G_MAXINT64, &seconds, NULL))
    return FALSE;
  manifest->expires = (gint64) seconds;
  return TRUE;
}

/* "note TEXT", once */
static gboolean
parse_note (WeirManifest *manifest, const gchar *rest)
{
  if (manifest->note)
    return FALSE;
  manifest->note = g_strdup (rest);
  return TRUE;
}

static gboolean
parse_line (WeirManifest *manifest, const gchar *line)
{
  if (g_str_has_prefix (line, "expires "))
    return parse_expires (manifest, line + strlen ("expires "));
  if (g_str_has_prefix (line, "note "))
    return parse_note (manifest, line + strlen ("note "));
  if (g_str_has_prefix (line, "segment "))
    return parse_segment (manifest, line + strlen ("segment "));
  if (g_str_has_prefix (line, "remove "))
    return parse_removal (manifest, line + strlen ("remove "));
  return FALSE;
}

/* The line that begins at @text, without its end; NULL when it has none. */
static gchar *
take_line (const gchar **text, const gchar *end)
{
  const gchar *begin = *text;
  const gchar *newline = memchr (begin, '\n', (gsize) (end - begin));

  if (!newline)
    return NULL;
  *text = newline + 1;
  return g_strndup (begin, (gsize) (newline - begin));
}

static WeirManifest *
refuse (const gchar *name, WeirBankError code, guint number, const gchar *what,
    GError **error)
{
  weir_bank_refuse (
      error, code, name, "%s (line %u); write it again", what, number);
  return NULL;
}

WeirManifest *
weir_manifest_parse (
    const gchar *text, gsize length, const gchar *name, GError **error)
{
  g_autoptr (WeirManifest) manifest = weir_manifest_new ();
  const gchar *end = text + length;
  guint number;

  if (!g_utf8_validate (text, (gssize) length, NULL))
    return refuse (name, WEIR_BANK_ERROR_DAMAGED, 1, "is not UTF-8", error);
  for (number = 1;; number++) {
    g_autofree gchar *line = take_line (&text, end);

    if (!line)
      return refuse (name, WEIR_BANK_ERROR_TRUNCATED, number,
          "does not end with the line '" LAST_LINE "'", error);
    if (number == 1 && strcmp (line, FIRST_LINE) != 0)
      return refuse (name, WEIR_BANK_ERROR_FOREIGN, number,
          "does not begin with '" FIRST_LINE "'", error);
    if (strcmp (line, LAST_LINE) == 0)
      break;
    if (number > 1 && !parse_line (manifest, line))
      return refuse (name, WEIR_BANK_ERROR_DAMAGED, number,
          "has a line that is none of 'segment VERSION NAME" WEIR_BANK_SUFFIX
          "', 'remove ID', 'expires SECONDS' and 'note TEXT'",
          error);
  }
  if (text != end)
    return refuse (name, WEIR_BANK_ERROR_DAMAGED, number,
        "goes on after the line '" LAST_LINE "'", error);
  return g_steal_pointer (&manifest);
}

gboolean
weir_manifest_exists (const gchar *folder)
{
  g_autofree gchar *path = g_build_filename (folder, WEIR_MANIFEST_NAME, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Its size is looked at first; it may be written to while it is read, and is
 * then not whole. */
static gboolean
check_size (const gchar *path, GError **error)
{
  GStatBuf status;

  if (g_stat (path, &status) != 0)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, path,
        "cannot be opened: %s; see why and try again", g_strerror (errno));
  if (!S_ISREG (status.st_mode))
    return weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, path,
        "is no regular file; put a manifest there");
  if (status.st_size > WEIR_MANIFEST_MAX_SIZE)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_LIMIT, path,
        "is larger than %d bytes; join the files with 'weir bank merge'",
        WEIR_MANIFEST_MAX_SIZE);
  return TRUE;
}

WeirManifest *
weir_manifest_read (const gchar *folder, GError **error)
{
  g_autofree gchar *path = g_build_filename (folder, WEIR_MANIFEST_NAME, NULL);
  g_autofree gchar *text = NULL;
  g_autoptr (GError) reason = NULL;
  gsize length;

  if (!check_size (path, error))
    return NULL;
  if (g_file_get_contents (path, &text, &length, &reason))
    return weir_manifest_parse (text, length, path, error);
  weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, path,
      "cannot be read: %s; see why and try again", reason->message);
  return NULL;
}

/* ---- Writing ---- */

gchar *
weir_manifest_format (const WeirManifest *manifest)
{
  GString *text = g_string_new (FIRST_LINE "\n");

  if (manifest->note)
    g_string_append_printf (text, "note %s\n", manifest->note);
  if (manifest->expires != 0)
    g_string_append_printf (
        text, "expires %" G_GINT64_FORMAT "\n", manifest->expires);
  for (guint i = 0; i < manifest->entries->len; i++) {
    const WeirManifestEntry *entry = weir_manifest_get (manifest, i);
    g_autofree gchar *id = NULL;

    if (entry->kind == WEIR_MANIFEST_SEGMENT) {
      g_string_append_printf (
          text, "segment %s %s\n", entry->version, entry->text);
      continue;
    }
    id = g_uri_escape_string (entry->text, PLAIN_CHARACTERS, TRUE);
    g_string_append_printf (text, "remove %s\n", id);
  }
  g_string_append (text, LAST_LINE "\n");
  return g_string_free (text, FALSE);
}

gboolean
weir_manifest_write (
    const WeirManifest *manifest, const gchar *folder, GError **error)
{
  g_autofree gchar *path = g_build_filename (folder, WEIR_MANIFEST_NAME, NULL);
  g_autofree gchar *text = weir_manifest_format (manifest);
  g_autoptr (GError) reason = NULL;

  if (g_file_set_contents_full (path, text, -1,
          G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644,
          &reason))
    return TRUE;
  return weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, path,
      "cannot be written: %s", reason->message);
}
