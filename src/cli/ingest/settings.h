/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an ingest is told to do: read from the command line, then constant. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  /* The element weir: property=value each, as gst-launch-1.0 reads them. */
  gchar **properties;

  /* Where a stream goes, as a gst-launch-1.0 fragment; see output.h. */
  gchar *output;

  /* ICE. Both may be empty. */
  gchar **local_addresses;  /* offered instead of those that are found */
  guint port_min, port_max; /* UDP; 0: any */
  gchar *stun_server;       /* "host:port", to learn the address by; or NULL */
  gchar **ice_servers;      /* of publishers: Link fields without the rel */

  guint sessions_max;
  guint connect_timeout; /* s from the offer to the connection */
  guint deny_time;       /* s that a cut publisher is refused for */
} IngestSettings;

G_END_DECLS
