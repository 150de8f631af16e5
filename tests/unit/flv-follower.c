/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where FLV can be taken up again, in pieces of any length. */

#include "container/flv-follower.h"
#include "take-up.h"

#include <string.h>

#define AUDIO  8
#define VIDEO  9
#define SCRIPT 18

/* First bytes of the data of tags. */
#define AVC_HEADER 0x17, 0
#define AVC_KEY    0x17, 1
#define AVC_INTER  0x27, 1
#define AAC_HEADER 0xaf, 0
#define AAC_RAW    0xaf, 1

static void
add_file_header (GByteArray *bytes)
{
  const guint8 header[] = { 'F', 'L', 'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0 };

  g_byte_array_append (bytes, header, sizeof (header));
}

/* A tag of @size bytes of data, which begin as said and are @filler then. */
static void
add_tag (GByteArray *bytes, guint8 type, guint8 first, guint8 second,
    guint size, guint8 filler)
{
  guint total = 11 + size;
  const guint8 header[] = { type, (guint8) (size >> 16), (guint8) (size >> 8),
    (guint8) size, 0, 0, 0, 0, 0, 0, 0, first, second };
  const guint8 trailer[] = { 0, (guint8) (total >> 16), (guint8) (total >> 8),
    (guint8) total };
  guint begin = bytes->len;

  g_byte_array_append (bytes, header, 11 + MIN (size, 2));
  g_byte_array_set_size (bytes, begin + total);
  if (size > 2)
    memset (bytes->data + begin + 13, filler, size - 2);
  g_byte_array_append (bytes, trailer, sizeof (trailer));
}

DEFINE_TAKE_UP_KIND (WeirFlvFollower, flv)

/* The newest headers are put in front, of whatever codec. */
static void
check_video (guint8 header, guint8 key, guint8 inter, guint8 second_header,
    guint8 second)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  guint from, i;

  add_file_header (bytes);
  add_tag (bytes, SCRIPT, 2, 0, 300, 's');
  add_tag (bytes, VIDEO, header, second_header, 40, 'o');
  add_tag (bytes, AUDIO, AAC_HEADER, 4, 'a');
  add_tag (bytes, VIDEO, header, second_header, 50, 'v');
  add_tag (bytes, VIDEO, key, second, 500, 'k');
  for (i = 0; i < 4; i++) {
    add_tag (bytes, VIDEO, inter, second, 200, 'i');
    add_tag (bytes, AUDIO, AAC_RAW, 100, 'r');
  }
  from = bytes->len;
  add_file_header (expected);
  add_tag (expected, VIDEO, header, second_header, 50, 'v');
  add_tag (expected, AUDIO, AAC_HEADER, 4, 'a');
  for (i = 0; i < 2; i++) {
    GByteArray *both[] = { bytes, expected };

    add_tag (both[i], VIDEO, key, second, 400, 'K');
    add_tag (both[i], AUDIO, AAC_RAW, 100, 'R');
    add_tag (both[i], VIDEO, inter, second, 1, 0);
    add_tag (both[i], VIDEO, inter, second, 0, 0);
    add_tag (both[i], VIDEO, inter, second, 70000, 'I');
  }
  assert_taken_up (&flv, bytes, from, expected, 0);
}

static void
test_video (void)
{
  check_video (0x17, 0x17, 0x27, 0, 1);
  check_video (0x1c, 0x1c, 0x2c, 0, 1);
  check_video (0x90, 0x91, 0xa1, 'h', 'h');
}

static void
test_audio_alone (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  guint from;

  add_file_header (bytes);
  add_tag (bytes, AUDIO, AAC_HEADER, 4, 'a');
  add_tag (bytes, AUDIO, AAC_RAW, 100, 'r');
  from = bytes->len;
  add_tag (bytes, AUDIO, AAC_RAW, 90, 'R');
  add_file_header (expected);
  add_tag (expected, AUDIO, AAC_HEADER, 4, 'a');
  add_tag (expected, AUDIO, AAC_RAW, 90, 'R');
  assert_taken_up (&flv, bytes, from, expected, 0);
}

/* Bytes that are no tag; then, after what looks like one, tags again. */
static void
test_lost (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  const guint8 decoy[] = { 9, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 0x17, 1, 9, 9 };
  guint8 noise[64], i;
  guint from;

  memset (noise, 'x', sizeof (noise));
  add_file_header (bytes);
  add_tag (bytes, VIDEO, AVC_HEADER, 50, 'v');
  add_tag (bytes, VIDEO, AVC_KEY, 500, 'k');
  g_byte_array_append (bytes, noise, sizeof (noise));
  g_byte_array_append (bytes, decoy, sizeof (decoy));
  g_byte_array_append (bytes, noise, sizeof (noise));
  from = bytes->len;
  for (i = 0; i < 3; i++)
    add_tag (bytes, VIDEO, AVC_INTER, 300, 'i');
  add_tag (bytes, VIDEO, AVC_KEY, 400, 'K');
  add_file_header (expected);
  add_tag (expected, VIDEO, AVC_HEADER, 50, 'v');
  add_tag (expected, VIDEO, AVC_KEY, 400, 'K');
  assert_taken_up (&flv, bytes, from, expected, 1);
}

/* A stream that begins anew in the same bytes has headers of its own, and a
 * demuxer takes the first of them for a tag. */
static void
test_anew (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  guint from;

  add_file_header (bytes);
  add_tag (bytes, VIDEO, AVC_HEADER, 50, 'v');
  add_tag (bytes, AUDIO, AAC_HEADER, 4, 'a');
  add_tag (bytes, VIDEO, AVC_KEY, 300, 'k');
  from = bytes->len;
  add_file_header (bytes);
  add_tag (bytes, VIDEO, AVC_HEADER, 60, 'w');
  add_tag (bytes, VIDEO, AVC_KEY, 400, 'K');
  add_file_header (expected);
  add_tag (expected, VIDEO, AVC_HEADER, 60, 'w');
  add_tag (expected, VIDEO, AVC_KEY, 400, 'K');
  assert_taken_up (&flv, bytes, from, expected, 1);
}

/* Too large a header is not kept, nor is the one that it takes the place of. */
static void
test_limits (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  g_autoptr (GByteArray) taken = NULL;
  guint from, n_lost;

  add_file_header (bytes);
  add_tag (bytes, VIDEO, AVC_HEADER, 50, 'v');
  add_tag (bytes, AUDIO, AAC_HEADER, 4, 'a');
  add_tag (bytes, VIDEO, AVC_HEADER, WEIR_FLV_HEADER_MAX + 1, 'V');
  from = bytes->len;
  add_tag (bytes, VIDEO, AVC_KEY, 400, 'K');
  add_file_header (expected);
  add_tag (expected, AUDIO, AAC_HEADER, 4, 'a');
  add_tag (expected, VIDEO, AVC_KEY, 400, 'K');
  taken = take_up (&flv, bytes, from, 1000, &n_lost);
  g_assert_cmpmem (taken->data, taken->len, expected->data, expected->len);
}

static void
test_not_flv (void)
{
  g_autoptr (WeirFlvFollower) follower = weir_flv_follower_new ();
  const guint8 bytes[64] = { 0x47, 0x40 };
  g_auto (WeirPlace) place = { FALSE, NULL, 0 };

  g_assert_true (weir_flv_follower_wants (follower));
  weir_flv_follower_push (follower, bytes, sizeof (bytes), &place);
  g_assert_false (weir_flv_follower_is_on (follower));
  g_assert_false (weir_flv_follower_wants (follower));
  g_assert_false (place.lost);
  weir_flv_follower_jump (follower);
  g_assert_true (weir_flv_follower_wants (follower));
}

/* After a seek the headers still hold. */
static void
test_jump (void)
{
  g_autoptr (WeirFlvFollower) follower = weir_flv_follower_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_auto (WeirPlace) before = { FALSE, NULL, 0 };
  g_auto (WeirPlace) after = { FALSE, NULL, 0 };
  guint n_before;

  add_file_header (bytes);
  add_tag (bytes, VIDEO, AVC_HEADER, 50, 'v');
  add_tag (bytes, VIDEO, AVC_KEY, 300, 'k');
  n_before = bytes->len;
  add_tag (bytes, VIDEO, AVC_INTER, 300, 'i');
  add_tag (bytes, VIDEO, AVC_KEY, 300, 'k');
  weir_flv_follower_push (follower, bytes->data, n_before, &before);
  weir_flv_follower_jump (follower);
  weir_flv_follower_push (
      follower, bytes->data + n_before, bytes->len - n_before, &after);
  g_assert_true (weir_flv_follower_is_on (follower));
  g_assert_false (after.lost);
  g_assert_true (g_bytes_equal (before.front, after.front));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flv-follower/video", test_video);
  g_test_add_func ("/flv-follower/audio-alone", test_audio_alone);
  g_test_add_func ("/flv-follower/lost", test_lost);
  g_test_add_func ("/flv-follower/anew", test_anew);
  g_test_add_func ("/flv-follower/limits", test_limits);
  g_test_add_func ("/flv-follower/not-flv", test_not_flv);
  g_test_add_func ("/flv-follower/jump", test_jump);
  return g_test_run ();
}
