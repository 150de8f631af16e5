/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weir watch: events of a file or live stream as lines of JSON. */

#include "bank/bank.h"
#include "event-line.h"
#include "feed-options.h"
#include "source.h"

#include <stdio.h>

typedef struct {
  CliSource *source;
  gboolean was_cut;
} Watch;

static void
on_message (const GstStructure *structure, gpointer user_data)
{
  Watch *watch = user_data;
  const gchar *name = gst_structure_get_name (structure);
  g_autofree gchar *line = cli_event_line (structure);

  puts (line);
  fflush (stdout);
  if (!cli_check_output ())
    cli_source_stop (watch->source);
  if (g_str_equal (name, "weir-cut"))
    watch->was_cut = TRUE;
}

int
cli_watch (int argc, char **argv)
{
  g_autofree gchar *bank_path = NULL;
  g_autofree gchar *max_action = NULL;
  g_autofree gchar *stream_id = NULL;
  g_auto (CliFeedOptions) feed = { 0 };
  g_autofree gchar *decode = NULL;
  gboolean realtime = FALSE;
  const GOptionEntry entries[] = {
    { "bank", 0, 0, G_OPTION_ARG_FILENAME, &bank_path,
        "The bank to look up in, or several separated by commas (this or a "
        "feed is needed)",
        "BANK" },
    CLI_FEED_ENTRIES (feed),
    { "max-action", 0, 0, G_OPTION_ARG_STRING, &max_action,
        "The strongest verdict: none, flag (default) or cut", "ACTION" },
    { "stream-id", 0, 0, G_OPTION_ARG_STRING, &stream_id,
        "Name of the stream in events (default: a UUID)", "ID" },
    { "decode", 0, 0, G_OPTION_ARG_STRING, &decode,
        "What of compressed video is decoded: auto (default for streams), "
        "keyframes or all (default for files)",
        "WHAT" },
    { "realtime", 0, 0, G_OPTION_ARG_NONE, &realtime,
        "Let a file pass at the speed it is to be played at", NULL },
    { NULL },
  };
  g_auto (GStrv) rest = NULL;
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (CliSource) source = NULL;
  g_autoptr (GError) error = NULL;
  WeirAction action = WEIR_ACTION_FLAG;
  static const gchar *const decodes[] = { "auto", "keyframes", "all", NULL };
  Watch watch = { 0 };

  if (!cli_parse (argc, argv, entries, "SOURCE",
          "Looks a file, rtmp://, srt:// or http(s):// stream, or standard "
          "input (-) up in a bank, and prints events as lines of JSON.",
          &rest))
    return CLI_USAGE;
  if (g_strv_length (rest) != 1)
    return cli_usage_error (argv[0], "name one source");
  if (!bank_path && !feed.urls)
    return cli_usage_error (argv[0], "name the bank to look up in with --bank");
  if (feed.urls && !cli_feed_options_check (&feed, argv[0]))
    return CLI_USAGE;
  if (max_action && !weir_action_from_string (max_action, &action))
    return cli_usage_error (
        argv[0], "--max-action is none, flag or cut, not '%s'", max_action);

  if (decode && !g_strv_contains (decodes, decode))
    return cli_usage_error (
        argv[0], "--decode is auto, keyframes or all, not '%s'", decode);

  /* The element lets a stream pass without its bank; here that is no use. */
  if (bank_path)
    bank = weir_bank_open (bank_path, &error);
  if (!error) {
    cli_init_gst ();
    source = cli_source_new (rest[0], &error);
  }
  if (source) {
    g_object_set (cli_source_get_weir (source), "bank", bank_path, "feed",
        feed.urls, "feed-key", feed.keys, "cache-dir", feed.cache_dir,
        "max-action", action, NULL);
    if (stream_id)
      g_object_set (cli_source_get_weir (source), "stream-id", stream_id, NULL);
    if (decode)
      gst_util_set_object_arg (
          G_OBJECT (cli_source_get_weir (source)), "decode", decode);
    cli_source_set_realtime (source, realtime);
    watch.source = source;
    cli_source_run (source, on_message, &watch, NULL, &error);
  }
  if (error) {
    cli_error ("%s", error->message);
    return CLI_FAILED;
  }
  return watch.was_cut ? CLI_CUT : CLI_DONE;
}
