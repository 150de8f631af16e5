/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is broken in the middle of a stream does not hide what follows. */

#include "clip.h"
#include "common.h"

#define FLV    "video/x-h264, stream-format=avc ! flvmux streamable=true"
#define TS     "video/x-h264, stream-format=byte-stream ! mpegtsmux"
#define STREAM "video/x-h264, stream-format=byte-stream, alignment=au"

typedef struct {
  const gchar *muxer;
  gsize cut;             /* into pieces of so many bytes; 0: as they come */
  gboolean with_caps;    /* or the element finds out what it is */
  gsize offset, n_bytes; /* what is broken of the buffer */
} Broken;

static const Broken broken[] = {
  { FLV, 0, TRUE, 0, 1 },       /* no tag */
  { FLV, 0, TRUE, 2, 2 },       /* of another size */
  { FLV, 0, TRUE, 11, 1 },      /* of no codec */
  { FLV, 0, TRUE, 12, 1 },      /* of no type */
  { FLV, 0, TRUE, 16, 4 },      /* of a picture that has another size */
  { FLV, 0, TRUE, 20, 400 },    /* a picture */
  { FLV, 1000, TRUE, 0, 1000 }, /* several */
  { FLV, 1000, FALSE, 0, 1000 },
  { FLV, 7, FALSE, 0, 7 },
  { STREAM, 0, TRUE, 4, 400 },
  { STREAM, 0, TRUE, 0, 8 },
  { STREAM, 1000, FALSE, 0, 1000 },
  { TS, 0, TRUE, 0, 1000 },
  { TS, 188, FALSE, 0, 188 },
  { TS, 1000, FALSE, 0, 1000 },
};

static gchar *bank;

static void
set_up (void)
{
  bank = clip_make_bank ();
}

static void
tear_down (void)
{
  delete_bank (bank);
}

static void
begin (Rig *rig, const Clip *clip, gboolean with_caps)
{
  if (with_caps)
    gst_harness_set_src_caps (rig->harness, gst_caps_ref (clip->caps));
  else
    gst_harness_set_src_caps_str (rig->harness, "application/octet-stream");
}

static void
push (Rig *rig, const Clip *clip, guint start, guint end)
{
  guint i;

  for (i = start; i < end; i++) {
    GstBuffer *buffer = g_ptr_array_index (clip->buffers, i);

    fail_unless_equals_int (
        gst_harness_push (rig->harness, gst_buffer_ref (buffer)), GST_FLOW_OK);
    gst_buffer_unref (gst_harness_pull (rig->harness));
  }
}

/* What was said last is that all is seen. */
static void
assert_seen (Rig *rig)
{
  g_autoptr (GstStructure) last = NULL;
  GstStructure *next;

  for (next = rig_pop (rig, "weir-status"); next;
       next = rig_pop (rig, "weir-status")) {
    g_clear_pointer (&last, gst_structure_free);
    last = next;
  }
  fail_unless (last != NULL);
  assert_string (last, "state", "active");
  assert_string (last, "reason", "");
}

GST_START_TEST (test_broken)
{
  const Broken *here = &broken[__i__];
  Clip *clip = clip_new (here->muxer);
  Rig *rig = rig_new (make_weir (bank, "sync-analysis=true decode=all"), NULL);
  guint place;

  if (here->cut > 0)
    clip_cut (clip, here->cut);
  place = clip_find (clip, 1, 8);
  clip_break (clip, place, here->offset, here->n_bytes);
  begin (rig, clip, here->with_caps);
  push (rig, clip, 0, place);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 0);
  push (rig, clip, place, clip->buffers->len);
  fail_unless (gst_harness_push_event (rig->harness, gst_event_new_eos ()));
  fail_unless (rig_get_stat (rig, "matches") == 1, "%s in pieces of %u",
      here->muxer, (guint) here->cut);
  assert_seen (rig);
  rig_free (rig);
  clip_free (clip);
}
GST_END_TEST;

static Suite *
resync_suite (void)
{
  Suite *suite = suite_create ("resync");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, set_up, tear_down);
  tcase_add_loop_test (cases, test_broken, 0, G_N_ELEMENTS (broken));
  return suite;
}

GST_CHECK_MAIN (resync);
