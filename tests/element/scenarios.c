/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What live streams do to their times, caps and pads: a table of scenarios. */

#include "common.h"

#define HOUR  (3600 * GST_SECOND)
#define WRAP  ((GstClockTime) G_MAXUINT32 * GST_MSECOND) /* of RTMP's clock */
#define SOUND 800 /* bytes: 50 ms of S16LE at 8000 Hz */

#define SOUND_CAPS                                                             \
  "audio/x-raw, format=S16LE, layout=interleaved, rate=8000, channels=1"

typedef enum {
  END,
  PUSH,     /* pictures of a film, from the first on */
  JUMP,     /* times go on at what is said */
  DISCONT,  /* from here on each picture says that it is one */
  NO_TIMES, /* from here on none says when it is */
  CAPS,     /* the same pictures, at another rate */
  NEW_PAD,  /* the pad is released, and another one requested */
  SOUND_AT, /* from here on silence comes with the pictures, off by so much */
} Action;

typedef struct {
  Action action;
  guint film, first, n;
  GstClockTimeDiff time;
} Step;

typedef struct {
  const gchar *name;
  guint n_matches;
  Step steps[8];
} Scenario;

static const Scenario scenarios[] = {
  { "plain", 1, { { PUSH, KNOWN_FILM, 0, PICTURES_TO_FLAG } } },
  { "an encoder that connects again", 1,
      { { JUMP, .time = HOUR }, { PUSH, UNKNOWN_FILM, 0, 50 },
          { JUMP, .time = 0 }, { PUSH, KNOWN_FILM, 0, PICTURES_TO_FLAG } } },
  { "connecting again while something matches", 2,
      { { JUMP, .time = HOUR }, { PUSH, KNOWN_FILM, 0, 50 },
          { JUMP, .time = 0 }, { PUSH, KNOWN_FILM, 0, PICTURES_TO_FLAG } } },
  { "too little before and after it", 0,
      { { JUMP, .time = HOUR }, { PUSH, KNOWN_FILM, 0, PICTURES_TO_FLAG - 1 },
          { JUMP, .time = 0 },
          { PUSH, KNOWN_FILM, 100, PICTURES_TO_FLAG - 1 } } },
  { "a jump ahead", 1,
      { { PUSH, UNKNOWN_FILM, 0, 50 }, { JUMP, .time = HOUR },
          { PUSH, KNOWN_FILM, 0, PICTURES_TO_FLAG } } },
  { "RTMP's clock wraps", 1,
      { { JUMP, .time = WRAP - 10 * PICTURE_DURATION },
          { PUSH, UNKNOWN_FILM, 0, 10 }, { JUMP, .time = 0 },
          { PUSH, KNOWN_FILM, 0, PICTURES_TO_FLAG } } },
  { "it wraps within the known film", 1,
      { { JUMP, .time = WRAP - 2 * PICTURE_DURATION },
          { PUSH, KNOWN_FILM, 0, 2 }, { JUMP, .time = 0 },
          { PUSH, KNOWN_FILM, 2, PICTURES_TO_FLAG } } },
  { "every picture a discontinuity", 1,
      { { DISCONT }, { PUSH, KNOWN_FILM, 0, PICTURES_TO_FLAG } } },
  { "no times", 1,
      { { NO_TIMES }, { PUSH, KNOWN_FILM, 0, PICTURES_TO_FLAG } } },
  { "other caps within the known film", 1,
      { { PUSH, KNOWN_FILM, 0, PICTURES_TO_FLAG - 1 }, { CAPS },
          { PUSH, KNOWN_FILM, PICTURES_TO_FLAG - 1, 1 } } },
  { "another pad within the known film", 1,
      { { PUSH, KNOWN_FILM, 0, PICTURES_TO_FLAG - 1 }, { NEW_PAD },
          { PUSH, KNOWN_FILM, PICTURES_TO_FLAG - 1, 1 } } },
  { "sound that is seconds ahead", 1,
      { { JUMP, .time = HOUR }, { SOUND_AT, .time = 6 * GST_SECOND },
          { PUSH, KNOWN_FILM, 0, PICTURES_TO_FLAG } } },
  { "sound that is seconds behind", 1,
      { { JUMP, .time = HOUR }, { SOUND_AT, .time = -6 * (gint64) GST_SECOND },
          { PUSH, KNOWN_FILM, 0, PICTURES_TO_FLAG } } },
};

typedef struct {
  Rig *rig;
  GstHarness *picture, *sound; /* sound: NULL without */
  GstClockTimeDiff sound_offset;
  gboolean discont, no_times;
  guint n_pads, n_pushed;
} Run;

static gchar *bank;

static void
set_up (void)
{
  bank = make_bank (WEIR_OPINION_CONFIRMED, WEIR_ACTION_CUT);
}

static void
tear_down (void)
{
  delete_bank (bank);
}

static GstHarness *
add_pad (Run *run, const gchar *caps)
{
  g_autofree gchar *sink = g_strdup_printf ("sink_%u", run->n_pads);
  g_autofree gchar *src = g_strdup_printf ("src_%u", run->n_pads);
  GstHarness *harness =
      gst_harness_new_with_element (run->rig->weir, sink, src);

  run->n_pads++;
  gst_harness_set_src_caps_str (harness, caps);
  return harness;
}

static void
push_sound (Run *run)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, SOUND, NULL);

  gst_buffer_memset (buffer, 0, 0, SOUND);
  GST_BUFFER_PTS (buffer) =
      (GstClockTime) ((gint64) run->rig->now + run->sound_offset);
  fail_unless_equals_int (gst_harness_push (run->sound, buffer), GST_FLOW_OK);
}

static void
push_pictures (Run *run, const Step *step)
{
  guint i;

  for (i = 0; i < step->n; i++) {
    GstBuffer *buffer =
        make_picture (step->film, step->first + i, run->rig->now);

    if (run->discont)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    if (run->no_times)
      GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
    if (run->sound)
      push_sound (run);
    fail_unless_equals_int (
        gst_harness_push (run->picture, buffer), GST_FLOW_OK);
    gst_buffer_unref (gst_harness_pull (run->picture));
    run->rig->now += PICTURE_DURATION;
  }
}

static void
push_other_caps (Run *run)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (PICTURE_CAPS);

  gst_caps_set_simple (caps, "framerate", GST_TYPE_FRACTION, 30, 1, NULL);
  fail_unless (
      gst_harness_push_event (run->picture, gst_event_new_caps (caps)));
}

static void
take_step (Run *run, const Step *step)
{
  switch (step->action) {
    case PUSH:
      push_pictures (run, step);
      break;
    case JUMP:
      run->rig->now = (GstClockTime) step->time;
      break;
    case DISCONT:
      run->discont = TRUE;
      break;
    case NO_TIMES:
      run->no_times = TRUE;
      break;
    case CAPS:
      push_other_caps (run);
      break;
    case NEW_PAD:
      gst_harness_teardown (run->picture);
      run->picture = add_pad (run, PICTURE_CAPS);
      break;
    case SOUND_AT:
      run->sound = add_pad (run, SOUND_CAPS);
      run->sound_offset = step->time;
      break;
    default:
      break;
  }
}

/* The first pad of the rig stays idle, so that no scenario is without one. */
static void
play (const Scenario *scenario)
{
  Run run = { .rig = rig_new (make_weir (bank, "sync-analysis=true"), NULL),
    .n_pads = 1 };
  guint i;

  run.picture = add_pad (&run, PICTURE_CAPS);
  for (i = 0; scenario->steps[i].action != END; i++)
    take_step (&run, &scenario->steps[i]);
  fail_unless (rig_get_stat (run.rig, "matches") == scenario->n_matches,
      "%s: %u matches", scenario->name,
      (guint) rig_get_stat (run.rig, "matches"));
  gst_harness_teardown (run.picture);
  if (run.sound)
    gst_harness_teardown (run.sound);
  rig_free (run.rig);
}

GST_START_TEST (test_scenario)
{
  play (&scenarios[__i__]);
}
GST_END_TEST;

static Suite *
scenarios_suite (void)
{
  Suite *suite = suite_create ("scenarios");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_loop_test (cases, test_scenario, 0, G_N_ELEMENTS (scenarios));
  return suite;
}

GST_CHECK_MAIN (scenarios);
