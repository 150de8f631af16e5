/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An ingest within the test, its clients, and the main loop that serves both.
 */
#pragma once

#include "server.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct {
  gchar *folder; /* holds what is recorded */
  IngestSettings settings;
  IngestTokens *tokens; /* "studio" and "garage" are known */
  IngestServer *server;
  gchar *url; /* of the endpoint */
  SoupSession *client;
  GPtrArray *events; /* of GstStructure */
} Host;

/* @output: NULL to record. */
Host *host_new (const gchar *output);

/* Fails when a session is left that does not end. */
void host_free (Host *host);

/* Runs the main loop until @done, for 20 s at most. */
typedef gboolean (*HostFunc) (gpointer user_data);
void host_wait (HostFunc done, gpointer user_data);
void host_wait_sessions (Host *host, guint n);

/* How many events of this name have @field at @value. */
guint host_count (
    Host *host, const gchar *name, const gchar *field, const gchar *value);

/* Waits for the first such event. */
void host_wait_event (
    Host *host, const gchar *name, const gchar *field, const gchar *value);

/* Lets media flow. */
void host_run_for (guint ms);

/* How many there are in the folder @path. */
guint host_count_files (const gchar *path);

/* A request: its fields in pairs of name and value, NULL at the end; @body of
 * @size bytes. */
typedef struct {
  const gchar *method;
  const gchar *path; /* of a URL, or the whole */
  const gchar *token;
  const gchar *type;
  const gchar *tag; /* If-Match */
  const gchar *body;
  gssize size; /* 0: up to its '\0' */
  gboolean chunked;
} HostRequest;

typedef struct {
  guint status; /* 0: the connection broke */
  SoupMessageHeaders *fields;
  gchar *body;
  SoupMessage *message;
} HostAnswer;

SoupMessage *host_make_message (Host *host, const HostRequest *request);
HostAnswer *host_ask (Host *host, const HostRequest *request);
void host_answer_free (HostAnswer *answer);

/* Asks, checks the status, and forgets the rest. */
void host_expect (Host *host, guint status, const HostRequest *request);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HostAnswer, host_answer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Host, host_free)

G_END_DECLS
