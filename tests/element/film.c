/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made-up pictures, and banks of them. */

#include "film.h"

#include "bank/bank-builder.h"

#include <glib/gstdio.h>

#define BANK_CREATED 1574380800
#define BLOCK        8

/* Deterministic noise: the finaliser of splitmix64 over a counter. */
static guint8
get_noise (guint64 counter)
{
  guint64 mixed = counter * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  mixed = (mixed ^ (mixed >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  mixed = (mixed ^ (mixed >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return (guint8) (mixed >> 56);
}

static void
draw_picture (guint film, guint number, guint8 *pixels)
{
  guint x, y;

  for (y = 0; y < PICTURE_HEIGHT; y++)
    for (x = 0; x < PICTURE_WIDTH; x++)
      pixels[y * PICTURE_WIDTH + x] =
          get_noise (((guint64) film << 48) + ((guint64) number << 16) +
                     (y / BLOCK) * PICTURE_WIDTH + x / BLOCK);
}

GstBuffer *
make_picture (guint film, guint number, GstClockTime pts)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, PICTURE_SIZE, NULL);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  draw_picture (film, number, map.data);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DURATION (buffer) = PICTURE_DURATION;
  return buffer;
}

static void
add_film (WeirBankBuilder *builder, guint film, const WeirReference *reference)
{
  g_autoptr (WeirPdqHasher) hasher =
      weir_pdq_hasher_new (PICTURE_WIDTH, PICTURE_HEIGHT);
  g_autofree guint8 *pixels = g_malloc (PICTURE_SIZE);
  WeirLuma luma = {
    .data = pixels,
    .stride = PICTURE_WIDTH,
    .pixel_stride = 1,
    .width = PICTURE_WIDTH,
    .height = PICTURE_HEIGHT,
    .depth = 8,
    .full_range = TRUE,
  };
  WeirPdqPicture picture;
  WeirPdqHash hash;
  guint32 index;
  guint i;

  g_assert_true (
      weir_bank_builder_add_reference (builder, reference, &index, NULL));
  for (i = 0; i < KNOWN_LENGTH; i++) {
    draw_picture (film, i, pixels);
    weir_pdq_hasher_run (hasher, &luma, &picture);
    g_assert_true (picture.quality >= WEIR_PDQ_MIN_QUALITY);
    weir_pdq_picture_get_hash (&picture, WEIR_PDQ_PLAIN, &hash);
    g_assert_true (weir_bank_builder_add_video (builder, index, &hash,
        WEIR_VIEW_PLAIN, picture.quality,
        i * (guint32) (PICTURE_DURATION / GST_MSECOND), NULL));
  }
}

static WeirReference
make_record (const gchar *id, WeirOpinion opinion, WeirAction max_action)
{
  return (WeirReference){
    .id = id,
    .family = "works",
    .label = "a label",
    .list = "a list",
    .source = "a test",
    .duration = KNOWN_LENGTH * PICTURE_DURATION,
    .opinion = opinion,
    .max_action = max_action,
  };
}

static gchar *
write_bank (WeirBankBuilder *builder)
{
  gchar *path;
  gint file = g_file_open_tmp ("weir-XXXXXX.weir", &path, NULL);

  g_assert_cmpint (file, >=, 0);
  g_close (file, NULL);
  g_assert_true (weir_bank_builder_write (builder, path, BANK_CREATED, NULL));
  return path;
}

gchar *
make_bank (WeirOpinion opinion, WeirAction max_action)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  WeirReference reference = make_record ("known", opinion, max_action);

  add_film (builder, KNOWN_FILM, &reference);
  reference.id = "second";
  reference.family = "";
  add_film (builder, SECOND_FILM, &reference);
  return write_bank (builder);
}

gchar *
make_film_bank (
    guint film, const gchar *id, WeirOpinion opinion, WeirAction max_action)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  WeirReference reference = make_record (id, opinion, max_action);

  add_film (builder, film, &reference);
  return write_bank (builder);
}

void
delete_bank (gchar *path)
{
  g_unlink (path);
  g_free (path);
}
