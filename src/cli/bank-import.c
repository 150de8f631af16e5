/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weir bank import: a bank of lists that others exchange. */

#include "cli.h"
#include "feed/import.h"
#include "input.h"
#include "interrupt.h"
#include "media-files.h"
#include "progress.h"
#include "reference-options.h"

#include <stdio.h>
#include <string.h>

/* Lines of lists that are complained of one by one. */
#define COMPLAINTS_MAX 20

#define STANDARD_INPUT_STEM "stdin"

typedef struct {
  CliReferenceOptions reference;
  gchar *output;
  WeirImportFormat format;
} Options;

typedef struct {
  WeirImporter *importer;
  guint n_complaints;
  guint n_failed; /* lists */
} Import;

static void
on_complaint (const gchar *message, gpointer user_data)
{
  Import *import = user_data;

  import->n_complaints++;
  if (import->n_complaints > COMPLAINTS_MAX)
    return;
  cli_progress_clear ();
  cli_error ("%s", message);
}

static gboolean
on_input (const gchar *data, gsize length, gpointer user_data, GError **error)
{
  return weir_importer_push (user_data, data, length, error);
}

static void
import_list (Import *import, const gchar *path, const gboolean *interrupted)
{
  g_autofree gchar *stem = strcmp (path, "-") == 0
                               ? g_strdup (STANDARD_INPUT_STEM)
                               : cli_get_stem (path);
  g_autoptr (GError) error = NULL;

  weir_importer_begin_file (import->importer, cli_get_input_name (path), stem);
  if (cli_read_input (path, on_input, import->importer, interrupted, &error) &&
      !*interrupted)
    weir_importer_end_file (import->importer, &error);
  if (!error)
    return;
  import->n_failed++;
  cli_error ("%s", error->message);
}

/* A list that lacks a part would quietly take the place of the whole one, and
 * keep what the lost part takes back: all lists or no bank. */
static gboolean
write_bank (Import *import, WeirBankBuilder *builder, const gchar *output)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree gchar *description = NULL;
  g_autoptr (GError) error = NULL;

  if (import->n_complaints > COMPLAINTS_MAX)
    cli_error ("and %u more like these", import->n_complaints - COMPLAINTS_MAX);
  if (import->n_failed > 0) {
    cli_error ("no bank was written: %u of the lists could not be read whole",
        import->n_failed);
    return FALSE;
  }
  if (!weir_importer_finish (import->importer, &error)) {
    cli_error ("%s", error->message);
    return FALSE;
  }
  description = weir_importer_describe (import->importer);
  if (weir_importer_get_counts (import->importer)->references == 0) {
    cli_error ("no bank was written: %s", description);
    return FALSE;
  }
  if (!weir_bank_builder_write (builder, output, now, &error)) {
    cli_error ("%s", error->message);
    return FALSE;
  }
  printf ("%s: %s\n", output, description);
  return TRUE;
}

static int
import_lists (gchar **paths, const Options *options)
{
  const WeirImportSettings settings = {
    .id = options->reference.id,
    .family = options->reference.family,
    .label = options->reference.label,
    .list = options->reference.list,
    .source = options->reference.source,
    .max_action = options->reference.max_action,
    .has_opinion = options->reference.has_opinion,
    .opinion = options->reference.opinion,
    .not_before = options->reference.not_before,
    .not_after = options->reference.not_after,
    .benign = options->reference.benign,
  };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  Import import = { 0 };
  g_autoptr (WeirImporter) importer = weir_importer_new (
      options->format, &settings, builder, on_complaint, &import);
  gboolean interrupted = FALSE;
  gboolean written = FALSE;
  CliInterrupt interrupt;
  guint i;

  import.importer = importer;
  cli_interrupt_catch (&interrupt, &interrupted);
  for (i = 0; paths[i] && !interrupted; i++)
    import_list (&import, paths[i], &interrupted);
  cli_interrupt_look ();
  if (interrupted)
    cli_error ("interrupted; no bank was written");
  else
    written = write_bank (&import, builder, options->output);
  cli_interrupt_release (&interrupt);
  return written ? CLI_DONE : CLI_FAILED;
}

static void
clear_options (Options *options)
{
  cli_reference_options_clear (&options->reference);
  g_free (options->output);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, clear_options)

/* The names of the formats, as a sentence has them. */
static gchar *
list_formats (void)
{
  GString *text = g_string_new (NULL);
  guint i;

  for (i = 0; i < WEIR_IMPORT_N_FORMATS; i++)
    g_string_append_printf (text, "%s%s",
        i == 0                           ? ""
        : i == WEIR_IMPORT_N_FORMATS - 1 ? " or "
                                         : ", ",
        weir_import_format_to_string ((WeirImportFormat) i));
  return g_string_free (text, FALSE);
}

static gboolean
parse_format (const gchar *command, const gchar *format, Options *options)
{
  g_autofree gchar *known = list_formats ();

  if (format && weir_import_format_from_string (format, &options->format))
    return TRUE;
  if (format)
    cli_usage_error (command, "there is no format '%s': %s", format, known);
  else
    cli_usage_error (command, "name the format with --format: %s", known);
  return FALSE;
}

static gboolean
check_paths (const gchar *command, gchar **paths, const Options *options)
{
  guint n_paths = g_strv_length (paths);
  guint n_standard = 0, i;

  for (i = 0; i < n_paths; i++)
    n_standard += strcmp (paths[i], "-") == 0;
  if (n_paths == 0)
    cli_usage_error (command, "name the lists to import");
  else if (n_standard > 1)
    cli_usage_error (command, "standard input can be read once");
  else if (options->reference.id && options->format == WEIR_IMPORT_VPDQ &&
           n_paths > 1)
    cli_usage_error (
        command, "--id names one reference, and these are %u", n_paths);
  else if (options->reference.id && options->format > WEIR_IMPORT_VPDQ)
    cli_usage_error (command,
        "--id does not go with --format %s: ids are "
        "those of the list",
        weir_import_format_to_string (options->format));
  else
    return TRUE;
  return FALSE;
}

int
cli_bank_import (int argc, char **argv)
{
  g_auto (Options) options = {
    .reference = { .max_action = WEIR_ACTION_FLAG,
        .opinion = WEIR_OPINION_UNREVIEWED },
  };
  g_autofree gchar *format = NULL;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_STRING, &format,
        "How the lists are written (needed): pdq, vpdq, threatexchange, ncmec, "
        "stopncii or tat",
        "FORMAT" },
    CLI_OUTPUT_ENTRY (options.output),
    { "id", 0, 0, G_OPTION_ARG_STRING, &options.reference.id,
        "Id of the reference, with one vpdq list; with pdq what ids begin with "
        "(default: the file's stem)",
        "ID" },
    CLI_REFERENCE_ENTRIES (options.reference, " (default: each one's id)",
        " (default: what the list says)", " (default: flag)",
        " (default: what the list says, else unreviewed)"),
    CLI_BENIGN_ENTRY (options.reference),
    { NULL },
  };
  g_auto (GStrv) rest = NULL;

  if (!cli_parse (argc, argv, entries, "LIST...",
          "Makes a bank of lists of hashes that others exchange; - is standard "
          "input.",
          &rest) ||
      !parse_format (argv[0], format, &options) ||
      !cli_reference_options_read (&options.reference, argv[0]) ||
      !check_paths (argv[0], rest, &options))
    return CLI_USAGE;
  if (!options.output)
    return cli_usage_error (argv[0], "name the bank to write with -o");
  return import_lists (rest, &options);
}
