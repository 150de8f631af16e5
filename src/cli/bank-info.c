/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weir bank info, weir bank verify. */

#include "bank/bank.h"
#include "cli.h"

#include <stdio.h>

/* References that info lists; their number is always told. */
#define LISTED_MAX 1000

static gchar *
format_date (gint64 seconds)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (seconds);

  return date && seconds > 0
             ? g_date_time_format (date, "%Y-%m-%d %H:%M:%S UTC")
             : g_strdup ("not known");
}

static gchar *
format_bound (gint64 seconds)
{
  return seconds != 0 ? format_date (seconds) : g_strdup ("none");
}

static void
print_reference (const WeirReference *reference)
{
  g_autofree gchar *added = format_date (reference->added);
  g_autofree gchar *not_before = format_bound (reference->not_before);
  g_autofree gchar *not_after = format_bound (reference->not_after);

  printf ("\n%s\n", reference->id);
  printf ("  family      %s\n", reference->family);
  printf ("  label       %s\n", reference->label);
  printf ("  list        %s\n", reference->list);
  printf ("  source      %s\n", reference->source);
  printf ("  added       %s\n", added);
  printf ("  length      %.3f s\n", reference->duration / 1e9);
  printf ("  opinion     %s\n", weir_opinion_to_string (reference->opinion));
  printf ("  max-action  %s\n", weir_action_to_string (reference->max_action));
  printf ("  not-before  %s\n", not_before);
  printf ("  not-after   %s\n", not_after);
  printf ("  benign      %s\n", reference->benign ? "yes" : "no");
  printf (
      "  video       %" G_GUINT64_FORMAT " fingerprints\n", reference->n_video);
  printf (
      "  audio       %" G_GUINT64_FORMAT " landmarks\n", reference->n_audio);
}

static void
print_bank (const WeirBank *bank)
{
  g_autofree gchar *created = format_date (weir_bank_get_created (bank));
  guint32 n_references = weir_bank_get_n_references (bank);
  guint32 n_listed = 0, i;

  printf ("bank        %s\n", weir_bank_get_path (bank));
  printf ("version     %s\n", weir_bank_get_version (bank));
  printf ("created     %s\n", created);
  printf ("references  %u\n", n_references);
  printf ("video       %" G_GUINT64_FORMAT " fingerprints\n",
      weir_bank_get_n_video (bank));
  printf ("audio       %" G_GUINT64_FORMAT " landmarks\n",
      weir_bank_get_n_audio (bank));
  for (i = 0; n_listed < MIN (n_references, LISTED_MAX); i++) {
    WeirReference reference;

    if (!weir_bank_has_reference (bank, i))
      continue;
    n_listed++;
    weir_bank_get_reference (bank, i, &reference);
    print_reference (&reference);
  }
  if (n_references > LISTED_MAX)
    printf ("\nand %u more\n", n_references - LISTED_MAX);
}

/* The bank that the only argument names; NULL after an error. */
static WeirBank *
open_bank (int argc, char **argv, const gchar *summary, int *status)
{
  const GOptionEntry entries[] = { { NULL } };
  g_auto (GStrv) rest = NULL;
  g_autoptr (GError) error = NULL;
  WeirBank *bank;

  *status = CLI_USAGE;
  if (!cli_parse (argc, argv, entries, "BANK", summary, &rest))
    return NULL;
  if (g_strv_length (rest) != 1) {
    cli_usage_error (argv[0], "name one bank");
    return NULL;
  }
  bank = weir_bank_open (rest[0], &error);
  *status = bank ? CLI_DONE : CLI_FAILED;
  if (!bank)
    cli_error ("%s", error->message);
  return bank;
}

int
cli_bank_info (int argc, char **argv)
{
  int status;
  g_autoptr (WeirBank) bank =
      open_bank (argc, argv, "Shows what a bank holds.", &status);

  if (bank)
    print_bank (bank);
  return status;
}

int
cli_bank_verify (int argc, char **argv)
{
  int status;
  g_autoptr (WeirBank) bank = open_bank (
      argc, argv, "Checks every checksum and bound of a bank.", &status);

  if (bank)
    printf ("%s: whole, version %s: checksums, %u records and their order, "
            "%" G_GUINT64_FORMAT " video fingerprints and their index, "
            "%" G_GUINT64_FORMAT " landmarks\n",
        weir_bank_get_path (bank), weir_bank_get_version (bank),
        weir_bank_get_n_references (bank), weir_bank_get_n_video (bank),
        weir_bank_get_n_audio (bank));
  return status;
}
