/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An event: what Weir says about a stream, as a name and typed fields. The
 * same event is a message on the bus and one line of JSON; its fields are
 * defined here once for both. A field's name and type never change; fields
 * are only added. No fingerprint ever goes into one.
 */
#pragma once

#include "match/matcher.h"

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  WEIR_FIELD_STRING,
  WEIR_FIELD_UINT,   /* guint */
  WEIR_FIELD_UINT64, /* guint64; times are ns, WEIR_TIME_NONE: not known */
  WEIR_FIELD_DOUBLE,
} WeirFieldType;

typedef struct {
  const gchar *name; /* interned */
  WeirFieldType type;
  gchar *string;
  guint64 number;
  gdouble real;
} WeirField;

typedef struct _WeirEvent WeirEvent;

/* Free with weir_event_free(). Strings are copied, with
 * blanks for control characters and a sign for invalid UTF-8; NULL is "". */
WeirEvent *weir_event_new (const gchar *name);
void weir_event_free (WeirEvent *event);
void weir_event_add_string (
    WeirEvent *event, const gchar *name, const gchar *value);
void weir_event_add_uint (WeirEvent *event, const gchar *name, guint value);
void weir_event_add_uint64 (WeirEvent *event, const gchar *name, guint64 value);
void weir_event_add_double (WeirEvent *event, const gchar *name, gdouble value);

const gchar *weir_event_get_name (const WeirEvent *event);
guint weir_event_get_n_fields (const WeirEvent *event);
const WeirField *weir_event_get_field (const WeirEvent *event, guint index);

/* One line of JSON without a line end: "event", "time" (RFC 3339, UTC, of
 * @time in us since 1970) and "node", then the fields in their order. A time
 * that is not known is null. Free with g_free(). */
gchar *weir_event_to_json (
    const WeirEvent *event, const gchar *node, gint64 time);

/* What a stream has gone through so far. */
typedef struct {
  guint64 buffers; /* that came in, and their bytes */
  guint64 bytes;
  guint64 dropped;   /* copies that the analysis did not take */
  guint64 frames;    /* video frames fingerprinted */
  guint64 landmarks; /* audio landmarks */
  guint64 lookups;
  guint64 matches; /* started */
} WeirCounters;

/* "weir-match". @now: us, monotonic clock, as WeirStamp's arrival. */
WeirEvent *weir_event_new_match (const gchar *stream_id, const WeirMatch *match,
    const gchar *bank_version, gint64 now);

/* "weir-cut". @match_id is NULL when a person did it; @running_time is of the
 * first buffer that did not leave. */
WeirEvent *weir_event_new_cut (const gchar *stream_id, const gchar *match_id,
    const gchar *reason, const gchar *mode, guint64 running_time);

/* "weir-status". @state is "active", "degraded" or "blind". */
WeirEvent *weir_event_new_status (const gchar *stream_id, const gchar *state,
    const gchar *reason, const WeirCounters *counters);

/* "weir-bank". @bank is the one in use, NULL when there is none; @error says why
 * what @source names is not, or is NULL. @now:
 * seconds since 1970. */
WeirEvent *weir_event_new_bank (
    const WeirBank *bank, const gchar *source, const gchar *error, gint64 now);

/* "weir-reference". @reference and @path are of what was made of the stream from
 * @start to @stop (running times), or NULL, and @error says why not. */
WeirEvent *weir_event_new_reference (const gchar *stream_id,
    const gchar *reference, const gchar *label, const gchar *path,
    guint64 start, guint64 stop, const gchar *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirEvent, weir_event_free)

G_END_DECLS
