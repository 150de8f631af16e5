/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tests of the element share: a rig of an element between two harness
 * pads.
 */
#pragma once

#include "film.h"
#include "gstweir.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

/* A new floating element, registered when it must be, with @bank (or NULL) and
 * @properties: "name=value name=value", or NULL. */
GstElement *make_weir (const gchar *bank, const gchar *properties);

typedef struct {
  GstElement *weir;
  GstBus *bus;
  GstHarness *harness; /* around sink_0 and src_0 */
  GstClockTime now;    /* pts of the next picture */
} Rig;

/* Takes @weir, and starts it. Without @caps the source of the rig pushes no
 * events by itself. */
Rig *rig_new (GstElement *weir, const gchar *caps);
void rig_free (Rig *rig);

/* Pushes @n pictures from @first on, until one is not GST_FLOW_OK. */
GstFlowReturn rig_push_film (Rig *rig, guint film, guint first, guint n);

/* The next element message called @name, of those posted so far (or NULL), or
 * waited for; those before it are dropped. */
GstStructure *rig_pop (Rig *rig, const gchar *name);
GstStructure *rig_wait (Rig *rig, const gchar *name);

/* Waits for a weir-status of @state. */
void rig_wait_status (Rig *rig, const gchar *state);

/* Holds up the thread that posts the next message @name (one rig at a time);
 * waits until it is held; lets it go on. */
void rig_hold_up (Rig *rig, const gchar *name);
void rig_wait_held (void);
void rig_let_go (void);

/* Waits until the analysis has done all that was pushed. */
void rig_wait_done (Rig *rig);

guint64 rig_get_stat (Rig *rig, const gchar *name);

/* Drops what left so far and returns how many buffers it was. */
guint rig_drop_output (Rig *rig);

/* Everything that arrives at a pad, in order: buffers, lists, events. Each
 * object is held. */
typedef struct {
  GstPad *pad;
  gulong probe;
  GPtrArray *objects; /* of GstMiniObject */
} Record;

Record *record_new (GstPad *pad);
void record_free (Record *record);
guint record_count_events (const Record *record, GstEventType type);

/* That @field is there, of this very type, and has this value. */
void assert_string (
    const GstStructure *structure, const gchar *field, const gchar *value);
void assert_uint (
    const GstStructure *structure, const gchar *field, guint value);
void assert_uint64 (
    const GstStructure *structure, const gchar *field, guint64 value);
