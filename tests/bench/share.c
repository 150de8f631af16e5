/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What many processes that have one bank open cost in memory: makes a bank, opens
 * it in so many processes, lets each look up, and adds up their proportional set sizes
 * (PSS: what a process has for itself, and its share of what several have).
 */
#include "bank/bank.h"

#include "made-bank.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_PROCESSES 256
#define N_LOOKUPS     1000

/* KiB of @field in the roll-up of the process. */
static guint64
read_field (pid_t process, const gchar *field)
{
  g_autofree gchar *path =
      g_strdup_printf ("/proc/%d/smaps_rollup", (gint) process);
  g_autofree gchar *text = NULL;
  const gchar *found;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  found = strstr (text, field);
  return found ? g_ascii_strtoull (found + strlen (field), NULL, 10) : 0;
}

/* Opens the bank, looks up, says so, and stays until it is ended. */
static void
be_a_process (const gchar *path, gint ready)
{
  g_autoptr (WeirBank) bank = weir_bank_open (path, NULL);
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) getpid ());

  if (!bank)
    _exit (1);
  for (guint i = 0; i < N_LOOKUPS; i++) {
    WeirPdqHash hash;

    for (guint k = 0; k < G_N_ELEMENTS (hash.words); k++)
      hash.words[k] =
          ((guint64) g_rand_int (random) << 32) | g_rand_int (random);
    g_array_set_size (hits, 0);
    weir_bank_lookup_video (bank, &hash, WEIR_PDQ_RADIUS, hits);
  }
  if (write (ready, "", 1) != 1)
    _exit (1);
  pause ();
}

/* Starts @n processes one after the other and adds up what they have. */
static void
measure (const gchar *path, guint n, guint64 *pss, guint64 *own)
{
  pid_t processes[MAX_PROCESSES];
  gint ready[2];
  gchar byte;
  guint i;

  if (pipe (ready) != 0)
    exit (1);
  for (i = 0; i < n; i++) {
    processes[i] = fork ();
    if (processes[i] == 0)
      be_a_process (path, ready[1]);
    if (read (ready[0], &byte, 1) != 1)
      exit (1);
  }
  for (i = 0; i < n; i++) {
    *pss += read_field (processes[i], "\nPss:");
    *own += read_field (processes[i], "\nPrivate_Dirty:");
  }
  for (i = 0; i < n; i++) {
    kill (processes[i], SIGKILL);
    waitpid (processes[i], NULL, 0);
  }
}

int
main (int argc, char **argv)
{
  guint n_hashes = argc > 1 ? (guint) atoi (argv[1]) : 1000000;
  guint n = argc > 2 ? (guint) atoi (argv[2]) : 20;
  g_autofree gchar *folder = NULL;
  g_autofree gchar *path = NULL;
  guint64 pss = 0, own = 0;
  struct stat status;

  if (argc > 3 || n_hashes < 1 || n < 1 || n > MAX_PROCESSES) {
    fprintf (stderr, "Usage: share [HASHES [PROCESSES]]\n");
    return 2;
  }
  folder = g_dir_make_tmp ("weir-share-XXXXXX", NULL);
  path = g_build_filename (folder, "made.weir", NULL);
  made_bank_write (path, 1, n_hashes);
  if (stat (path, &status) != 0)
    return 1;
  measure (path, n, &pss, &own);
  unlink (path);
  rmdir (folder);
  printf ("%u hashes, %.1f MiB, in %u processes: PSS of all %.1f MiB, of it "
          "their own %.1f MiB\n",
      n_hashes, (gdouble) status.st_size / (1 << 20), n, (gdouble) pss / 1024,
      (gdouble) own / 1024);
  return 0;
}
