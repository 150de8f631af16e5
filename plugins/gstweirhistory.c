/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is remembered of the stream: looking back at it when the bank changes,
 * and making references of it.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirprivate.h"

#include "history/history-reference.h"

#include <sys/resource.h>

#define GST_CAT_DEFAULT gst_weir_debug

/* Looking back waits for whatever else there is to do. */
#define NICENESS 10

/* Only one element of the process looks back at a time: turn_lock guards
 * turn_taken. */
static GMutex turn_lock;
static GCond turn_given;
static gboolean turn_taken;

void
gst_weir_start_history (GstWeir *weir)
{
  g_mutex_lock (&weir->match_lock);
  if (weir->history_length > 0 && !weir->print_func)
    weir->history = weir_history_new (weir->history_length);
  weir->picture_stream = weir->sound_stream = -1;
  g_atomic_int_set (&weir->stopping, FALSE);
  g_mutex_unlock (&weir->match_lock);
}

static void
clear_look_back (GstWeir *weir)
{
  g_clear_pointer (&weir->look_back_since, weir_bank_unref);
  weir->has_look_back = FALSE;
}

void
gst_weir_stop_history (GstWeir *weir)
{
  GThread *thread;

  g_mutex_lock (&turn_lock);
  g_atomic_int_set (&weir->stopping, TRUE);
  g_cond_broadcast (&turn_given);
  g_mutex_unlock (&turn_lock);

  g_mutex_lock (&weir->match_lock);
  clear_look_back (weir);
  thread = g_steal_pointer (&weir->look_back);
  g_mutex_unlock (&weir->match_lock);
  /* Whoever is told of a match may stop the element. */
  if (thread == g_thread_self ())
    g_thread_unref (thread);
  else if (thread)
    g_thread_join (thread);

  g_mutex_lock (&weir->match_lock);
  g_clear_pointer (&weir->history, weir_history_free);
  g_mutex_unlock (&weir->match_lock);
}

/* ---- Remembering ---- */

/* Whether the stream @index is the one that @chosen is, or becomes it. */
static gboolean
is_chosen (gint *chosen, guint index)
{
  if (*chosen < 0)
    *chosen = (gint) index;
  return *chosen == (gint) index;
}

void
gst_weir_remember_video (
    GstWeir *weir, guint index, const WeirStamp *stamp, const WeirFrame *frame)
{
  if (weir->history && is_chosen (&weir->picture_stream, index))
    weir_history_add_video (weir->history, stamp, frame);
}

void
gst_weir_remember_audio (GstWeir *weir, guint index, const WeirStamp *stamp,
    gint64 origin, const WeirSound *sound, const WeirSound *reference)
{
  if (weir->history && is_chosen (&weir->sound_stream, index))
    weir_history_add_sound (weir->history, stamp, origin, sound, reference);
}

void
gst_weir_remember_audio_restart (GstWeir *weir, guint index)
{
  if (weir->history && weir->sound_stream == (gint) index)
    weir_history_restart_sound (weir->history);
}

void
gst_weir_remember_reset (GstWeir *weir)
{
  g_mutex_lock (&weir->match_lock);
  if (weir->history)
    weir_history_restart (weir->history);
  weir->picture_stream = weir->sound_stream = -1;
  g_mutex_unlock (&weir->match_lock);
}

void
gst_weir_remember_end (GstWeir *weir, guint index)
{
  g_mutex_lock (&weir->match_lock);
  if (weir->picture_stream == (gint) index)
    weir->picture_stream = -1;
  if (weir->sound_stream == (gint) index)
    weir->sound_stream = -1;
  g_mutex_unlock (&weir->match_lock);
}

/* ---- Looking back ---- */

typedef struct {
  gint64 until;
  WeirBank *since; /* NULL: all is new */
  WeirBank *bank;
} Job;

static void
clear_job (Job *job)
{
  g_clear_pointer (&job->since, weir_bank_unref);
  g_clear_pointer (&job->bank, weir_bank_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Job, clear_job)

/* FALSE: there is none, and the thread ends. */
static gboolean
take_job (GstWeir *weir, Job *job)
{
  g_mutex_lock (&weir->match_lock);
  weir->looks_back = weir->has_look_back && weir->bank && weir->history &&
                     !g_atomic_int_get (&weir->stopping);
  if (weir->looks_back) {
    job->until = weir->look_back_until;
    job->since = g_steal_pointer (&weir->look_back_since);
    job->bank = weir_bank_ref (weir->bank);
    weir->has_look_back = FALSE;
  }
  g_mutex_unlock (&weir->match_lock);
  return job->bank != NULL;
}

/* FALSE: the element stops. */
static gboolean
take_turn (GstWeir *weir)
{
  gboolean taken;

  g_mutex_lock (&turn_lock);
  while (turn_taken && !g_atomic_int_get (&weir->stopping))
    g_cond_wait (&turn_given, &turn_lock);
  taken = !g_atomic_int_get (&weir->stopping);
  if (taken)
    turn_taken = TRUE;
  g_mutex_unlock (&turn_lock);
  return taken;
}

static void
give_turn (void)
{
  g_mutex_lock (&turn_lock);
  turn_taken = FALSE;
  g_cond_broadcast (&turn_given);
  g_mutex_unlock (&turn_lock);
}

static WeirLookBack *
begin_look_back (GstWeir *weir, const Job *job, WeirBank *news)
{
  WeirHistory *copy;
  WeirPolicy policy;

  g_mutex_lock (&weir->match_lock);
  copy = weir_history_copy (weir->history);
  g_mutex_unlock (&weir->match_lock);
  weir_policy_init (&policy);
  return weir_look_back_new (copy, job->until, news, &policy, WEIR_ACTION_CUT,
      g_get_real_time () / G_USEC_PER_SEC);
}

static void
tell_past (GstWeir *weir, const GArray *found)
{
  guint i;

  g_mutex_lock (&weir->match_lock);
  for (i = 0; i < found->len && weir->matcher; i++) {
    const WeirPastMatch *past = &g_array_index (found, WeirPastMatch, i);

    weir_matcher_add_past (
        weir->matcher, &past->match, past->goes_on, weir->matches);
  }
  gst_weir_tell_and_unlock (weir);
}

static void
look_back (GstWeir *weir, const Job *job)
{
  g_autoptr (WeirBank) news = weir_bank_new_since (job->bank, job->since);
  g_autoptr (WeirLookBack) look_back = NULL;

  if (!news)
    return;
  look_back = begin_look_back (weir, job, news);
  GST_DEBUG_OBJECT (weir, "looking back for %u references",
      weir_bank_get_n_references (news));
  while (weir_look_back_step (look_back))
    if (g_atomic_int_get (&weir->stopping))
      return;
  tell_past (weir, weir_look_back_get_matches (look_back));
}

static gpointer
run (gpointer user_data)
{
  GstWeir *weir = user_data;
  gboolean goes_on = TRUE;

  /* On Linux, that of the calling thread alone. */
  if (setpriority (PRIO_PROCESS, 0, NICENESS) != 0)
    GST_DEBUG_OBJECT (weir, "looking back at the usual priority");
  while (goes_on) {
    g_auto (Job) job = { 0 };

    goes_on = take_job (weir, &job);
    if (goes_on && take_turn (weir)) {
      look_back (weir, &job);
      give_turn ();
    }
  }
  gst_object_unref (weir);
  return NULL;
}

void
gst_weir_look_back (GstWeir *weir, WeirBank *before)
{
  GThread *done = NULL;

  g_mutex_lock (&weir->match_lock);
  if (weir->history && weir->matcher &&
      weir_history_get_newest (weir->history) != G_MININT64) {
    /* What is asked for and has not begun is done with it. */
    if (!weir->has_look_back)
      weir->look_back_since = before ? weir_bank_ref (before) : NULL;
    weir->has_look_back = TRUE;
    weir->look_back_until = weir_history_get_newest (weir->history);
    if (!weir->looks_back) {
      weir->looks_back = TRUE;
      done = weir->look_back;
      weir->look_back =
          g_thread_new ("weir-look-back", run, gst_object_ref (weir));
    }
  }
  g_mutex_unlock (&weir->match_lock);
  if (done)
    g_thread_join (done);
}

/* ---- Making references ---- */

static gboolean
write_reference (WeirHistory *history, guint64 start, guint64 stop,
    const WeirReference *reference, const gchar *path, GError **error)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();

  return weir_history_add_reference (
             history, start, stop, reference, builder, error) &&
         weir_bank_builder_write (builder, path, reference->added, error);
}

/* What is remembered now; NULL: nothing is. */
static WeirHistory *
copy_history (GstWeir *weir)
{
  WeirHistory *copy = NULL;

  g_mutex_lock (&weir->match_lock);
  if (weir->history)
    copy = weir_history_copy (weir->history);
  g_mutex_unlock (&weir->match_lock);
  return copy;
}

static gchar *
make_reference (GstWeir *weir, guint64 start, guint64 stop,
    const WeirReference *reference, GError **error)
{
  g_autoptr (WeirHistory) history = copy_history (weir);
  g_autofree gchar *folder = NULL;
  g_autofree gchar *name = g_strconcat (reference->id, ".weir", NULL);
  g_autofree gchar *path = NULL;

  GST_OBJECT_LOCK (weir);
  folder = g_strdup (weir->candidates);
  GST_OBJECT_UNLOCK (weir);
  if (!folder)
    g_set_error_literal (error, WEIR_BANK_ERROR, WEIR_BANK_ERROR_FILE,
        "there is no folder for references; set the property candidates");
  else if (!history)
    g_set_error_literal (error, WEIR_HISTORY_ERROR, WEIR_HISTORY_ERROR_GONE,
        "nothing is remembered of the stream; set the property history before "
        "it starts");
  if (!folder || !history)
    return NULL;
  path = g_build_filename (folder, name, NULL);
  return write_reference (history, start, stop, reference, path, error)
             ? g_steal_pointer (&path)
             : NULL;
}

gchar *
gst_weir_make_reference (
    GstWeir *weir, guint64 start, guint64 stop, const gchar *label)
{
  g_autofree gchar *stream_id = gst_weir_get_stream_id (weir);
  g_autofree gchar *id = g_uuid_string_random ();
  g_autoptr (GError) error = NULL;
  const WeirReference reference = {
    .id = id,
    .family = id,
    .label = label ? label : "",
    .list = "",
    .source = stream_id,
    .added = g_get_real_time () / G_USEC_PER_SEC,
    .opinion = WEIR_OPINION_UNREVIEWED,
    .max_action = WEIR_ACTION_CUT,
  };
  gchar *path = make_reference (weir, start, stop, &reference, &error);

  GST_INFO_OBJECT (weir,
      "reference of %" GST_TIME_FORMAT " to %" GST_TIME_FORMAT ": %s",
      GST_TIME_ARGS (start), GST_TIME_ARGS (stop),
      error ? error->message : path);
  gst_weir_post_event (
      weir, weir_event_new_reference (stream_id, path ? id : NULL, label, path,
                start, stop, error ? error->message : NULL));
  return path;
}
