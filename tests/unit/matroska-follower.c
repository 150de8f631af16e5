/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where Matroska can be taken up again, in pieces of any length. */

#include "container/matroska-follower.h"
#include "take-up.h"

#include <string.h>

#define EBML         0x1a45dfa3
#define SEGMENT      0x18538067
#define SEEK_HEAD    0x114d9b74
#define INFO         0x1549a966
#define TRACKS       0x1654ae6b
#define CLUSTER      0x1f43b675
#define TAGS         0x1254c367
#define TIMESTAMP    0xe7
#define SIMPLE_BLOCK 0xa3
#define BLOCK_GROUP  0xa0

static void
add_id (GByteArray *bytes, guint32 id)
{
  gint shift;

  for (shift = 24; shift >= 0; shift -= 8) {
    guint8 byte = (guint8) (id >> shift);

    if (id >> shift != 0)
      g_byte_array_append (bytes, &byte, 1);
  }
}

/* The head of an element whose size is not known. */
static void
add_open (GByteArray *bytes, guint32 id)
{
  const guint8 size[] = { 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

  add_id (bytes, id);
  g_byte_array_append (bytes, size, sizeof (size));
}

/* The head of an element of @size bytes. */
static void
add_head (GByteArray *bytes, guint32 id, guint size)
{
  const guint8 length[] = { (guint8) (0x20 | size >> 16), (guint8) (size >> 8),
    (guint8) size };
  const guint8 short_length = (guint8) (0x80 | size);

  add_id (bytes, id);
  if (size < 0x7f)
    g_byte_array_append (bytes, &short_length, 1);
  else
    g_byte_array_append (bytes, length, sizeof (length));
}

/* An element of @size bytes, which are @filler. */
static void
add (GByteArray *bytes, guint32 id, guint size, guint8 filler)
{
  guint begin;

  add_head (bytes, id, size);
  begin = bytes->len;
  g_byte_array_set_size (bytes, begin + size);
  memset (bytes->data + begin, filler, size);
}

static void
add_cluster (GByteArray *bytes, guint8 filler)
{
  add_open (bytes, CLUSTER);
  add (bytes, TIMESTAMP, 2, filler);
  add (bytes, SIMPLE_BLOCK, 500, filler);
  add (bytes, BLOCK_GROUP, 70000, filler);
}

DEFINE_TAKE_UP_KIND (WeirMatroskaFollower, matroska)

static void
add_headers (GByteArray *bytes, guint8 filler)
{
  add (bytes, EBML, 30, filler);
  add_open (bytes, SEGMENT);
  add (bytes, INFO, 60, filler);
  add (bytes, TRACKS, 900, filler);
}

/* What is not needed is left out, and so is what came before. */
static void
test_cluster (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  guint from;

  add (bytes, EBML, 30, 'h');
  add_head (bytes, SEGMENT, 300000);
  add (bytes, SEEK_HEAD, 100, 's');
  add (bytes, INFO, 60, 'h');
  add (bytes, TRACKS, 900, 'h');
  add (bytes, TAGS, 200, 't');
  add_cluster (bytes, 1);
  from = bytes->len;
  add_headers (expected, 'h');
  add_cluster (bytes, 2);
  add_cluster (bytes, 3);
  add_cluster (expected, 2);
  add_cluster (expected, 3);
  assert_taken_up (&matroska, bytes, from, expected, 0);
}

/* What is no element; then a cluster again. */
static void
check_lost (guint32 id, guint8 filler)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  guint from;

  add_headers (bytes, 'h');
  add_cluster (bytes, 1);
  add (bytes, id, 40, filler);
  from = bytes->len;
  add_headers (expected, 'h');
  add_cluster (bytes, 2);
  add_cluster (expected, 2);
  assert_taken_up (&matroska, bytes, from, expected, 1);
}

static void
test_lost (void)
{
  check_lost (0x4321, 'x'); /* nobody knows it */
  check_lost (0x01, 0);     /* no id begins so */
  check_lost (0x1f43, 'x'); /* half of a cluster's */
}

/* A stream that begins anew in the same bytes has headers of its own. */
static void
test_anew (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  guint from;

  add_headers (bytes, 'h');
  add_cluster (bytes, 1);
  from = bytes->len;
  add_headers (bytes, 'H');
  add_cluster (bytes, 2);
  add_headers (expected, 'H');
  add_cluster (expected, 2);
  assert_taken_up (&matroska, bytes, from, expected, 0);
}

/* Without what says how to decode there is no place. */
static void
test_no_headers (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint n_lost;

  add (bytes, EBML, 30, 'h');
  add_open (bytes, SEGMENT);
  add (bytes, TRACKS, WEIR_MATROSKA_HEADER_MAX + 1, 'h');
  add_cluster (bytes, 1);
  add_cluster (bytes, 2);
  g_assert_null (take_up (&matroska, bytes, 0, bytes->len, &n_lost));
  g_assert_cmpuint (n_lost, ==, 0);
}

static void
assert_off (const guint8 *bytes, gsize size)
{
  g_autoptr (WeirMatroskaFollower) follower = weir_matroska_follower_new ();
  g_auto (WeirPlace) place = { FALSE, NULL, 0 };

  weir_matroska_follower_push (follower, bytes, size, &place);
  g_assert_false (weir_matroska_follower_wants (follower));
  g_assert_false (weir_matroska_follower_is_on (follower));
  g_assert_false (place.lost);
}

/* Other streams are left alone. */
static void
test_off (void)
{
  const guint8 flv[] = { 'F', 'L', 'V', 1, 5, 0, 0, 0, 9 };
  const guint8 h264[] = { 0, 0, 0, 1, 0x67 };
  g_autoptr (GByteArray) open = g_byte_array_new ();

  add_open (open, EBML);
  assert_off (flv, sizeof (flv));
  assert_off (h264, sizeof (h264));
  assert_off (open->data, open->len);
}

static void
test_jump (void)
{
  g_autoptr (WeirMatroskaFollower) follower = weir_matroska_follower_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) rest = g_byte_array_new ();
  g_auto (WeirPlace) first = { FALSE, NULL, 0 };
  g_auto (WeirPlace) place = { FALSE, NULL, 0 };

  add_headers (bytes, 'h');
  weir_matroska_follower_push (follower, bytes->data, bytes->len, &first);
  g_assert_null (first.front);
  g_assert_true (weir_matroska_follower_is_on (follower));
  weir_matroska_follower_jump (follower);
  add (rest, SIMPLE_BLOCK, 100, 'x');
  add_cluster (rest, 1);
  weir_matroska_follower_push (follower, rest->data, rest->len, &place);
  g_assert_false (place.lost);
  g_assert_nonnull (place.front);
  g_assert_cmpuint (place.offset, ==, 102 + 12); /* behind the head */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/matroska-follower/cluster", test_cluster);
  g_test_add_func ("/matroska-follower/lost", test_lost);
  g_test_add_func ("/matroska-follower/anew", test_anew);
  g_test_add_func ("/matroska-follower/no-headers", test_no_headers);
  g_test_add_func ("/matroska-follower/off", test_off);
  g_test_add_func ("/matroska-follower/jump", test_jump);
  return g_test_run ();
}
