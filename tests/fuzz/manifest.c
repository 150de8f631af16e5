/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads arbitrary bytes as the manifest of a folder. What is read is written
 * and read again, which must make no difference.
 */
#include "bank/manifest.h"
#include "bank/bank.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* NULL when it is refused, for a reason of one line. */
static WeirManifest *
parse (const gchar *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  WeirManifest *manifest = weir_manifest_parse (text, length, "input", &error);

  g_assert_true ((manifest == NULL) == (error != NULL));
  if (error) {
    g_assert_true (error->domain == WEIR_BANK_ERROR);
    g_assert_null (strchr (error->message, '\n'));
  }
  return manifest;
}

/* That an entry names a file of the folder itself, or an id that there can be.
 */
static void
check_entry (const WeirManifestEntry *entry)
{
  g_assert_true (g_utf8_validate (entry->text, -1, NULL));
  g_assert_cmpuint (strlen (entry->text), >, 0);
  if (entry->kind == WEIR_MANIFEST_REMOVE) {
    g_assert_cmpuint (strlen (entry->text), <=, WEIR_REFERENCE_MAX_TEXT);
    return;
  }
  g_assert_cmpint (entry->text[0], !=, '.');
  g_assert_null (strchr (entry->text, '/'));
  g_assert_true (g_str_has_suffix (entry->text, WEIR_BANK_SUFFIX));
  g_assert_cmpuint (strlen (entry->version), ==, 16);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (WeirManifest) manifest = parse ((const gchar *) data, size);
  g_autoptr (WeirManifest) again = NULL;
  g_autofree gchar *text = NULL;

  if (!manifest)
    return 0;
  for (guint i = 0; i < weir_manifest_get_length (manifest); i++)
    check_entry (weir_manifest_get (manifest, i));
  text = weir_manifest_format (manifest);
  again = parse (text, strlen (text));
  g_assert_nonnull (again);
  g_assert_true (weir_manifest_is_equal (manifest, again));
  return 0;
}
