/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weir keygen: a pair of keys to sign a feed with. */

#include "cli.h"
#include "feed/minisign.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* FALSE after an error. */
static gboolean
check_new (const gchar *path)
{
  GStatBuf status;

  if (g_lstat (path, &status) != 0)
    return TRUE;
  cli_error ("'%s' is there already, and keys are never overwritten; choose "
             "another name",
      path);
  return FALSE;
}

/* Writes a file that must not be there yet, which only its owner can read if it
 * is @secret. What cannot be written whole is not left behind. */
static gboolean
write_new (const gchar *path, const gchar *text, gboolean secret)
{
  gint descriptor = g_open (
      path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644);
  gsize length = strlen (text);
  gboolean done;

  if (descriptor < 0) {
    cli_error ("'%s' cannot be made: %s; name a folder that can be written to",
        path, g_strerror (errno));
    return FALSE;
  }
  done = write (descriptor, text, length) == (gssize) length &&
         fsync (descriptor) == 0;
  if (!done) {
    cli_error ("'%s' cannot be written: %s", path, g_strerror (errno));
    g_unlink (path);
  }
  g_close (descriptor, NULL);
  return done;
}

/* Both files, or none. */
static gboolean
write_pair (const gchar *secret_path, const gchar *secret_text,
    const gchar *public_path, const gchar *public_text)
{
  if (!check_new (secret_path) || !check_new (public_path) ||
      !write_new (secret_path, secret_text, TRUE))
    return FALSE;
  if (write_new (public_path, public_text, FALSE))
    return TRUE;
  g_unlink (secret_path);
  return FALSE;
}

static int
make_keys (const gchar *name)
{
  g_autofree gchar *public_path = g_strconcat (name, ".pub", NULL);
  g_autofree gchar *secret_path = g_strconcat (name, ".key", NULL);
  WeirMinisignPublicKey public_key;
  WeirMinisignSecretKey secret_key;
  g_autofree gchar *public_text = NULL;
  g_autofree gchar *secret_text = NULL;
  g_autofree gchar *word = NULL;

  if (!weir_minisign_init ()) {
    cli_error ("there are no random numbers to make a key of");
    return CLI_FAILED;
  }
  weir_minisign_generate (&public_key, &secret_key);
  public_text = weir_minisign_write_public (&public_key);
  secret_text = weir_minisign_write_secret (&secret_key);
  word = weir_minisign_format_public (&public_key);
  if (!write_pair (secret_path, secret_text, public_path, public_text))
    return CLI_FAILED;
  printf ("%s\n", word);
  return CLI_DONE;
}

int
cli_keygen (int argc, char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  g_auto (GStrv) rest = NULL;

  if (!cli_parse (argc, argv, entries, "NAME",
          "Makes a pair of keys, the secret one in NAME.key without a "
          "password, "
          "the public one in NAME.pub, and prints the public one. Both are "
          "minisign's.",
          &rest))
    return CLI_USAGE;
  if (g_strv_length (rest) != 1)
    return cli_usage_error (argv[0], "name the files to make");
  return make_keys (rest[0]);
}
