/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command `weir`: finds the subcommand. */

#include "cli.h"

#include "config.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#define EXIT_STATUSES                                                          \
  "Exit status: 0 done, 1 failed, 2 wrong usage, 3 cut (watch).\n"

static const struct {
  const gchar *group, *name;
  CliCommand run;
  const gchar *summary;
} commands[] = {
  { "bank", "build", cli_bank_build, "make a bank of media files" },
  { "bank", "import", cli_bank_import, "make a bank of lists of hashes" },
  { "bank", "info", cli_bank_info, "show what a bank holds" },
  { "bank", "list", cli_bank_list, "print the records of a bank" },
  { "bank", "merge", cli_bank_merge, "join banks" },
  { "bank", "remove", cli_bank_remove, "take references out of a bank" },
  { "bank", "edit", cli_bank_edit, "change what a bank says of references" },
  { "bank", "add", cli_bank_add, "add to a folder that is a bank" },
  { "bank", "verify", cli_bank_verify, "check a bank for damage" },
  { NULL, "keygen", cli_keygen, "make keys to sign a feed with" },
  { NULL, "publish", cli_publish, "publish a list as a feed" },
  { NULL, "follow", cli_follow, "keep a feed's bank up to date" },
  { "feed", "status", cli_feed_status, "show how a feed's bank is" },
  { NULL, "print", cli_print, "print the fingerprints of media" },
  { NULL, "watch", cli_watch, "look a file or live stream up in a bank" },
};

static void
print_help (FILE *stream)
{
  guint i;

  fprintf (stream,
      "Usage: weir COMMAND [OPTION...] ARGUMENT...\n\n"
      "Recognises known violent extremist content in live streams.\n\n"
      "Commands:\n");
  for (i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (stream, "  %-7s %-8s %s\n",
        commands[i].group ? commands[i].group : commands[i].name,
        commands[i].group ? commands[i].name : "", commands[i].summary);
  fprintf (stream, "\n`weir COMMAND --help` explains each. " EXIT_STATUSES);
}

void
cli_error (const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_strdelimit (message, "\r\n", ' ');
  fflush (stdout);
  fprintf (stderr, "weir: %s\n", message);
}

gboolean
cli_check_output (void)
{
  static gint told;
  gint reason = errno;

  if (!ferror (stdout))
    return TRUE;
  if (g_atomic_int_compare_and_exchange (&told, 0, 1) && reason != EPIPE)
    cli_error ("standard output: %s", g_strerror (reason));
  return FALSE;
}

int
cli_usage_error (const gchar *command, const gchar *format, ...)
{
  g_autofree gchar *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  cli_error ("%s; see `%s --help`", message, command);
  return CLI_USAGE;
}

void
cli_init_gst (void)
{
  /* Plugins are looked through in a process of their own: one of them may be
   * this very element, whose type cannot be registered twice. */
  g_unsetenv ("GST_REGISTRY_FORK");
  gst_init (NULL, NULL);
  g_type_ensure (GST_TYPE_WEIR);
}

gboolean
cli_parse (int argc, char **argv, const GOptionEntry *entries,
    const gchar *arguments, const gchar *summary, gchar ***rest)
{
  g_autoptr (GOptionContext) context = g_option_context_new (arguments);
  g_autoptr (GError) error = NULL;
  g_autofree gchar **words = g_new (gchar *, argc + 1);
  const gchar *command = argv[0];
  gint n_words = argc;
  gint i;

  g_set_prgname (command);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, EXIT_STATUSES);
  g_option_context_add_main_entries (context, entries, NULL);
  memcpy (words, argv, sizeof (gchar *) * (gsize) argc);
  words[argc] = NULL;
  if (!g_option_context_parse (context, &n_words, &words, &error)) {
    cli_usage_error (command, "%s", error->message);
    return FALSE;
  }
  *rest = g_new0 (gchar *, n_words);
  for (i = 1; i < n_words; i++)
    (*rest)[i - 1] = g_strdup (words[i]);
  return TRUE;
}

static int
run_command (guint index, int argc, char **argv, int used)
{
  g_autofree gchar *name =
      commands[index].group ? g_strdup_printf ("weir %s %s",
                                  commands[index].group, commands[index].name)
                            : g_strdup_printf ("weir %s", commands[index].name);

  int status;

  argv[used] = name;
  status = commands[index].run (argc - used, argv + used);
  fflush (stdout);
  return cli_check_output () ? status : CLI_FAILED;
}

static gboolean
is_help (const gchar *word)
{
  return strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0;
}

int
main (int argc, char **argv)
{
  gboolean known_group = FALSE;
  guint i;

  setlocale (LC_ALL, "");
  if (argc < 2) {
    print_help (stderr);
    return CLI_USAGE;
  }
  if (is_help (argv[1])) {
    print_help (stdout);
    return CLI_DONE;
  }
  if (strcmp (argv[1], "--version") == 0) {
    printf ("weir %s\n", VERSION);
    return CLI_DONE;
  }

  for (i = 0; i < G_N_ELEMENTS (commands); i++) {
    const gchar *group = commands[i].group;

    if (!group && strcmp (argv[1], commands[i].name) == 0)
      return run_command (i, argc, argv, 1);
    if (!group || strcmp (argv[1], group) != 0)
      continue;
    known_group = TRUE;
    if (argc > 2 && strcmp (argv[2], commands[i].name) == 0)
      return run_command (i, argc, argv, 2);
  }
  if (known_group && argc > 2 && is_help (argv[2])) {
    print_help (stdout);
    return CLI_DONE;
  }
  if (known_group && argc == 2)
    return cli_usage_error ("weir",
        "'%s' is the first word of several "
        "commands",
        argv[1]);
  if (known_group)
    return cli_usage_error (
        "weir", "there is no command '%s %s'", argv[1], argv[2]);
  return cli_usage_error ("weir", "there is no command '%s'", argv[1]);
}
