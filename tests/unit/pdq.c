/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PDQ against its definition, in every layout that a luma plane may have.
 */
#include "fingerprint/pdq.h"

#include "pdq-definition.h"

#include <string.h>

static WeirPdqPicture
reduce (const WeirLuma *luma)
{
  g_autoptr (WeirPdqHasher) hasher =
      weir_pdq_hasher_new (luma->width, luma->height);
  WeirPdqPicture picture;

  g_assert_nonnull (hasher);
  weir_pdq_hasher_run (hasher, luma, &picture);
  return picture;
}

static WeirPdqHash
hash_of (const WeirPdqPicture *picture, WeirPdqOrientation orientation)
{
  WeirPdqHash hash;

  weir_pdq_picture_get_hash (picture, orientation, &hash);
  return hash;
}

static guint
weight_of (const WeirPdqHash *hash)
{
  const WeirPdqHash none = { { 0 } };

  return weir_pdq_distance (hash, &none);
}

static void
assert_same (const WeirPdqPicture *a, const WeirPdqPicture *b)
{
  g_assert_cmpmem (a->dct, sizeof a->dct, b->dct, sizeof b->dct);
  g_assert_cmpuint (a->quality, ==, b->quality);
}

static void
compare_with_definition (const guint8 *data, guint width, guint height,
    gboolean full_range, guint max_distance)
{
  WeirLuma luma = pdq_picture_get_luma (data, width, height);
  WeirPdqPicture picture;
  WeirPdqHash hash, expected;
  guint quality;

  luma.full_range = full_range;
  picture = reduce (&luma);
  hash = hash_of (&picture, WEIR_PDQ_PLAIN);
  pdq_definition_hash (data, width, height, full_range, &expected, &quality);

  g_assert_cmpuint (weir_pdq_distance (&hash, &expected), <=, max_distance);
  g_assert_cmpuint (picture.quality, ==, quality);
  g_assert_cmpuint (weight_of (&hash), ==, WEIR_PDQ_BITS / 2);
}

static void
test_definition (void)
{
  static const guint sizes[][2] = { { 64, 64 }, { 65, 64 }, { 64, 65 },
    { 100, 80 }, { 128, 96 }, { 129, 257 }, { 320, 240 }, { 640, 360 },
    { 641, 359 }, { 72, 1000 }, { 1280, 720 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    for (PdqPictureKind kind = 0; kind < PDQ_PICTURE_FLAT; kind++) {
      gboolean natural = kind <= PDQ_PICTURE_GRADIENT;
      g_autofree guint8 *data =
          pdq_picture_new (kind, sizes[i][0], sizes[i][1], i);

      g_test_message (
          "%ux%u %s", sizes[i][0], sizes[i][1], pdq_picture_kind_name (kind));
      compare_with_definition (
          data, sizes[i][0], sizes[i][1], (i + kind) % 2 == 0, natural ? 0 : 2);
    }
  }
}

static void
test_full_hd (void)
{
  g_autofree guint8 *data = pdq_picture_new (PDQ_PICTURE_SCENE, 1920, 1080, 9);

  compare_with_definition (data, 1920, 1080, FALSE, 0);
}

/* Windows in which the weighted bytes of a grid row no longer fit 16 bits, and
 * such in which those of a few rows do not; bright, so that they would not. */
static void
test_large_windows (void)
{
  static const guint heights[] = { 2048, 2049, 2160, 4320, 8192, 8193,
    WEIR_PDQ_MAX_SIDE };

  for (guint i = 0; i < G_N_ELEMENTS (heights); i++) {
    gsize n_pixels = (gsize) 72 * heights[i];
    g_autofree guint8 *data =
        pdq_picture_new (PDQ_PICTURE_SCENE, 72, heights[i], i);

    g_test_message ("height %u", heights[i]);
    for (gsize j = 0; j < n_pixels; j++)
      data[j] = (guint8) (191 + data[j] / 4);
    compare_with_definition (data, 72, heights[i], TRUE, 2);
  }
}

static void
test_flat (void)
{
  static const guint sizes[][2] = { { 64, 64 }, { 320, 240 }, { 1280, 720 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree guint8 *data =
        pdq_picture_new (PDQ_PICTURE_FLAT, sizes[i][0], sizes[i][1], 0);
    WeirLuma luma = pdq_picture_get_luma (data, sizes[i][0], sizes[i][1]);
    WeirPdqPicture picture = reduce (&luma);

    g_assert_cmpuint (picture.quality, ==, 0);
  }
}

static void
test_limited_range (void)
{
  g_autofree guint8 *full = pdq_picture_new (PDQ_PICTURE_BLOBS, 320, 240, 5);
  g_autofree guint8 *limited = g_new (guint8, 320 * 240);
  WeirLuma luma = pdq_picture_get_luma (full, 320, 240);
  WeirPdqPicture of_full = reduce (&luma);
  WeirPdqPicture of_limited, mistaken;

  for (guint i = 0; i < 320 * 240; i++)
    limited[i] = (guint8) (16 + (full[i] * 219 + 127) / 255);
  luma = pdq_picture_get_luma (limited, 320, 240);
  mistaken = reduce (&luma);
  luma.full_range = FALSE;
  of_limited = reduce (&luma);

  g_assert_cmpuint (of_full.quality, <, 100);
  g_assert_cmpint (
      ABS ((gint) of_limited.quality - (gint) of_full.quality), <=, 1);
  g_assert_cmpuint (mistaken.quality + 3, <, of_full.quality);
  g_assert_cmpmem (
      of_limited.dct, sizeof of_limited.dct, mistaken.dct, sizeof mistaken.dct);
}

/* A picture in the middle of rows of other bytes, and upside down in memory. */
static void
test_strides (void)
{
  const guint width = 322, height = 243, stride = 352;
  g_autofree guint8 *data =
      pdq_picture_new (PDQ_PICTURE_SCENE, width, height, 3);
  g_autofree guint8 *padded = g_malloc (stride * height);
  WeirLuma luma = pdq_picture_get_luma (data, width, height);
  WeirPdqPicture expected = reduce (&luma);
  WeirPdqPicture picture;

  memset (padded, 0xee, stride * height);
  for (guint i = 0; i < height; i++)
    memcpy (padded + i * stride + 7, data + i * width, width);
  luma.data = padded + 7;
  luma.stride = (gssize) stride;
  picture = reduce (&luma);
  assert_same (&picture, &expected);

  for (guint i = 0; i < height; i++)
    memcpy (padded + (height - 1 - i) * stride + 7, data + i * width, width);
  luma.data = padded + (height - 1) * stride + 7;
  luma.stride = -(gssize) stride;
  picture = reduce (&luma);
  assert_same (&picture, &expected);
}

/* Luma between other samples, of one byte (YUY2) or more. */
static void
test_pixel_strides (void)
{
  static const guint pixel_strides[] = { 2, 3, 4 };
  const guint width = 322, height = 243;
  g_autofree guint8 *data =
      pdq_picture_new (PDQ_PICTURE_SCENE, width, height, 4);
  WeirLuma luma = pdq_picture_get_luma (data, width, height);
  WeirPdqPicture expected = reduce (&luma);

  for (guint i = 0; i < G_N_ELEMENTS (pixel_strides); i++) {
    guint spacing = pixel_strides[i];
    gsize n_pixels = (gsize) width * height;
    /* Not a byte more than up to the last sample. */
    g_autofree guint8 *spaced = g_malloc0 ((n_pixels - 1) * spacing + 1);
    WeirPdqPicture picture;

    for (gsize j = 0; j < n_pixels; j++)
      spaced[j * spacing] = data[j];
    luma.data = spaced;
    luma.pixel_stride = spacing;
    luma.stride = (gssize) (width * spacing);
    picture = reduce (&luma);
    assert_same (&picture, &expected);
  }
}

static void
test_deep_samples (void)
{
  static const struct {
    guint depth;
    guint shift;
    guint pixel_stride;
  } layouts[] = { { 10, 0, 2 }, { 10, 6, 2 }, { 12, 0, 2 }, { 12, 4, 2 },
    { 16, 0, 2 }, { 10, 0, 4 }, { 10, 6, 4 } };
  const guint width = 322, height = 243;
  g_autofree guint8 *data =
      pdq_picture_new (PDQ_PICTURE_SCENE, width, height, 6);
  WeirLuma luma = pdq_picture_get_luma (data, width, height);
  WeirPdqPicture expected = reduce (&luma);

  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++) {
    guint spacing = layouts[i].pixel_stride;
    gsize n_pixels = (gsize) width * height;
    g_autofree guint8 *deep = g_malloc0 (n_pixels * spacing);
    WeirPdqPicture picture;

    for (gsize j = 0; j < n_pixels; j++) {
      guint word = (guint) data[j] << (layouts[i].depth - 8)
                                   << layouts[i].shift;

      /* Padding bits are not part of the value. */
      word |= (1u << layouts[i].shift) - 1;
      deep[j * spacing] = (guint8) (word & 0xff);
      deep[j * spacing + 1] = (guint8) (word >> 8);
    }
    luma.data = deep;
    luma.depth = layouts[i].depth;
    luma.shift = layouts[i].shift;
    luma.pixel_stride = spacing;
    luma.stride = (gssize) (width * spacing);
    picture = reduce (&luma);
    assert_same (&picture, &expected);
  }
}

/* The bits below the eighth count: at depth 16, steps of less than one byte. */
static void
test_deep_detail (void)
{
  const guint width = 128, height = 128;
  g_autofree guint8 *data =
      pdq_picture_new (PDQ_PICTURE_BLOBS, width, height, 7);
  g_autofree guint8 *deep = g_malloc (2 * width * height);
  WeirLuma luma = pdq_picture_get_luma (data, width, height);
  WeirPdqPicture picture = reduce (&luma);
  WeirPdqHash expected = hash_of (&picture, WEIR_PDQ_PLAIN);
  WeirPdqHash hash;

  for (guint i = 0; i < width * height; i++) {
    deep[2 * i] = data[i];
    deep[2 * i + 1] = 0;
  }
  luma.data = deep;
  luma.depth = 16;
  luma.pixel_stride = 2;
  luma.stride = (gssize) (2 * width);
  picture = reduce (&luma);
  hash = hash_of (&picture, WEIR_PDQ_PLAIN);

  g_assert_cmpuint (weir_pdq_distance (&hash, &expected), ==, 0);
  g_assert_cmpuint (picture.quality, ==, 0);
}

/* One hasher, one picture after another: nothing is left of the first. */
static void
test_reuse (void)
{
  g_autoptr (WeirPdqHasher) hasher = weir_pdq_hasher_new (320, 240);
  g_autofree guint8 *first = pdq_picture_new (PDQ_PICTURE_NOISE, 320, 240, 1);
  g_autofree guint8 *second = pdq_picture_new (PDQ_PICTURE_SCENE, 320, 240, 1);
  WeirLuma luma = pdq_picture_get_luma (second, 320, 240);
  WeirPdqPicture expected = reduce (&luma);
  WeirPdqPicture picture;

  luma.data = first;
  weir_pdq_hasher_run (hasher, &luma, &picture);
  luma.data = second;
  weir_pdq_hasher_run (hasher, &luma, &picture);
  assert_same (&picture, &expected);
}

static void
test_refused_sizes (void)
{
  static const guint refused[][2] = { { 63, 64 }, { 64, 63 }, { 0, 0 },
    { 16385, 64 }, { 64, 16385 }, { G_MAXUINT, G_MAXUINT } };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    g_assert_null (weir_pdq_hasher_new (refused[i][0], refused[i][1]));
  weir_pdq_hasher_free (NULL);
}

/* The pixel of the original that lies at @row, @column of the turned one. */
static guint8
turned_pixel (const guint8 *data, guint width, guint height,
    WeirPdqOrientation orientation, guint row, guint column)
{
  guint right = width - 1, bottom = height - 1;

  switch (orientation) {
    case WEIR_PDQ_ROTATE_90: /* counter-clockwise */
      return data[column * width + right - row];
    case WEIR_PDQ_ROTATE_180:
      return data[(bottom - row) * width + right - column];
    case WEIR_PDQ_ROTATE_270:
      return data[(bottom - column) * width + row];
    case WEIR_PDQ_FLIP_VERTICAL:
      return data[(bottom - row) * width + column];
    case WEIR_PDQ_MIRROR:
      return data[row * width + right - column];
    case WEIR_PDQ_TRANSPOSE:
      return data[column * width + row];
    case WEIR_PDQ_TRANSVERSE:
      return data[(bottom - column) * width + right - row];
    default:
      return data[row * width + column];
  }
}

static void
test_orientations (void)
{
  static const guint sizes[][2] = { { 512, 512 }, { 640, 360 }, { 360, 641 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint width = sizes[i][0], height = sizes[i][1];
    g_autofree guint8 *data =
        pdq_picture_new (PDQ_PICTURE_SCENE, width, height, 11 + i);
    g_autofree guint8 *turned = g_malloc (width * height);
    WeirLuma luma = pdq_picture_get_luma (data, width, height);
    WeirPdqPicture original = reduce (&luma);
    WeirPdqHash plain = hash_of (&original, WEIR_PDQ_PLAIN);

    for (WeirPdqOrientation orientation = WEIR_PDQ_PLAIN;
         orientation < WEIR_PDQ_N_ORIENTATIONS; orientation++) {
      gboolean sideways = orientation == WEIR_PDQ_ROTATE_90 ||
                          orientation == WEIR_PDQ_ROTATE_270 ||
                          orientation >= WEIR_PDQ_TRANSPOSE;
      guint turned_width = sideways ? height : width;
      guint turned_height = sideways ? width : height;
      WeirPdqHash hash = hash_of (&original, orientation);
      WeirPdqHash expected;
      WeirPdqPicture picture;
      guint distance;

      for (guint j = 0; j < turned_height; j++)
        for (guint k = 0; k < turned_width; k++)
          turned[j * turned_width + k] =
              turned_pixel (data, width, height, orientation, j, k);
      luma = pdq_picture_get_luma (turned, turned_width, turned_height);
      picture = reduce (&luma);
      expected = hash_of (&picture, WEIR_PDQ_PLAIN);
      distance = weir_pdq_distance (&hash, &expected);

      g_test_message ("%ux%u, orientation %d: distance %u", width, height,
          (gint) orientation, distance);
      if (orientation == WEIR_PDQ_PLAIN) {
        g_assert_cmpuint (distance, ==, 0);
      } else {
        g_assert_cmpuint (distance, <=, 20);
        g_assert_cmpuint (weir_pdq_distance (&hash, &plain), >, 80);
      }
    }
  }
}

/* The median is the 128th smallest of the 256, and a bit needs more. */
static void
test_median (void)
{
  WeirPdqPicture picture = { .quality = 100 };
  WeirPdqHash hash;

  for (guint i = 0; i < WEIR_PDQ_BITS; i++)
    picture.dct[i] = i < 128 ? 3.5f : -0.25f;
  hash = hash_of (&picture, WEIR_PDQ_PLAIN);
  g_assert_cmphex (hash.words[0], ==, G_MAXUINT64);
  g_assert_cmphex (hash.words[1], ==, G_MAXUINT64);
  g_assert_cmphex (hash.words[2], ==, 0);
  g_assert_cmphex (hash.words[3], ==, 0);

  picture.dct[255] = 3.5f;
  hash = hash_of (&picture, WEIR_PDQ_PLAIN);
  g_assert_cmpuint (weight_of (&hash), ==, 0);

  picture.dct[64] = 1e6f;
  hash = hash_of (&picture, WEIR_PDQ_PLAIN);
  g_assert_cmphex (hash.words[1], ==, 1);
  g_assert_cmpuint (weight_of (&hash), ==, 1);

  for (guint i = 0; i < WEIR_PDQ_BITS; i++)
    picture.dct[i] = i % 2 == 0 ? 0.0f : -0.0f;
  hash = hash_of (&picture, WEIR_PDQ_PLAIN);
  g_assert_cmpuint (weight_of (&hash), ==, 0);
}

static void
test_hex (void)
{
  static const gchar expected[] =
      "80000000000000010123456789abcdeffedcba98765432100000000000000002";
  const WeirPdqHash hash = { { 2, G_GUINT64_CONSTANT (0xfedcba9876543210),
      G_GUINT64_CONSTANT (0x0123456789abcdef),
      G_GUINT64_CONSTANT (0x8000000000000001) } };
  g_autofree gchar *upper = g_ascii_strup (expected, -1);
  gchar hex[WEIR_PDQ_HEX_LENGTH + 1];
  WeirPdqHash read;

  weir_pdq_hash_to_hex (&hash, hex);
  g_assert_cmpstr (hex, ==, expected);

  memset (&read, 0xff, sizeof read);
  g_assert_true (weir_pdq_hash_from_hex (hex, &read));
  g_assert_cmpuint (weir_pdq_distance (&read, &hash), ==, 0);

  memset (&read, 0xff, sizeof read);
  g_assert_true (weir_pdq_hash_from_hex (upper, &read));
  g_assert_cmpuint (weir_pdq_distance (&read, &hash), ==, 0);
}

static void
test_bad_hex (void)
{
  static const gchar *const bad[] = {
    "",
    "0",
    "800000000000000100112233445566778899aabbccddeeff000000000000000",
    "800000000000000100112233445566778899aabbccddeeff00000000000000020",
    "800000000000000100112233445566778899aabbccddeeff000000000000000g",
    " 80000000000000010112233445566778899aabbccddeeff0000000000000000",
    "0x0000000000000100112233445566778899aabbccddeeff0000000000000000",
    "-000000000000000000112233445566778899aabbccddeeff00000000000000",
  };
  WeirPdqHash hash = { { 1, 2, 3, 4 } };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (weir_pdq_hash_from_hex (bad[i], &hash));
  g_assert_cmpuint (hash.words[0], ==, 1);
  g_assert_cmpuint (hash.words[1], ==, 2);
  g_assert_cmpuint (hash.words[2], ==, 3);
  g_assert_cmpuint (hash.words[3], ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pdq/definition", test_definition);
  g_test_add_func ("/pdq/full-hd", test_full_hd);
  g_test_add_func ("/pdq/large-windows", test_large_windows);
  g_test_add_func ("/pdq/flat", test_flat);
  g_test_add_func ("/pdq/limited-range", test_limited_range);
  g_test_add_func ("/pdq/strides", test_strides);
  g_test_add_func ("/pdq/pixel-strides", test_pixel_strides);
  g_test_add_func ("/pdq/deep-samples", test_deep_samples);
  g_test_add_func ("/pdq/deep-detail", test_deep_detail);
  g_test_add_func ("/pdq/reuse", test_reuse);
  g_test_add_func ("/pdq/refused-sizes", test_refused_sizes);
  g_test_add_func ("/pdq/orientations", test_orientations);
  g_test_add_func ("/pdq/median", test_median);
  g_test_add_func ("/pdq/hex", test_hex);
  g_test_add_func ("/pdq/bad-hex", test_bad_hex);
  return g_test_run ();
}
