/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which pictures count on a line, and that the measured weights make sense. */
#include "match/video-evidence.h"
#include "match-streams.h"

#include <math.h>

typedef struct {
  GRand *rand;
  WeirVideoEvidence evidence;
  WeirVideoVotes votes;
  WeirVideoTrial trial;
  WeirPdqHash firm; /* of what is shown */
} Line;

/* Shows @hash of what the reference has: @n_known pictures, 40 ms apart.
 * Returns whether it counts. */
static gboolean
show (Line *line, gint64 time, const WeirPdqHash *hash,
    const WeirPdqHash *known, guint n_known)
{
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  const WeirShownPicture shown = { *hash, line->firm };
  const WeirVideoVote *vote = NULL;
  guint i;

  for (i = 0; i < n_known; i++) {
    guint distance = weir_pdq_distance (hash, &known[i]);
    WeirVideoHit hit = { .time = 40 * i, .distance = (guint16) distance };

    if (distance <= WEIR_PDQ_RADIUS)
      g_array_append_val (hits, hit);
  }
  weir_video_votes_begin (&line->votes);
  weir_video_votes_add (&line->votes, 0, 0, hits);
  weir_video_votes_end (&line->votes);
  for (i = 0; i < line->votes.votes->len; i++) {
    const WeirVideoVote *other =
        &g_array_index (line->votes.votes, WeirVideoVote, i);

    if (!vote || other->distance < vote->distance)
      vote = other;
  }
  if (!vote)
    return weir_video_evidence_miss (
        &line->evidence, time, &shown, &line->trial);
  if (line->evidence.n_counted > 0)
    return weir_video_evidence_hit (
        &line->evidence, time, &shown, &line->votes, vote, FALSE, &line->trial);
  weir_video_evidence_begin (
      &line->evidence, time, &shown, vote, 1, &line->trial);
  return TRUE;
}

static void
line_init (Line *line)
{
  *line = (Line){ .rand = g_rand_new_with_seed (3), .firm = all_bits };
  weir_video_votes_init (&line->votes);
}

static void
line_clear (Line *line)
{
  g_rand_free (line->rand);
  weir_video_votes_finish (&line->votes);
}

/* A still with coding noise, the reference likewise: one trial. */
static void
test_noise (void)
{
  Line line;
  WeirPdqHash still, known[50];
  guint i;

  line_init (&line);
  random_hash (line.rand, &still);
  for (i = 0; i < G_N_ELEMENTS (known); i++) {
    known[i] = still;
    disturb_hash (line.rand, 2, &known[i]);
  }
  for (i = 0; i < 500; i++) {
    WeirPdqHash shown = still;

    disturb_hash (line.rand, 10, &shown);
    g_assert_cmpint (
        show (&line, i * FRAME, &shown, known, G_N_ELEMENTS (known)), ==,
        i == 0);
  }
  line_clear (&line);
}

/* A slate that fades: noise turns what is faint of it, here and in the reference,
 * and it counts once. What turns of the rest is another picture. */
static void
test_faint (void)
{
  Line line;
  WeirPdqHash still, known[20];
  guint i;

  line_init (&line);
  line.firm = (WeirPdqHash){ { 0, 0, G_MAXUINT64, G_MAXUINT64 } };
  random_hash (line.rand, &still);
  for (i = 0; i < G_N_ELEMENTS (known); i++)
    known[i] = still;
  for (i = 0; i < 100; i++) {
    WeirPdqHash shown = still;

    shown.words[0] ^= G_GUINT64_CONSTANT (0xfffff) << i % 40;
    g_assert_cmpint (
        show (&line, i * FRAME, &shown, known, G_N_ELEMENTS (known)), ==,
        i == 0);
  }
  still.words[2] ^= 0xffff;
  g_assert_true (show (&line, i * FRAME, &still, known, 0));
  g_assert_cmpint (line.trial.outcome, ==, WEIR_TRIAL_MISS);
  line_clear (&line);
}

/* What moves counts as it moves: both sides by 16 bits, or by 8 in half a
 * second. */
static void
test_motion (void)
{
  static const struct {
    guint bits; /* a picture */
    gint64 step;
    guint every; /* so many pictures count once */
  } cases[] = {
    { 2, FRAME, 8 },
    { 4, FRAME, 4 },
    { 16, FRAME, 1 },
    { 8, SECOND / 2, 1 },
    { 4, SECOND / 2, 2 },
    { 8, SECOND / 4, 2 },
  };
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint n_counted = 0;
    WeirPdqHash known[32];
    Line line;

    line_init (&line);
    random_hash (line.rand, &known[0]);
    for (j = 1; j < G_N_ELEMENTS (known); j++) {
      guint n = 0;

      known[j] = known[j - 1];
      while (n++ < cases[i].bits)
        known[j].words[(j * cases[i].bits + n) / 64 % 4] ^=
            G_GUINT64_CONSTANT (1) << ((j * cases[i].bits + n) % 64);
    }
    for (j = 0; j < G_N_ELEMENTS (known); j++)
      n_counted += show (
          &line, j * cases[i].step, &known[j], known, G_N_ELEMENTS (known));
    g_assert_cmpuint (
        n_counted, ==, (G_N_ELEMENTS (known) - 1) / cases[i].every + 1);
    line_clear (&line);
  }
}

/* The stream moves and the reference does not: a card that fades, say. */
static void
test_one_sided (void)
{
  Line line;
  WeirPdqHash known;
  guint i;

  line_init (&line);
  random_hash (line.rand, &known);
  for (i = 0; i < 200; i++) {
    WeirPdqHash shown = known;

    disturb_hash (line.rand, 30, &shown);
    g_assert_cmpint (show (&line, i * SECOND, &shown, &known, 1), ==, i == 0);
  }
  line_clear (&line);
}

/* A picture that is missed counts against once, too. */
static void
test_misses (void)
{
  Line line;
  WeirPdqHash known, other;
  guint i;

  line_init (&line);
  random_hash (line.rand, &known);
  random_hash (line.rand, &other);
  g_assert_true (show (&line, 0, &known, &known, 1));
  for (i = 1; i < 50; i++)
    g_assert_cmpint (show (&line, i * FRAME, &other, &known, 1), ==, i == 1);
  g_assert_cmpint (line.trial.outcome, ==, WEIR_TRIAL_MISS);
  line_clear (&line);
}

static gdouble
weigh (WeirVideoEvidence *evidence, WeirTrialOutcome outcome, guint distance)
{
  const WeirVideoTrial trial = {
    .outcome = outcome,
    .distance = distance,
    .change = 40,
    .n_places = 1,
  };

  return weir_video_evidence_weigh (evidence, &trial);
}

/* Near hits speak for the line, misses against; one picture is never enough to
 * flag, two never to cut; certainty is bounded. */
static void
test_weights (void)
{
  guint distance, comparison;

  for (comparison = 0; comparison < WEIR_N_COMPARISONS; comparison++) {
    for (distance = 0; distance <= WEIR_PDQ_RADIUS; distance++) {
      WeirVideoEvidence evidence = { .n_counted = 0 };
      WeirVideoTrial trial = {
        .comparison = (WeirComparison) comparison,
        .distance = distance,
        .change = 40,
        .n_places = 1,
      };
      gdouble first = weir_video_evidence_weigh (&evidence, &trial);

      g_assert_cmpfloat (first, >, 0);
      g_assert_cmpfloat (first, <, 10);
      trial.outcome = WEIR_TRIAL_HIT;
      g_assert_cmpfloat (
          weir_video_evidence_weigh (&evidence, &trial), <, 16.1);
    }
  }
}

/* Of eight places that are hit a copy is at one. */
static void
test_places (void)
{
  const WeirVideoVote vote = { .distance = 4 };
  const WeirShownPicture shown = { .firm = all_bits };
  gdouble nats[2];
  guint i;

  for (i = 0; i < G_N_ELEMENTS (nats); i++) {
    WeirVideoEvidence evidence;
    WeirVideoTrial trial;

    weir_video_evidence_begin (
        &evidence, 0, &shown, &vote, i == 0 ? 1 : 8, &trial);
    nats[i] = weir_video_evidence_weigh (&evidence, &trial);
  }
  g_assert_cmpfloat_with_epsilon (nats[0] - nats[1], log (8), 1e-9);
}

static void
test_sum (void)
{
  WeirVideoEvidence near = { .n_counted = 0 }, far = { .n_counted = 0 };
  gdouble before, after;
  guint i;

  before = weigh (&near, WEIR_TRIAL_FIRST, 2);
  after = weigh (&near, WEIR_TRIAL_HIT, 2);
  g_assert_cmpfloat (after, >, before + 1);
  g_assert_cmpfloat (weigh (&near, WEIR_TRIAL_MISS, 0), <, after);
  for (i = 0; i < 50; i++)
    after = weigh (&near, WEIR_TRIAL_HIT, 2);
  g_assert_cmpfloat (after, <=, WEIR_VIDEO_EVIDENCE_MAX);
  for (i = 0; i < 100; i++)
    after = weigh (&near, WEIR_TRIAL_MISS, 0);
  g_assert_cmpfloat (after, <, 0);

  /* A copy that was edited much is known too, later. */
  after = weigh (&far, WEIR_TRIAL_FIRST, 20);
  for (i = 0; i < 30; i++)
    after = weigh (&far, WEIR_TRIAL_HIT, 20);
  g_assert_cmpfloat (after, >, 23);
}

/* A frame at @time ms of the reference: @still, which stands, is hit all over
 * it and @moving, unless @moving_distance is past the radius, there alone. */
static void
vote_by_parts (Line *line, WeirView still, WeirView moving,
    guint moving_distance, guint32 time)
{
  WeirEdits edits = still == WEIR_VIEW_PLAIN ? 0 : WEIR_EDIT_CROPPED;
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  g_autoptr (GArray) moving_hits =
      g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  WeirVideoHit hit = { .distance = 4, .view = (guint8) still };

  for (hit.time = 0; hit.time <= 400; hit.time += 40)
    g_array_append_val (hits, hit);
  hit = (WeirVideoHit){
    .time = time, .distance = (guint16) moving_distance, .view = (guint8) moving
  };
  if (moving_distance <= WEIR_PDQ_RADIUS)
    g_array_append_val (moving_hits, hit);
  weir_video_votes_begin (&line->votes);
  weir_video_votes_add (&line->votes, edits, edits, hits);
  weir_video_votes_add (
      &line->votes, WEIR_EDIT_CROPPED, WEIR_EDIT_CROPPED, moving_hits);
  weir_video_votes_end (&line->votes);
}

/* The view whose vote is counted at 200 ms of a line that began at 0. Returns
 * whether it counts. */
static gboolean
choose_part (WeirView still, guint moving_distance, WeirView *chosen)
{
  const WeirVideoVote *best;
  const WeirVideoRun *run;
  WeirShownPicture shown = { .firm = all_bits };
  gboolean counts;
  Line line;

  line_init (&line);
  random_hash (line.rand, &shown.hash);
  vote_by_parts (&line, still, WEIR_VIEW_INNER_TOP_LEFT, moving_distance, 0);
  run = &g_array_index (line.votes.runs, WeirVideoRun, 0);
  best = weir_video_votes_get_best (&line.votes, run, 0, 10);
  g_assert_cmpuint (best->view, ==, still);
  weir_video_evidence_begin (&line.evidence, 0, &shown, best, 1, &line.trial);

  random_hash (line.rand, &shown.hash);
  vote_by_parts (&line, still, WEIR_VIEW_INNER_TOP_LEFT, moving_distance, 200);
  run = &g_array_index (line.votes.runs, WeirVideoRun, 0);
  best = weir_video_votes_get_best (&line.votes, run, 50, 350);
  g_assert_cmpuint (best->view, ==, still);
  best = weir_video_evidence_choose (
      &line.evidence, &shown, &line.votes, run, 50, 350, best);
  *chosen = (WeirView) best->view;
  counts = weir_video_evidence_hit (
      &line.evidence, 200, &shown, &line.votes, best, FALSE, &line.trial);
  line_clear (&line);
  return counts;
}

/* Of parts that are hit, one that moves counts where a nearer one stands, but
 * not where the whole picture is hit and stands. */
static void
test_moving_part (void)
{
  WeirView chosen;

  g_assert_true (choose_part (WEIR_VIEW_MIDDLE, 20, &chosen));
  g_assert_cmpuint (chosen, ==, WEIR_VIEW_INNER_TOP_LEFT);
  g_assert_false (choose_part (WEIR_VIEW_MIDDLE, 32, &chosen));
  g_assert_cmpuint (chosen, ==, WEIR_VIEW_MIDDLE);
  g_assert_false (choose_part (WEIR_VIEW_PLAIN, 20, &chosen));
  g_assert_cmpuint (chosen, ==, WEIR_VIEW_PLAIN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/video-evidence/noise", test_noise);
  g_test_add_func ("/video-evidence/faint", test_faint);
  g_test_add_func ("/video-evidence/motion", test_motion);
  g_test_add_func ("/video-evidence/one-sided", test_one_sided);
  g_test_add_func ("/video-evidence/misses", test_misses);
  g_test_add_func ("/video-evidence/moving-part", test_moving_part);
  g_test_add_func ("/video-evidence/weights", test_weights);
  g_test_add_func ("/video-evidence/places", test_places);
  g_test_add_func ("/video-evidence/sum", test_sum);
  return g_test_run ();
}
