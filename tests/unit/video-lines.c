/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a frame that does not hit counts against a line. */
#include "match/video-lines.h"
#include "match-streams.h"

typedef struct {
  GRand *rand;
  WeirBank *bank; /* has a whole picture each FRAME */
  WeirVideoLines *lines;
  gint64 time;
  gint64 last_hit;
  guint n_misses;
  gint64 first_miss;
} Fixture;

static void
on_trial (const WeirVideoLine *line, const WeirVideoTrial *trial,
    const WeirTrackPoint *point, gpointer user_data)
{
  Fixture *fixture = user_data;

  if (trial->outcome != WEIR_TRIAL_MISS)
    return;
  if (fixture->n_misses++ == 0)
    fixture->first_miss = fixture->time;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) frames = film_new (1, 10);

  fixture->rand = g_rand_new_with_seed (4);
  fixture->bank = bank_new_of (frames, NULL);
  fixture->lines = weir_video_lines_new (fixture->bank);
  weir_video_lines_set_trace (fixture->lines, on_trial, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  weir_video_lines_free (fixture->lines);
  weir_bank_unref (fixture->bank);
  g_rand_free (fixture->rand);
}

/* Shows a new picture, which hits @view of the reference when @hits, as it is
 * or as the part that a cut left. */
static void
show (Fixture *fixture, WeirView view, gboolean hits)
{
  const WeirEdits edits = weir_view_is_part (view) ? WEIR_EDIT_CROPPED : 0;
  const WeirVideoHit hit = {
    .time = (guint32) (fixture->time / MS),
    .distance = 4,
    .view = (guint8) view,
  };
  WeirStamp stamp = stream_stamp (fixture->time);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  WeirShownPicture shown = { .firm = all_bits };

  random_hash (fixture->rand, &shown.hash);
  if (hits) {
    g_array_append_val (found, hit);
    fixture->last_hit = fixture->time;
  }
  weir_video_lines_begin (fixture->lines, &stamp);
  weir_video_lines_vote (fixture->lines, edits, edits, found);
  weir_video_lines_end (fixture->lines, &shown);
  fixture->time += FRAME;
}

/* Of each three frames one hits, as the bank has a part about as often. */
static void
show_sparsely (Fixture *fixture, WeirView view)
{
  for (guint i = 0; i < 48; i++)
    show (fixture, view, i % 3 == 0);
}

static void
test_part (Fixture *fixture, gconstpointer data)
{
  show_sparsely (fixture, WEIR_VIEW_MIDDLE);
  g_assert_cmpuint (fixture->n_misses, ==, 0);
  g_assert_cmpuint (weir_video_lines_get_length (fixture->lines), ==, 1);
  g_assert_cmpuint (weir_video_lines_get (fixture->lines, 0)->hits, ==, 16);
  for (guint i = 0; i < 4; i++)
    show (fixture, WEIR_VIEW_MIDDLE, FALSE);
  g_assert_cmpuint (fixture->n_misses, >, 0);
  g_assert_cmpint (fixture->first_miss - fixture->last_hit, ==, 4 * FRAME);
}

/* Whole pictures are in the bank often enough. */
static void
test_whole (Fixture *fixture, gconstpointer data)
{
  show (fixture, WEIR_VIEW_PLAIN, TRUE);
  show (fixture, WEIR_VIEW_PLAIN, TRUE);
  show (fixture, WEIR_VIEW_PLAIN, FALSE);
  g_assert_cmpuint (fixture->n_misses, ==, 1);
  g_assert_cmpint (fixture->first_miss - fixture->last_hit, ==, FRAME);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add (
      "/video-lines/part-between", Fixture, NULL, set_up, test_part, tear_down);
  g_test_add ("/video-lines/whole-between", Fixture, NULL, set_up, test_whole,
      tear_down);
  return g_test_run ();
}
