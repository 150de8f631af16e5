/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hits of a frame in order, in runs, and found again. */
#include "match/video-votes.h"

#include <math.h>

static void
add_hit (GArray *hits, guint32 reference, guint32 time, guint16 distance)
{
  WeirVideoHit hit = {
    .reference = reference,
    .time = time,
    .distance = distance,
    .view = WEIR_VIEW_PLAIN,
  };

  g_array_append_val (hits, hit);
}

static const WeirVideoRun *
get_run (const WeirVideoVotes *votes, guint index)
{
  return &g_array_index (votes->runs, WeirVideoRun, index);
}

/* Two pictures of one reference and one of another, in no order; and the
 * mirror image. */
static void
test_runs (void)
{
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  WeirVideoVotes votes;
  const WeirVideoVote *vote;
  WeirVideoVote plain, mirrored;
  guint i;

  weir_video_votes_init (&votes);
  weir_video_votes_begin (&votes);
  add_hit (hits, 7, 9000, 3);
  for (i = 0; i < 20; i++)
    add_hit (hits, 5, 1000 + 100 * ((i * 7) % 20), 10);
  add_hit (hits, 5, 5000, 12);
  weir_video_votes_add (&votes, 0, 0, hits);
  g_array_set_size (hits, 1);
  weir_video_votes_add (&votes, WEIR_EDIT_BORDERED | WEIR_EDIT_MIRRORED,
      WEIR_EDIT_BORDERED | WEIR_EDIT_MIRRORED, hits);
  weir_video_votes_end (&votes);

  g_assert_cmpuint (votes.runs->len, ==, 4);
  g_assert_cmpuint (weir_video_votes_find (&votes, 5, FALSE), ==, 0);
  g_assert_cmpuint (weir_video_votes_find (&votes, 7, FALSE), ==, 2);
  g_assert_cmpuint (weir_video_votes_find (&votes, 7, TRUE), ==, 3);
  g_assert_cmpuint (weir_video_votes_count_runs (&votes, 0), ==, 2);
  g_assert_cmpuint (weir_video_votes_count_runs (&votes, 1), ==, 1);
  g_assert_cmpuint (weir_video_votes_count_runs (&votes, 2), ==, 1);
  g_assert_cmpuint (weir_video_votes_count_runs (&votes, 3), ==, 1);
  g_assert_cmpfloat (fabs (get_run (&votes, 0)->mean - 1950), <, 1);
  g_assert_cmpfloat (fabs (get_run (&votes, 0)->deviation - 577), <, 2);
  g_assert_cmpfloat (get_run (&votes, 1)->mean, ==, 5000);
  g_assert_cmpfloat (get_run (&votes, 1)->deviation, ==, 0);
  g_assert_cmpuint (get_run (&votes, 2)->reference, ==, 7);
  g_assert_true (get_run (&votes, 3)->mirrored);

  vote = weir_video_votes_get_best (&votes, get_run (&votes, 0), 1950, 2010);
  g_assert_cmpuint (vote->time, ==, 2000);
  g_assert_null (
      weir_video_votes_get_best (&votes, get_run (&votes, 0), 1910, 1990));
  g_assert_null (
      weir_video_votes_get_best (&votes, get_run (&votes, 0), -90, 990));
  /* The same look alone is compared. */
  plain = *vote;
  g_assert_cmpuint (
      weir_video_votes_get_distance (&votes, &plain, 5000), ==, 12);
  g_assert_cmpuint (weir_video_votes_get_distance (&votes, &plain, 5001), ==,
      WEIR_PDQ_RADIUS + 1);
  plain.view = WEIR_VIEW_MIDDLE;
  g_assert_cmpuint (weir_video_votes_get_distance (&votes, &plain, 5000), ==,
      WEIR_PDQ_RADIUS + 1);
  mirrored =
      g_array_index (votes.votes, WeirVideoVote, get_run (&votes, 3)->best);
  g_assert_cmpuint (
      weir_video_votes_get_distance (&votes, &mirrored, 9000), ==, 3);

  weir_video_votes_begin (&votes);
  weir_video_votes_end (&votes);
  g_assert_cmpuint (votes.runs->len, ==, 0);
  g_assert_cmpuint (weir_video_votes_get_distance (&votes, &mirrored, 9000), ==,
      WEIR_PDQ_RADIUS + 1);
  weir_video_votes_finish (&votes);
}

/* Where hits are nearest, there the picture is. */
static void
test_place (void)
{
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  WeirVideoVotes votes;
  gint i;

  weir_video_votes_init (&votes);
  weir_video_votes_begin (&votes);
  for (i = 0; i < 60; i++)
    add_hit (hits, 0, (guint32) (33 * i), (guint16) MIN (31, ABS (i - 20) * 2));
  weir_video_votes_add (&votes, 0, 0, hits);
  weir_video_votes_end (&votes);
  g_assert_cmpuint (votes.runs->len, ==, 1);
  g_assert_cmpfloat (fabs (get_run (&votes, 0)->mean - 660), <, 10);
  g_assert_cmpfloat (get_run (&votes, 0)->deviation, <, 100);
  weir_video_votes_finish (&votes);
}

/* Many that are far do not outweigh few that are near, nor do windows, which
 * are alike all over, outweigh whole pictures. */
static void
test_place_alike (void)
{
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  WeirVideoVotes votes;
  guint i;

  weir_video_votes_init (&votes);
  weir_video_votes_begin (&votes);
  for (i = 0; i < 400; i++)
    add_hit (hits, 0, 33 * i, i >= 8 && i <= 12 ? 4 : 18);
  weir_video_votes_add (&votes, 0, 0, hits);
  g_array_set_size (hits, 0);
  for (i = 0; i < 400; i++)
    add_hit (hits, 0, 33 * i, 5);
  weir_video_votes_add (&votes, WEIR_EDIT_CROPPED, WEIR_EDIT_CROPPED, hits);
  weir_video_votes_end (&votes);
  g_assert_cmpuint (votes.runs->len, ==, 1);
  g_assert_cmpfloat (fabs (get_run (&votes, 0)->mean - 330), <, 1);
  g_assert_cmpfloat (get_run (&votes, 0)->deviation, <, 60);
  weir_video_votes_finish (&votes);
}

/* Only whole pictures on both sides are a comparison of such. */
static void
test_comparisons (void)
{
  static const struct {
    WeirEdits edits;
    WeirView known;
    WeirComparison comparison;
  } cases[] = {
    { 0, WEIR_VIEW_PLAIN, WEIR_COMPARISON_WHOLE },
    { WEIR_EDIT_MIRRORED, WEIR_VIEW_PLAIN, WEIR_COMPARISON_WHOLE },
    { WEIR_EDIT_BORDERED, WEIR_VIEW_UNBORDERED, WEIR_COMPARISON_WHOLE },
    { 0, WEIR_VIEW_MIDDLE, WEIR_COMPARISON_WINDOW },
    { WEIR_EDIT_INSET, WEIR_VIEW_PLAIN, WEIR_COMPARISON_WINDOW },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
    WeirVideoVotes votes;

    weir_video_votes_init (&votes);
    weir_video_votes_begin (&votes);
    add_hit (hits, 0, 0, 0);
    g_array_index (hits, WeirVideoHit, 0).view = cases[i].known;
    weir_video_votes_add (&votes, cases[i].edits, cases[i].edits, hits);
    weir_video_votes_end (&votes);
    g_assert_cmpuint (g_array_index (votes.votes, WeirVideoVote, 0).comparison,
        ==, cases[i].comparison);
    weir_video_votes_finish (&votes);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/video-votes/runs", test_runs);
  g_test_add_func ("/video-votes/place", test_place);
  g_test_add_func ("/video-votes/place-alike", test_place_alike);
  g_test_add_func ("/video-votes/comparisons", test_comparisons);
  return g_test_run ();
}
