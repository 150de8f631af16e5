/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PDQ, and its definition here, against what the reference implementation
 * answers for the same pictures: vectors/pdq.csv in the folder that
 * G_TEST_SRCDIR names, which is tests/.
 */
#include "fingerprint/pdq.h"

#include "pdq-definition.h"

#include <string.h>

#define N_FIELDS 7

typedef struct {
  PdqPictureKind kind;
  guint width;
  guint height;
  guint32 seed;
  WeirPdqOrientation orientation;
  guint quality;
  WeirPdqHash hash;
} Vector;

static guint
parse_number (const gchar *text)
{
  guint64 number = 0;

  g_assert_true (
      g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT16, &number, NULL));
  return (guint) number;
}

static PdqPictureKind
parse_kind (const gchar *text)
{
  PdqPictureKind kind = 0;

  while (
      kind < PDQ_N_PICTURES && strcmp (text, pdq_picture_kind_name (kind)) != 0)
    kind++;
  g_assert_cmpint ((gint) kind, <, PDQ_N_PICTURES);
  return kind;
}

static WeirPdqOrientation
parse_orientation (const gchar *text)
{
  static const gchar *const names[] = { "plain", "rotate-90", "rotate-180",
    "rotate-270", "flip-vertical", "mirror", "transpose", "transverse", NULL };

  g_assert_true (g_strv_contains (names, text));
  for (guint i = 0; names[i] != NULL; i++)
    if (strcmp (text, names[i]) == 0)
      return (WeirPdqOrientation) i;
  return WEIR_PDQ_PLAIN;
}

static Vector
parse_vector (const gchar *line)
{
  g_auto (GStrv) fields = g_strsplit (line, ",", -1);
  Vector vector;

  g_assert_cmpuint (g_strv_length (fields), ==, N_FIELDS);
  vector.kind = parse_kind (fields[0]);
  vector.width = parse_number (fields[1]);
  vector.height = parse_number (fields[2]);
  vector.seed = parse_number (fields[3]);
  vector.orientation = parse_orientation (fields[4]);
  vector.quality = parse_number (fields[5]);
  g_assert_true (weir_pdq_hash_from_hex (fields[6], &vector.hash));
  return vector;
}

static void
check_hasher (const Vector *vector, const guint8 *data)
{
  const gboolean natural = vector->kind <= PDQ_PICTURE_GRADIENT;
  g_autoptr (WeirPdqHasher) hasher =
      weir_pdq_hasher_new (vector->width, vector->height);
  WeirLuma luma = {
    .data = data,
    .stride = (gssize) vector->width,
    .pixel_stride = 1,
    .width = vector->width,
    .height = vector->height,
    .depth = 8,
    .full_range = TRUE,
  };
  WeirPdqPicture picture;
  WeirPdqHash hash;

  weir_pdq_hasher_run (hasher, &luma, &picture);
  weir_pdq_picture_get_hash (&picture, vector->orientation, &hash);
  g_assert_cmpuint (
      weir_pdq_distance (&hash, &vector->hash), <=, natural ? 0 : 2);
  g_assert_cmpuint (picture.quality, ==, vector->quality);
}

static void
check_definition (const Vector *vector, const guint8 *data)
{
  WeirPdqHash hash;
  guint quality;

  pdq_definition_hash (
      data, vector->width, vector->height, TRUE, &hash, &quality);
  g_assert_cmpuint (weir_pdq_distance (&hash, &vector->hash), ==, 0);
  g_assert_cmpuint (quality, ==, vector->quality);
}

static void
test_vectors (void)
{
  g_autofree gchar *path =
      g_test_build_filename (G_TEST_DIST, "vectors", "pdq.csv", NULL);
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  guint n_vectors = 0;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_autofree guint8 *data = NULL;
    Vector vector;

    if (lines[i][0] == '#' || lines[i][0] == '\0')
      continue;
    g_test_message ("%s", lines[i]);
    vector = parse_vector (lines[i]);
    data =
        pdq_picture_new (vector.kind, vector.width, vector.height, vector.seed);
    check_hasher (&vector, data);
    if (vector.orientation == WEIR_PDQ_PLAIN)
      check_definition (&vector, data);
    n_vectors++;
  }
  g_assert_cmpuint (n_vectors, >=, 50);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pdq/vectors", test_vectors);
  return g_test_run ();
}
