/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is broken, left out or came too early hides nothing of what follows. */

#include "clip.h"
#include "common.h"

#define FLV "video/x-h264, stream-format=avc ! flvmux streamable=true"
#define MKV "video/x-h264, stream-format=avc ! matroskamux streamable=true"
#define TS  "video/x-h264, stream-format=byte-stream ! mpegtsmux"
#define OTHER_TS                                                               \
  "h264parse config-interval=-1 ! video/x-h264, stream-format=byte-stream ! "  \
  "m.sink_768 mpegtsmux name=m m."
#define STREAM "video/x-h264, stream-format=byte-stream, alignment=au"

/* Headers with each keyframe, without which nobody can join a stream. */
#define JOINED_STREAM STREAM " ! h264parse config-interval=-1 ! " STREAM
#define JOINED_TS     STREAM " ! h264parse config-interval=-1 ! mpegtsmux"

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
  { MKV, 0, TRUE, 0, 400 },
  { MKV, 1000, TRUE, 0, 1000 },
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

/* What was said last. */
static void
assert_status (Rig *rig, const gchar *state, const gchar *reason)
{
  g_autoptr (GstStructure) last = NULL;
  GstStructure *next;

  for (next = rig_pop (rig, "weir-status"); next;
       next = rig_pop (rig, "weir-status")) {
    g_clear_pointer (&last, gst_structure_free);
    last = next;
  }
  fail_unless (last != NULL);
  assert_string (last, "state", state);
  assert_string (last, "reason", reason);
}

/* All is seen, the known film once; and no more of @rig and @clip. */
static void
finish (Rig *rig, Clip *clip, const gchar *name, gsize cut)
{
  fail_unless (rig_get_stat (rig, "matches") == 1, "%s in pieces of %u", name,
      (guint) cut);
  assert_status (rig, "active", "");
  rig_free (rig);
  clip_free (clip);
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
  finish (rig, clip, here->muxer, here->cut);
}
GST_END_TEST;

/* ---- what did not fit ---- */

typedef struct {
  const gchar *muxer;
  gsize cut;
  gboolean with_caps;
} Kind;

static const Kind kinds[] = {
  { FLV, 0, TRUE },
  { FLV, 1000, FALSE },
  { MKV, 1000, FALSE },
  { STREAM, 0, TRUE },
  { TS, 188, FALSE },
};

static const Kind joined[] = {
  { FLV, 0, TRUE },
  { FLV, 1000, FALSE },
  { MKV, 0, TRUE },
  { JOINED_STREAM, 0, TRUE },
  { JOINED_TS, 188, FALSE },
};

/* Pushes one by one, so that what is late is not left out for it. */
static void
push_slowly (Rig *rig, const Clip *clip, guint start, guint end)
{
  guint i;

  for (i = start; i < end; i++) {
    push (rig, clip, i, i + 1);
    rig_wait_done (rig);
  }
}

/* Until there is no more room. */
static void
push_nothing (Rig *rig)
{
  while (rig_get_stat (rig, "dropped") == 0) {
    gst_harness_push (rig->harness, gst_buffer_new ());
    gst_buffer_unref (gst_harness_pull (rig->harness));
  }
}

/* The analysis is held up until some of the stream is left out. */
GST_START_TEST (test_overflow)
{
  const Kind *kind = &kinds[__i__];
  Clip *clip = clip_new (kind->muxer);
  Rig *rig = rig_new (make_weir (bank, "decode=all"), NULL);
  guint gap, end;

  if (kind->cut > 0)
    clip_cut (clip, kind->cut);
  gap = clip_find (clip, 3, 16);
  end = clip_find (clip, 4, 16);
  rig_hold_up (rig, "weir-status");
  begin (rig, clip, kind->with_caps);
  push (rig, clip, 0, gap);
  rig_wait_held ();
  push_nothing (rig);
  push (rig, clip, gap, end);
  fail_unless (rig_get_stat (rig, "dropped") > end - gap);
  rig_let_go ();
  rig_wait_done (rig);
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 0);
  push_slowly (rig, clip, end, clip->buffers->len);
  fail_unless (gst_harness_push_event (rig->harness, gst_event_new_eos ()));
  rig_wait_done (rig);
  finish (rig, clip, kind->muxer, kind->cut);
}
GST_END_TEST;

/* A bank that comes when the stream has begun. */
GST_START_TEST (test_late_bank)
{
  const Kind *kind = &joined[__i__];
  Clip *clip = clip_new (kind->muxer);
  Rig *rig = rig_new (make_weir (NULL, "sync-analysis=true decode=all"), NULL);
  guint place;

  if (kind->cut > 0)
    clip_cut (clip, kind->cut);
  place = clip_find (clip, 2, 8);
  begin (rig, clip, kind->with_caps);
  push (rig, clip, 0, place);
  g_object_set (rig->weir, "bank", bank, NULL);
  gst_structure_free (rig_wait (rig, "weir-bank"));
  push (rig, clip, place, clip->buffers->len);
  fail_unless (gst_harness_push_event (rig->harness, gst_event_new_eos ()));
  finish (rig, clip, kind->muxer, kind->cut);
}
GST_END_TEST;

/* Streams of which the one goes on where the other was. */
static const struct {
  const gchar *muxer, *next;
  gsize cut;
} followed[] = {
  { FLV, FLV, 1000 },
  { FLV, FLV, 1000000 }, /* at the end of a buffer of both */
  { TS, OTHER_TS, 1000 },
  { OTHER_TS, JOINED_TS, 188 },
};

/* The first fifth of @clip, which has pictures, and then @next. */
static void
follow (Clip *clip, const Clip *next)
{
  guint i;

  g_ptr_array_set_size (clip->buffers, (gint) clip_find (clip, 1, 5));
  for (i = 0; i < next->buffers->len; i++)
    g_ptr_array_add (
        clip->buffers, gst_buffer_ref (g_ptr_array_index (next->buffers, i)));
}

GST_START_TEST (test_followed)
{
  Clip *clip = clip_new (followed[__i__].muxer);
  Clip *next = clip_new (followed[__i__].next);
  Rig *rig = rig_new (make_weir (bank, "sync-analysis=true decode=all"), NULL);

  follow (clip, next);
  clip_cut (clip, followed[__i__].cut);
  begin (rig, clip, TRUE);
  push (rig, clip, 0, clip->buffers->len);
  fail_unless (gst_harness_push_event (rig->harness, gst_event_new_eos ()));
  fail_unless (rig_get_stat (rig, "matches") == 1,
      "%s, then %s in pieces of %u", followed[__i__].muxer,
      followed[__i__].next, (guint) followed[__i__].cut);
  assert_status (rig, "active", "");
  rig_free (rig);
  clip_free (next);
  clip_free (clip);
}
GST_END_TEST;

/* @n_bytes that are none of a stream's pictures. */
static GstBuffer *
make_stuffing (gsize n_bytes)
{
  const guint8 packet[] = { 0x47, 0x1f, 0xff, 0x10 };
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, n_bytes, NULL);
  gsize i;

  gst_buffer_memset (buffer, 0, 0xff, n_bytes);
  for (i = 0; i + 188 <= n_bytes; i += 188)
    gst_buffer_fill (buffer, i, packet, sizeof (packet));
  return buffer;
}

/* What gives no picture any more is told, and begun anew. */
GST_START_TEST (test_nothing)
{
  Clip *clip = clip_new (JOINED_TS);
  Rig *rig = rig_new (make_weir (bank, "sync-analysis=true decode=all"), NULL);
  GstBuffer *stuffing = make_stuffing (188 * 1000);
  guint i;

  begin (rig, clip, TRUE);
  push (rig, clip, 0, clip_find (clip, 1, 5));
  for (i = 0; i < 32 * 1024 * 1024 / (188 * 1000); i++)
    gst_harness_push (rig->harness, gst_buffer_ref (stuffing));
  assert_status (rig, "active", "");
  gst_harness_push (rig->harness, stuffing);
  assert_status (rig, "blind", "nothing of its last 32 MiB could be decoded");
  clip_cut (clip, 1000);
  rig_drop_output (rig);
  push (rig, clip, 0, clip->buffers->len);
  assert_status (rig, "active", "");
  fail_unless_equals_uint64 (rig_get_stat (rig, "matches"), 1);
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
  tcase_add_unchecked_fixture (cases, set_up, tear_down);
  tcase_add_loop_test (cases, test_broken, 0, G_N_ELEMENTS (broken));
  tcase_add_loop_test (cases, test_overflow, 0, G_N_ELEMENTS (kinds));
  tcase_add_loop_test (cases, test_late_bank, 0, G_N_ELEMENTS (joined));
  tcase_add_loop_test (cases, test_followed, 0, G_N_ELEMENTS (followed));
  tcase_add_test (cases, test_nothing);
  return suite;
}

GST_CHECK_MAIN (resync);
