/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the element share. */

#include "common.h"

#define WAIT (50 * GST_SECOND)

GstElement *
make_weir (const gchar *bank, const gchar *properties)
{
  static gsize registered = 0;
  g_auto (GStrv) settings = g_strsplit (properties ? properties : "", " ", -1);
  GstElement *weir;
  guint i;

  if (g_once_init_enter (&registered)) {
    fail_unless (GST_ELEMENT_REGISTER (weir, NULL));
    g_once_init_leave (&registered, 1);
  }
  weir = gst_element_factory_make ("weir", NULL);
  fail_unless (weir != NULL);
  g_object_set (weir, "bank", bank, NULL);
  for (i = 0; settings[i]; i++) {
    g_auto (GStrv) pair = g_strsplit (settings[i], "=", 2);

    gst_util_set_object_arg (G_OBJECT (weir), pair[0], pair[1]);
  }
  return weir;
}

Rig *
rig_new (GstElement *weir, const gchar *caps)
{
  Rig *rig = g_new0 (Rig, 1);

  rig->weir = gst_object_ref_sink (weir);
  rig->bus = gst_bus_new ();
  gst_element_set_bus (weir, rig->bus);
  rig->harness = gst_harness_new_with_element (weir, "sink_0", "src_0");
  if (caps)
    gst_harness_set_src_caps_str (rig->harness, caps);
  return rig;
}

void
rig_free (Rig *rig)
{
  gst_harness_teardown (rig->harness);
  gst_element_set_state (rig->weir, GST_STATE_NULL);
  gst_element_set_bus (rig->weir, NULL);
  gst_bus_set_flushing (rig->bus, TRUE);
  gst_object_unref (rig->bus);
  gst_object_unref (rig->weir);
  g_free (rig);
}

GstFlowReturn
rig_push_film (Rig *rig, guint film, guint first, guint n)
{
  GstFlowReturn flow = GST_FLOW_OK;
  guint i;

  for (i = 0; i < n && flow == GST_FLOW_OK; i++) {
    flow = gst_harness_push (
        rig->harness, make_picture (film, first + i, rig->now));
    rig->now += PICTURE_DURATION;
  }
  return flow;
}

static GstStructure *
next_message (Rig *rig, const gchar *name, GstClockTime timeout)
{
  GstMessage *message;
  GstStructure *found = NULL;

  while (!found && (message = gst_bus_timed_pop_filtered (
                        rig->bus, timeout, GST_MESSAGE_ELEMENT)) != NULL) {
    if (gst_message_has_name (message, name))
      found = gst_structure_copy (gst_message_get_structure (message));
    gst_message_unref (message);
  }
  return found;
}

GstStructure *
rig_pop (Rig *rig, const gchar *name)
{
  return next_message (rig, name, 0);
}

GstStructure *
rig_wait (Rig *rig, const gchar *name)
{
  GstStructure *found = next_message (rig, name, WAIT);

  fail_unless (found != NULL, "there came no %s", name);
  return found;
}

void
rig_wait_status (Rig *rig, const gchar *state)
{
  gboolean found = FALSE;

  while (!found) {
    g_autoptr (GstStructure) status = rig_wait (rig, "weir-status");

    found = g_strcmp0 (gst_structure_get_string (status, "state"), state) == 0;
  }
}

static struct {
  GMutex lock;
  GCond changed;
  gboolean held, open;
} gate;

static GstBusSyncReply
hold_up (GstBus *bus, GstMessage *message, gpointer name)
{
  if (!gst_message_has_name (message, name))
    return GST_BUS_PASS;
  g_mutex_lock (&gate.lock);
  if (!gate.held) {
    gate.held = TRUE;
    g_cond_broadcast (&gate.changed);
    while (!gate.open)
      g_cond_wait (&gate.changed, &gate.lock);
  }
  g_mutex_unlock (&gate.lock);
  return GST_BUS_PASS;
}

void
rig_hold_up (Rig *rig, const gchar *name)
{
  gate.held = gate.open = FALSE;
  gst_bus_set_sync_handler (rig->bus, hold_up, g_strdup (name), g_free);
}

void
rig_wait_held (void)
{
  g_mutex_lock (&gate.lock);
  while (!gate.held)
    g_cond_wait (&gate.changed, &gate.lock);
  g_mutex_unlock (&gate.lock);
}

void
rig_let_go (void)
{
  g_mutex_lock (&gate.lock);
  gate.open = TRUE;
  g_cond_broadcast (&gate.changed);
  g_mutex_unlock (&gate.lock);
}

void
rig_wait_done (Rig *rig)
{
  while (rig_get_stat (rig, "waiting") > 0)
    g_thread_yield ();
}

guint64
rig_get_stat (Rig *rig, const gchar *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (rig->weir, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value));
  return value;
}

guint
rig_drop_output (Rig *rig)
{
  GstBuffer *buffer;
  guint n = 0;

  for (; (buffer = gst_harness_try_pull (rig->harness)) != NULL; n++)
    gst_buffer_unref (buffer);
  return n;
}

static GstPadProbeReturn
on_arrival (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Record *record = user_data;

  g_ptr_array_add (
      record->objects, gst_mini_object_ref (GST_MINI_OBJECT_CAST (info->data)));
  return GST_PAD_PROBE_OK;
}

Record *
record_new (GstPad *pad)
{
  Record *record = g_new0 (Record, 1);

  record->pad = gst_object_ref (pad);
  record->objects =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_mini_object_unref);
  record->probe = gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      on_arrival, record, NULL);
  return record;
}

void
record_free (Record *record)
{
  gst_pad_remove_probe (record->pad, record->probe);
  gst_object_unref (record->pad);
  g_ptr_array_unref (record->objects);
  g_free (record);
}

guint
record_count_events (const Record *record, GstEventType type)
{
  guint n = 0, i;

  for (i = 0; i < record->objects->len; i++) {
    GstMiniObject *object = g_ptr_array_index (record->objects, i);

    if (GST_IS_EVENT (object) && GST_EVENT_TYPE (object) == type)
      n++;
  }
  return n;
}

static const GValue *
get_field (const GstStructure *structure, const gchar *field, GType type)
{
  const GValue *found = gst_structure_get_value (structure, field);

  fail_unless (found != NULL, "%s has no field %s",
      gst_structure_get_name (structure), field);
  fail_unless (G_VALUE_TYPE (found) == type, "%s is a %s", field,
      G_VALUE_TYPE_NAME (found));
  return found;
}

void
assert_string (
    const GstStructure *structure, const gchar *field, const gchar *value)
{
  fail_unless_equals_string (
      g_value_get_string (get_field (structure, field, G_TYPE_STRING)), value);
}

void
assert_uint (const GstStructure *structure, const gchar *field, guint value)
{
  fail_unless_equals_int (
      g_value_get_uint (get_field (structure, field, G_TYPE_UINT)), value);
}

void
assert_uint64 (const GstStructure *structure, const gchar *field, guint64 value)
{
  fail_unless_equals_uint64 (
      g_value_get_uint64 (get_field (structure, field, G_TYPE_UINT64)), value);
}
