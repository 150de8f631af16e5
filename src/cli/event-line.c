/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events of the bus as JSON. */

#include "event-line.h"

#include "events/event.h"

static void
add_field (WeirEvent *event, const gchar *name, const GValue *value)
{
  if (G_VALUE_HOLDS_STRING (value))
    weir_event_add_string (event, name, g_value_get_string (value));
  else if (G_VALUE_HOLDS_UINT (value))
    weir_event_add_uint (event, name, g_value_get_uint (value));
  else if (G_VALUE_HOLDS_UINT64 (value))
    weir_event_add_uint64 (event, name, g_value_get_uint64 (value));
  else if (G_VALUE_HOLDS_DOUBLE (value))
    weir_event_add_double (event, name, g_value_get_double (value));
}

gchar *
cli_event_line (const GstStructure *structure)
{
  g_autoptr (WeirEvent) event =
      weir_event_new (gst_structure_get_name (structure));
  gint i;

  for (i = 0; i < gst_structure_n_fields (structure); i++) {
    const gchar *field = gst_structure_nth_field_name (structure, (guint) i);

    add_field (event, field, gst_structure_get_value (structure, field));
  }
  return weir_event_to_json (event, g_get_host_name (), g_get_real_time ());
}
