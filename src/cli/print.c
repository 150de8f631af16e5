/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weir print: the fingerprints of media as lines of text. */

#include "source.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  CliSource *source;
  gboolean vpdq; /* frame,quality,hash,seconds as the reference tool writes */
  guint64 frame;
} Print;

static void
print_video (Print *print, const WeirStamp *stamp, const WeirLook *look)
{
  gchar hex[WEIR_PDQ_HEX_LENGTH + 1];

  weir_pdq_hash_to_hex (&look->hash, hex);
  if (print->vpdq)
    printf ("%" G_GUINT64_FORMAT ",%u,%s,%.3f\n", print->frame, look->quality,
        hex, stamp->time / 1e9);
  else
    printf ("{\"media\":\"video\",\"time\":%" G_GINT64_FORMAT
            ",\"pdq\":\"%s\",\"quality\":%u}\n",
        stamp->time, hex, look->quality);
  print->frame++;
}

static void
on_print (const WeirStamp *stamp, const WeirFrame *frame, gint64 origin,
    const WeirSound *sound, gpointer user_data)
{
  Print *print = user_data;
  guint i;

  if (frame)
    print_video (print, stamp, &frame->looks[0]);
  for (i = 0; !print->vpdq && sound && i < sound->landmarks->len; i++) {
    const WeirLandmark *landmark =
        &g_array_index (sound->landmarks, WeirLandmark, i);

    printf ("{\"media\":\"audio\",\"time\":%" G_GINT64_FORMAT
            ",\"landmark\":%u}\n",
        origin + (gint64) landmark->time, landmark->key);
  }
  if (!cli_check_output ())
    cli_source_stop (print->source);
}

int
cli_print (int argc, char **argv)
{
  g_autofree gchar *format = NULL;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &format,
        "json (default): a line for each frame and each landmark of the "
        "sound; vpdq: frame,quality,hash,seconds for each frame",
        "FORMAT" },
    { NULL },
  };
  g_auto (GStrv) rest = NULL;
  g_autoptr (CliSource) source = NULL;
  g_autoptr (GError) error = NULL;
  Print print = { 0 };

  if (!cli_parse (argc, argv, entries, "MEDIA",
          "Prints the fingerprints of a media file.", &rest))
    return CLI_USAGE;
  if (g_strv_length (rest) != 1)
    return cli_usage_error (argv[0], "name one media file");
  if (format && strcmp (format, "json") != 0 && strcmp (format, "vpdq") != 0)
    return cli_usage_error (
        argv[0], "there is no format '%s': json or vpdq", format);

  print.vpdq = format && strcmp (format, "vpdq") == 0;
  cli_init_gst ();
  source = cli_source_new (rest[0], &error);
  if (source) {
    print.source = source;
    gst_weir_set_print_func (cli_source_get_weir (source), on_print, &print);
    cli_source_run (source, NULL, NULL, NULL, &error);
  }
  if (error) {
    cli_error ("%s", error->message);
    return CLI_FAILED;
  }
  return CLI_DONE;
}
