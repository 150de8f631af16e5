/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading fragments of SDP. */

#include "fragment.h"

#include <gio/gio.h>
#include <string.h>

/* ICE's own limits (RFC 8839, section 5.4). */
#define UFRAG_SIZE_MIN    4
#define PASSWORD_SIZE_MIN 22
#define CREDENTIAL_MAX    256
#define LINE_SIZE_MAX     1024
#define SECTIONS_MAX      16

typedef struct {
  IngestFragment *fragment;
  guint n_sections;
  gchar *mid; /* of the section that is being read */
} Reader;

static void
free_candidate (gpointer data)
{
  IngestCandidate *candidate = data;

  g_free (candidate->mid);
  g_free (candidate->candidate);
  g_free (candidate);
}

void
ingest_fragment_free (IngestFragment *fragment)
{
  g_free (fragment->ufrag);
  g_free (fragment->password);
  g_ptr_array_unref (fragment->candidates);
  g_free (fragment);
}

/* The characters "ice-char" of RFC 8839. */
static gboolean
is_credential (const gchar *text, gsize size_min)
{
  gsize length = strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "+/");

  return text[length] == '\0' && length >= size_min && length <= CREDENTIAL_MAX;
}

static const gchar *
take_credential (gchar **place, const gchar *value, gsize size_min)
{
  if (!is_credential (value, size_min))
    return "an ICE credential is malformed";
  g_free (*place);
  *place = g_strdup (value);
  return NULL;
}

/* Foundation, component, transport, priority, address, port, "typ", type; what
 * comes behind them is not looked at. */
static gboolean
is_candidate (const gchar *value)
{
  g_auto (GStrv) words = g_strsplit (value, " ", 9);
  guint64 port;

  return g_strv_length (words) >= 8 && *words[0] && *words[4] &&
         g_ascii_string_to_unsigned (words[1], 10, 1, 256, NULL, NULL) &&
         g_ascii_string_to_unsigned (
             words[3], 10, 0, G_MAXUINT32, NULL, NULL) &&
         g_ascii_string_to_unsigned (
             words[5], 10, 0, G_MAXUINT16, &port, NULL) &&
         g_str_equal (words[6], "typ") && *words[7];
}

static const gchar *
take_candidate (Reader *reader, const gchar *attribute)
{
  GPtrArray *candidates = reader->fragment->candidates;
  IngestCandidate *candidate;

  if (!is_candidate (attribute + strlen ("candidate:")))
    return "a candidate is malformed";
  if (reader->n_sections == 0)
    return "a candidate belongs to no media section";
  if (candidates->len == INGEST_CANDIDATES_MAX)
    return "there are too many candidates";
  candidate = g_new0 (IngestCandidate, 1);
  candidate->section = reader->n_sections - 1;
  candidate->mid = g_strdup (reader->mid);
  candidate->candidate = g_strdup (attribute);
  g_ptr_array_add (candidates, candidate);
  return NULL;
}

static const gchar *
take_attribute (Reader *reader, const gchar *attribute)
{
  IngestFragment *fragment = reader->fragment;

  if (g_str_has_prefix (attribute, "candidate:"))
    return take_candidate (reader, attribute);
  if (g_str_has_prefix (attribute, "ice-ufrag:"))
    return take_credential (
        &fragment->ufrag, attribute + strlen ("ice-ufrag:"), UFRAG_SIZE_MIN);
  if (g_str_has_prefix (attribute, "ice-pwd:"))
    return take_credential (&fragment->password,
        attribute + strlen ("ice-pwd:"), PASSWORD_SIZE_MIN);
  if (g_str_has_prefix (attribute, "mid:")) {
    g_free (reader->mid);
    reader->mid = g_strdup (attribute + strlen ("mid:"));
  } else if (g_str_equal (attribute, "end-of-candidates")) {
    fragment->complete = TRUE;
  }
  return NULL;
}

/* NULL, or what is wrong with it. */
static const gchar *
take_line (Reader *reader, const gchar *line)
{
  if (strlen (line) > LINE_SIZE_MAX)
    return "a line is too long";
  if (g_str_has_prefix (line, "a="))
    return take_attribute (reader, line + 2);
  if (!g_str_has_prefix (line, "m="))
    return "there are lines other than a= and m=";
  if (++reader->n_sections > SECTIONS_MAX)
    return "there are too many media sections";
  g_clear_pointer (&reader->mid, g_free);
  return NULL;
}

IngestFragment *
ingest_fragment_parse (const gchar *text, gsize length, GError **error)
{
  g_autoptr (IngestFragment) fragment = g_new0 (IngestFragment, 1);
  g_autofree gchar *copy = NULL;
  g_auto (GStrv) lines = NULL;
  const gchar *why = NULL;
  Reader reader = { fragment, 0, NULL };
  guint i;

  fragment->candidates = g_ptr_array_new_with_free_func (free_candidate);
  if (length == 0)
    why = "it is empty";
  else if (!g_utf8_validate_len (text, length, NULL))
    why = "it is not text";
  if (!why) {
    copy = g_strndup (text, length);
    lines = g_strsplit (copy, "\n", -1);
    for (i = 0; lines[i] && !why; i++) {
      g_strchomp (lines[i]);
      if (*lines[i])
        why = take_line (&reader, lines[i]);
    }
    g_free (reader.mid);
  }
  if (!why)
    return g_steal_pointer (&fragment);
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the fragment: %s", why);
  return NULL;
}
