/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What goes wrong between a publisher and a client, one thing at a time: the bank
 * stays as it was, the reason is said, and the next good head heals it. Faults of
 * the transport itself are in tests/integration/feed.
 */
#include "feed-host.h"

#include "feed/feed-lines.h"
#include "feed/feed-pack.h"
#include "feed/signed-file.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Has what all files of changes have in their names, and the head has not. */
#define FILES "-"

/* ---- Heads that a publisher would not write ---- */

static WeirFeedHead *
read_head (FeedHost *host)
{
  g_autofree gchar *path = g_build_filename (host->served, "head", NULL);
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length, content_length;
  const gchar *content;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  content = weir_signed_file_get_content (
      text, length, "head", &content_length, &error);
  g_assert_no_error (error);
  return weir_feed_head_parse (content, content_length, &error);
}

/* @content signed by the key in the file @path. */
static GBytes *
sign (const gchar *path, const gchar *content)
{
  WeirMinisignSecretKey key;
  g_autofree gchar *key_text = NULL;
  g_autofree gchar *signature = NULL;
  gchar *text;

  g_assert_true (g_file_get_contents (path, &key_text, NULL, NULL));
  g_assert_true (weir_minisign_read_secret (key_text, path, &key, NULL));
  signature = weir_minisign_sign (&key, content, strlen (content), "x");
  text = g_strconcat (signature, content, NULL);
  return g_bytes_new_take (text, strlen (text));
}

static void
serve_text (FeedHost *host, const gchar *content)
{
  g_clear_pointer (&host->instead, g_bytes_unref);
  host->match = "head";
  host->instead = sign (host->key, content);
}

static void
serve_head (FeedHost *host, const WeirFeedHead *head)
{
  g_autofree gchar *content = weir_feed_head_format (head);

  serve_text (host, content);
}

/* ---- The table ---- */

static void
answer_404 (FeedHost *host)
{
  host->match = "head";
  host->status = 404;
}

static void
answer_403 (FeedHost *host)
{
  host->match = "head";
  host->status = 403;
}

static void
answer_500 (FeedHost *host)
{
  host->match = FILES;
  host->status = 500;
}

static void
answer_503 (FeedHost *host)
{
  host->match = "head";
  host->status = 503;
  host->retry_after = 60;
}

static void
root_500 (FeedHost *host)
{
  host->match = "root";
  host->status = 500;
  host->now += 3600; /* time to look for one */
}

static void
no_network (FeedHost *host)
{
  host->match = "head";
  host->status = -1;
}

static void
no_network_for_files (FeedHost *host)
{
  host->match = FILES;
  host->status = -1;
}

static void
file_of_another (FeedHost *host)
{
  host->match = FILES;
  host->instead = g_bytes_new_static ("other", 5);
}

static void
empty_file (FeedHost *host)
{
  host->match = FILES;
  host->instead = g_bytes_new_static ("", 0);
}

static void
large_file (FeedHost *host)
{
  host->match = FILES;
  host->instead = g_bytes_new_take (g_malloc0 (1 << 20), 1 << 20);
}

static void
large_head (FeedHost *host)
{
  host->match = "head";
  host->instead = g_bytes_new_take (g_malloc0 (1 << 20), 1 << 20);
}

static void
empty_head (FeedHost *host)
{
  host->match = "head";
  host->instead = g_bytes_new_static ("", 0);
}

static void
page_for_people (FeedHost *host)
{
  static const gchar page[] = "<html>Please log in</html>";

  host->match = "head";
  host->instead = g_bytes_new_static (page, sizeof (page) - 1);
}

static void
another_key (FeedHost *host)
{
  g_autoptr (WeirFeedHead) head = read_head (host);
  g_autofree gchar *content = weir_feed_head_format (head);
  g_autofree gchar *path = g_build_filename (host->folder, "other.key", NULL);
  WeirMinisignPublicKey public_key;
  WeirMinisignSecretKey secret_key;
  g_autofree gchar *text = NULL;

  weir_minisign_generate (&public_key, &secret_key);
  text = weir_minisign_write_secret (&secret_key);
  g_file_set_contents (path, text, -1, NULL);
  host->match = "head";
  host->instead = sign (path, content);
}

static void
another_list (FeedHost *host)
{
  g_autoptr (WeirFeedHead) head = read_head (host);

  g_free (head->list);
  head->list = g_strdup ("bulk");
  serve_head (host, head);
}

static void
another_version (FeedHost *host)
{
  serve_text (host, "weir-head 2\nend\n");
}

static void
old_head (FeedHost *host)
{
  g_autoptr (WeirFeedHead) head = read_head (host);

  head->sequence = 1;
  head->snapshot.to = 1;
  g_array_set_size (head->deltas, 0);
  head->issued = NOW - 10;
  serve_head (host, head);
}

static void
second_head (FeedHost *host)
{
  g_autoptr (WeirFeedHead) head = read_head (host);

  head->sequence = 1;
  head->snapshot.to = 1;
  g_array_set_size (head->deltas, 0);
  head->issued = NOW + 10;
  memset (head->state, '0', strlen (head->state));
  serve_head (host, head);
}

static void
epoch_without_root (FeedHost *host)
{
  g_autoptr (WeirFeedHead) head = read_head (host);

  head->epoch = 2;
  serve_head (host, head);
}

static void
expired (FeedHost *host)
{
  host->now += 1802; /* it was issued a second after the first */
}

static void
clock_ahead (FeedHost *host)
{
  host->now += 3600;
}

static void
clock_behind (FeedHost *host)
{
  host->now -= 3600;
}

static void
no_chain (FeedHost *host)
{
  g_autoptr (WeirFeedHead) head = read_head (host);
  WeirFeedFile delta = head->snapshot;

  delta.from = head->sequence + 1;
  delta.to = head->sequence + 2;
  g_array_append_val (head->deltas, delta);
  serve_head (host, head);
}

static void
another_state (FeedHost *host)
{
  g_autoptr (WeirFeedHead) head = read_head (host);

  memset (head->state, '0', strlen (head->state));
  serve_head (host, head);
}

static void
another_count (FeedHost *host)
{
  g_autoptr (WeirFeedHead) head = read_head (host);

  head->references++;
  serve_head (host, head);
}

static void
another_size (FeedHost *host)
{
  g_autoptr (WeirFeedHead) head = read_head (host);

  head->snapshot.size--;
  g_array_set_size (head->deltas, 0);
  head->snapshot.to = head->sequence;
  serve_head (host, head);
}

/* Writes what @packer has been given as the snapshot that the head names. */
static void
serve_snapshot (
    FeedHost *host, const gchar *bytes, gsize length, guint64 unpacked)
{
  g_autofree gchar *path = g_build_filename (host->folder, "packed", NULL);
  g_autofree gchar *relative = NULL;
  g_autofree gchar *target = NULL;
  g_autoptr (WeirFeedHead) head = read_head (host);
  g_autoptr (GError) error = NULL;
  WeirFeedPacker *packer = weir_feed_packer_new (path, &error);

  weir_feed_packer_put (packer, bytes, length);
  weir_feed_packer_finish (packer, &head->snapshot, &error);
  g_assert_no_error (error);
  head->snapshot.unpacked = unpacked > 0 ? unpacked : length;
  head->snapshot.to = head->sequence;
  g_array_set_size (head->deltas, 0);
  relative = weir_feed_file_get_path (&head->snapshot);
  target = g_build_filename (host->served, relative, NULL);
  g_assert_cmpint (g_rename (path, target), ==, 0);
  serve_head (host, head);
}

static void
bomb (FeedHost *host)
{
  const gsize length = 16 << 20;
  g_autofree gchar *zeros = g_malloc0 (length);

  serve_snapshot (host, zeros, length, 2000);
}

static void
endless_lines (FeedHost *host)
{
  const gsize length = 80 << 20;
  g_autofree gchar *text = g_malloc (length);

  memset (text, '\n', length);
  serve_snapshot (host, text, length, 0);
}

static void
change_of_another_list (FeedHost *host)
{
  static const gchar text[] = "weir-change 1\nlist bulk\nfrom 0\nto 2\nend\n";

  serve_snapshot (host, text, strlen (text), 0);
}

static void
change_of_another_number (FeedHost *host)
{
  static const gchar text[] = "weir-change 1\nlist hot\nfrom 0\nto 3\nend\n";

  serve_snapshot (host, text, strlen (text), 0);
}

static void
change_cut (FeedHost *host)
{
  static const gchar text[] = "weir-change 1\nlist hot\nfrom 0\nto 2\n"
                              "segment 0123456789abcdef 100\nend\nWEIRBANK";

  serve_snapshot (host, text, strlen (text), 0);
}

static void
change_that_is_no_bank (FeedHost *host)
{
  static const gchar text[] = "weir-change 1\nlist hot\nfrom 0\nto 2\n"
                              "segment 0123456789abcdef 8\nend\nWEIRBANK";

  serve_snapshot (host, text, strlen (text), 0);
}

static void
set (FeedHost *host, const gchar *text)
{
  g_autofree gchar *path = g_build_filename (host->state, "settings", NULL);

  g_file_set_contents (path, text, -1, NULL);
}

static void
gate_of_growth (FeedHost *host)
{
  set (host, "[feed]\nmax-growth=0.4\ngrowth-floor=0\n");
}

static void
gate_of_canary (FeedHost *host)
{
  set (host, "[feed]\nneed-canary=true\n");
}

static void
canary_that_is_not_there (FeedHost *host)
{
  g_autoptr (WeirFeedHead) head = read_head (host);

  head->canary = TRUE;
  serve_head (host, head);
}

static void
gate_of_size (FeedHost *host)
{
  set (host, "[feed]\nmax-size=10\n");
}

/* What is harmless is what the list has at "c". */
static void
gate_of_benign (FeedHost *host)
{
  g_autofree gchar *bank = feed_host_make_bank (host, "c", g_str_hash ("c"));
  g_autofree gchar *text = g_strdup_printf ("[feed]\nbenign=%s\n", bank);

  set (host, text);
}

static void
benign_that_is_missing (FeedHost *host)
{
  set (host, "[feed]\nbenign=/nowhere/harmless.weir\n");
}

static void
settings_misspelt (FeedHost *host)
{
  set (host, "[feed]\nmax-grwth=1\n");
}

static void
settings_wrong (FeedHost *host)
{
  set (host, "[feed]\nmax-growth=many\n");
}

static const struct {
  const gchar *name;
  void (*spoil) (FeedHost *host);
  gint code;
} faults[] = {
  { "404", answer_404, WEIR_FEED_ERROR_SERVER },
  { "403", answer_403, WEIR_FEED_ERROR_SERVER },
  { "500-for-files", answer_500, WEIR_FEED_ERROR_SERVER },
  { "503", answer_503, WEIR_FEED_ERROR_SERVER },
  { "500-for-root", root_500, WEIR_FEED_ERROR_SERVER },
  { "no-network", no_network, WEIR_FEED_ERROR_NETWORK },
  { "no-network-for-files", no_network_for_files, WEIR_FEED_ERROR_NETWORK },
  { "file-of-another", file_of_another, WEIR_FEED_ERROR_DIGEST },
  { "empty-file", empty_file, WEIR_FEED_ERROR_DIGEST },
  { "large-file", large_file, WEIR_FEED_ERROR_SIZE },
  { "large-head", large_head, WEIR_FEED_ERROR_SIZE },
  { "empty-head", empty_head, WEIR_FEED_ERROR_SIGNATURE },
  { "page-for-people", page_for_people, WEIR_FEED_ERROR_SIGNATURE },
  { "another-key", another_key, WEIR_FEED_ERROR_SIGNATURE },
  { "another-list", another_list, WEIR_FEED_ERROR_LIST },
  { "another-version", another_version, WEIR_FEED_ERROR_FORMAT },
  { "old-head", old_head, WEIR_FEED_ERROR_ROLLBACK },
  { "second-head", second_head, WEIR_FEED_ERROR_ROLLBACK },
  { "epoch-without-root", epoch_without_root, WEIR_FEED_ERROR_ROLLBACK },
  { "expired", expired, WEIR_FEED_ERROR_EXPIRED },
  { "clock-ahead", clock_ahead, WEIR_FEED_ERROR_EXPIRED },
  { "clock-behind", clock_behind, WEIR_FEED_ERROR_CLOCK },
  { "no-chain", no_chain, WEIR_FEED_ERROR_FORMAT },
  { "another-state", another_state, WEIR_FEED_ERROR_DIGEST },
  { "another-count", another_count, WEIR_FEED_ERROR_DIGEST },
  { "another-size", another_size, WEIR_FEED_ERROR_SIZE },
  { "bomb", bomb, WEIR_FEED_ERROR_SIZE },
  { "endless-lines", endless_lines, WEIR_FEED_ERROR_SIZE },
  { "change-of-another-list", change_of_another_list, WEIR_FEED_ERROR_LIST },
  { "change-of-another-number", change_of_another_number,
      WEIR_FEED_ERROR_DIGEST },
  { "change-cut", change_cut, WEIR_FEED_ERROR_FORMAT },
  { "change-that-is-no-bank", change_that_is_no_bank, WEIR_FEED_ERROR_DIGEST },
  { "gate-of-growth", gate_of_growth, WEIR_FEED_ERROR_GATE },
  { "gate-of-canary", gate_of_canary, WEIR_FEED_ERROR_GATE },
  { "canary-that-is-not-there", canary_that_is_not_there,
      WEIR_FEED_ERROR_GATE },
  { "gate-of-size", gate_of_size, WEIR_FEED_ERROR_SIZE },
  { "gate-of-benign", gate_of_benign, WEIR_FEED_ERROR_GATE },
  { "benign-that-is-missing", benign_that_is_missing, WEIR_FEED_ERROR_SETTING },
  { "settings-misspelt", settings_misspelt, WEIR_FEED_ERROR_SETTING },
  { "settings-wrong", settings_wrong, WEIR_FEED_ERROR_SETTING },
};

static void
test_fault (FeedHost *host, gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  g_autofree gchar *settings = g_build_filename (host->state, "settings", NULL);
  g_autoptr (WeirFeedClient) client = NULL;

  feed_host_publish (host, "a b", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a b"), ==, -1);
  feed_host_publish (host, "c", NULL);
  faults[row].spoil (host);
  g_assert_cmpint (feed_host_poll (host, client, "a b"), ==, faults[row].code);
  /* It is no matter of how often it is asked. */
  g_assert_cmpint (feed_host_poll (host, client, "a b"), ==, faults[row].code);
  g_assert_cmpuint (weir_feed_client_get_status (client)->sequence, ==, 1);
  g_assert_cmpuint (weir_feed_client_get_status (client)->n_failures, ==, 2);

  feed_host_heal (host);
  g_unlink (settings);
  host->now = MAX (host->now, NOW) + 20;
  feed_host_publish (host, "d", NULL);
  g_assert_cmpint (feed_host_poll (host, client, "a b c d"), ==, -1);
  g_assert_cmpuint (weir_feed_client_get_status (client)->n_failures, ==, 0);
}

/* ---- Every byte ---- */

static gsize
get_length (FeedHost *host, const gchar *name)
{
  g_autofree gchar *path = g_build_filename (host->served, name, NULL);
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  return (gsize) status.st_size;
}

/* A head with a byte that is another, or cut anywhere, is none; but for the
 * comment that nobody vouches for. */
static void
test_head_bytes (FeedHost *host, gconstpointer data)
{
  const gsize spared = strlen ("untrusted comment: signature of weir");
  g_autoptr (WeirFeedClient) client = NULL;
  gsize length;

  feed_host_publish (host, "a", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  feed_host_publish (host, "b", NULL);
  length = get_length (host, "head");
  host->match = "head";
  for (gsize i = 0; i < length; i++) {
    host->cut = (gssize) i;
    g_assert_cmpint (
        feed_host_poll (host, client, "a"), ==, WEIR_FEED_ERROR_SIGNATURE);
    host->cut = -1;
    if (i > strlen ("untrusted comment") && i <= spared)
      continue;
    host->altered = (gssize) i;
    g_assert_cmpint (
        feed_host_poll (host, client, "a"), ==, WEIR_FEED_ERROR_SIGNATURE);
    host->altered = -1;
  }
  feed_host_heal (host);
  g_assert_cmpint (feed_host_poll (host, client, "a b"), ==, -1);
}

static void
test_file_bytes (FeedHost *host, gconstpointer data)
{
  g_autoptr (WeirFeedClient) client = NULL;
  g_autoptr (WeirFeedHead) head = NULL;
  gsize length;

  feed_host_publish (host, "a", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  feed_host_publish (host, "b", NULL);
  head = read_head (host);
  host->match = FILES;
  length = head->snapshot.size;
  if (head->deltas->len > 0)
    length = MIN (length, g_array_index (head->deltas, WeirFeedFile, 0).size);
  for (gsize i = 0; i < length; i += 5) {
    host->cut = (gssize) i;
    g_assert_cmpint (
        feed_host_poll (host, client, "a"), ==, WEIR_FEED_ERROR_DIGEST);
    host->cut = -1;
    host->altered = (gssize) i;
    g_assert_cmpint (
        feed_host_poll (host, client, "a"), ==, WEIR_FEED_ERROR_DIGEST);
    host->altered = -1;
  }
  feed_host_heal (host);
  g_assert_cmpint (feed_host_poll (host, client, "a b"), ==, -1);
}

/* ---- Lists that lose too much ---- */

static void
test_drop (FeedHost *host, gconstpointer data)
{
  g_autoptr (WeirFeedClient) client = NULL;

  feed_host_publish (host, "a b c d e f g h i j", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (
      feed_host_poll (host, client, "a b c d e f g h i j"), ==, -1);
  set (host, "[feed]\nmax-removals=0.5\nremoval-floor=0\n");
  feed_host_publish (host, NULL, "a b c d e f g h i");
  g_assert_cmpint (feed_host_poll (host, client, "a b c d e f g h i j"), ==,
      WEIR_FEED_ERROR_GATE);
  feed_host_publish (host, NULL, "j"); /* nothing left at all */
  g_assert_cmpint (feed_host_poll (host, client, "a b c d e f g h i j"), ==,
      WEIR_FEED_ERROR_GATE);
  set (host, "[feed]\nmax-removals=1\n");
  g_assert_cmpint (feed_host_poll (host, client, ""), ==, -1);
}

/* ---- Roots ---- */

static void
write_root (FeedHost *host, guint64 version, guint64 epoch, const gchar *signer,
    const gchar *head_key)
{
  g_autofree gchar *path =
      g_strdup_printf ("%s/root/%" G_GUINT64_FORMAT, host->served, version);
  g_autofree gchar *text = g_strdup_printf (
      "weir-root 1\nlist hot\nversion %" G_GUINT64_FORMAT
      "\nepoch %" G_GUINT64_FORMAT "\nexpires %" G_GINT64_FORMAT
      "\nroot-threshold 1\nroot-key %s\nhead-threshold 1\nhead-key %s\nend\n",
      version, epoch, NOW + 100000, host->public_key, head_key);
  g_autoptr (GBytes) bytes = sign (signer, text);
  gsize length;
  gconstpointer data = g_bytes_get_data (bytes, &length);

  g_assert_true (g_file_set_contents (path, data, (gssize) length, NULL));
}

/* The publisher is at the last sequence but one, and has no head before it. */
static void
skip_sequences (FeedHost *host)
{
  g_autofree gchar *bank =
      g_build_filename (host->served, ".weir", "bank", NULL);
  g_autofree gchar *path = g_build_filename (host->served, "head", NULL);
  g_autoptr (WeirManifest) manifest = weir_manifest_read (bank, NULL);
  g_autoptr (WeirFeedHead) head = read_head (host);

  head->sequence = WEIR_FEED_MAX_NUMBER - 1;
  weir_feed_cache_set_position (manifest, head);
  g_assert_true (weir_manifest_write (manifest, bank, NULL));
  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* Who has stolen the key of the head signs a list of the far future. With a new
 * key and a new epoch, which the root's key signs, all goes on. */
static void
test_fast_forward (FeedHost *host, gconstpointer data)
{
  g_autofree gchar *root_key = g_strdup (host->key);
  g_autofree gchar *path = g_build_filename (host->folder, "head.key", NULL);
  g_autoptr (WeirFeedClient) client = NULL;
  g_autoptr (WeirFeedHead) head = NULL;
  WeirMinisignPublicKey key;
  WeirMinisignSecretKey secret;
  g_autofree gchar *word = NULL;
  g_autofree gchar *text = NULL;

  feed_host_publish (host, "a", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  skip_sequences (host);
  feed_host_publish (host, NULL, "nothing");
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  g_assert_cmpuint (
      weir_feed_client_get_status (client)->sequence, ==, WEIR_FEED_MAX_NUMBER);

  weir_minisign_generate (&key, &secret);
  word = weir_minisign_format_public (&key);
  text = weir_minisign_write_secret (&secret);
  g_file_set_contents (path, text, -1, NULL);
  write_root (host, 1, 2, path, word);
  g_free (host->key);
  host->key = g_strdup (path);
  host->now += 10;
  feed_host_publish (host, "b", NULL);
  g_assert_cmpint (
      feed_host_poll (host, client, "a"), ==, WEIR_FEED_ERROR_SIGNATURE);
  write_root (host, 1, 2, root_key, word);
  g_assert_cmpint (feed_host_poll (host, client, "a b"), ==, -1);
  g_assert_cmpuint (weir_feed_client_get_status (client)->epoch, ==, 2);
  g_assert_cmpuint (weir_feed_client_get_status (client)->sequence, ==, 1);
  g_assert_cmpuint (weir_feed_client_get_status (client)->root, ==, 1);

  /* The old key is worth nothing any more. */
  g_free (host->key);
  host->key = g_strdup (root_key);
  head = read_head (host);
  head->issued += 5;
  serve_head (host, head);
  g_assert_cmpint (
      feed_host_poll (host, client, "a b"), ==, WEIR_FEED_ERROR_SIGNATURE);
}

/* ---- The disk ---- */

/* A disk that is full after so many bytes of any file. */
static void
test_disk_full (FeedHost *host, gconstpointer data)
{
  g_autoptr (WeirFeedClient) client = NULL;
  struct rlimit before;

  feed_host_publish (host, "a", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  feed_host_publish (host, "b", NULL);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  for (rlim_t size = 0; size <= 512; size += 64) {
    const struct rlimit limit = { size, before.rlim_max };

    g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
    g_assert_cmpint (
        feed_host_poll (host, client, "a"), ==, WEIR_FEED_ERROR_CACHE);
    g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  }
  g_assert_cmpint (feed_host_poll (host, client, "a b"), ==, -1);
}

/* A cache that others own. */
static void
test_read_only (FeedHost *host, gconstpointer data)
{
  const uid_t nobody = 65534;
  g_autoptr (WeirFeedClient) client = NULL;
  g_autoptr (GError) error = NULL;

  if (geteuid () != 0) {
    g_test_skip ("needs root");
    return;
  }
  feed_host_publish (host, "a", NULL);
  client = feed_host_make_client (host);
  g_assert_cmpint (feed_host_poll (host, client, "a"), ==, -1);
  feed_host_publish (host, "b", NULL);
  g_assert_cmpint (g_chmod (host->folder, 0755), ==, 0);
  g_assert_cmpint (seteuid (nobody), ==, 0);
  g_assert_cmpint (
      feed_host_poll (host, client, "a"), ==, WEIR_FEED_ERROR_CACHE);
  g_assert_cmpint (weir_feed_cache_lock (host->state, &error), ==, -1);
  g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_READ_ONLY);
  g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (feed_host_poll (host, client, "a b"), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autofree gchar *path =
        g_strconcat ("/feed/faults/", faults[i].name, NULL);

    g_test_add (path, FeedHost, GUINT_TO_POINTER (i), feed_host_set_up,
        test_fault, feed_host_tear_down);
  }
  feed_host_add_test ("/feed/faults/head-bytes", test_head_bytes);
  feed_host_add_test ("/feed/faults/file-bytes", test_file_bytes);
  feed_host_add_test ("/feed/faults/drop", test_drop);
  feed_host_add_test ("/feed/faults/fast-forward", test_fast_forward);
  feed_host_add_test ("/feed/faults/disk-full", test_disk_full);
  feed_host_add_test ("/feed/faults/read-only", test_read_only);
  return g_test_run ();
}
