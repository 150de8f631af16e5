/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weir bank list: the records of a bank as lines of JSON. */

#include "bank/bank.h"
#include "cli.h"

#include <json-glib/json-glib.h>
#include <stdio.h>

static void
add_string (JsonBuilder *builder, const gchar *name, const gchar *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_number (JsonBuilder *builder, const gchar *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) MIN (value, G_MAXINT64));
}

/* RFC 3339, or null when there is none. */
static void
add_date (JsonBuilder *builder, const gchar *name, gint64 seconds)
{
  g_autoptr (GDateTime) date =
      seconds != 0 ? g_date_time_new_from_unix_utc (seconds) : NULL;
  g_autofree gchar *text =
      date ? g_date_time_format (date, "%Y-%m-%dT%H:%M:%SZ") : NULL;

  json_builder_set_member_name (builder, name);
  if (text)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

static void
add_record (JsonBuilder *builder, const WeirReference *reference)
{
  add_string (builder, "id", reference->id);
  add_string (builder, "family", reference->family);
  add_string (builder, "label", reference->label);
  add_string (builder, "list", reference->list);
  add_string (builder, "source", reference->source);
  add_date (builder, "added", reference->added);
  add_string (builder, "opinion", weir_opinion_to_string (reference->opinion));
  add_string (
      builder, "max-action", weir_action_to_string (reference->max_action));
  add_date (builder, "not-before", reference->not_before);
  add_date (builder, "not-after", reference->not_after);
  json_builder_set_member_name (builder, "benign");
  json_builder_add_boolean_value (builder, reference->benign);
  add_number (builder, "duration", reference->duration);
  add_number (builder, "video", reference->n_video);
  add_number (builder, "audio", reference->n_audio);
}

static gboolean
print_record (const WeirReference *reference)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree gchar *line = NULL;

  json_builder_begin_object (builder);
  add_record (builder, reference);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  line = json_to_string (root, FALSE);
  puts (line);
  return cli_check_output ();
}

int
cli_bank_list (int argc, char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  g_auto (GStrv) rest = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBank) bank = NULL;

  if (!cli_parse (argc, argv, entries, "BANK",
          "Prints the record of each reference as a line of JSON. Times are "
          "UTC; duration is ns; video and audio are numbers of fingerprints.",
          &rest))
    return CLI_USAGE;
  if (g_strv_length (rest) != 1)
    return cli_usage_error (argv[0], "name one bank");
  bank = weir_bank_open (rest[0], &error);
  if (!bank) {
    cli_error ("%s", error->message);
    return CLI_FAILED;
  }
  for (guint32 i = 0; i < weir_bank_get_n_indices (bank); i++) {
    WeirReference reference;

    if (!weir_bank_has_reference (bank, i))
      continue;
    weir_bank_get_reference (bank, i, &reference);
    if (!print_record (&reference))
      return CLI_FAILED;
  }
  return CLI_DONE;
}
