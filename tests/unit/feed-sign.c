/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys, signatures, files that several have signed, roots. */
#include "feed/feed-root.h"

#include <string.h>

/* Made by minisign 0.11: a key pair without a password, and its signature of
 * "hello\n". */
#define PUBLIC "RWRSu2oD5/Nh4TKkxyd5/MbSsBzrKVvIy78LQOS897v2yO/975Po3Xjo"
#define SIGNED                                                                 \
  "untrusted comment: signature from minisign secret key\n"                    \
  "RURSu2oD5/Nh4UhcmP61xNosfSXA0nNWaBCOFxul3nyD32fFWx1u1XdDXOHS"               \
  "hhW5iQjYQcLsrZDWQ5oe9EGcSiuh0L8mQ/81Ugw=\n"                                 \
  "trusted comment: stock comment\n"                                           \
  "3Rf+0pb6yxpsnOVxEzT4cDJQRrCZT062FWsbx0mU1ZWH1jLAN6Q8FQiTF9gA"               \
  "sGjat5TzpI/ZiHQsM5spwwUIAQ==\n"

#define NOW 1764000000

static gchar *
sign (const WeirMinisignSecretKey *key, const gchar *text)
{
  return weir_minisign_sign (key, text, strlen (text), "a comment");
}

static void
test_stock_signature (void)
{
  WeirMinisignPublicKey key;
  WeirMinisignSignature signature;
  const gchar *end;

  g_assert_true (weir_minisign_parse_public (PUBLIC, &key));
  g_assert_true (weir_minisign_parse_signature (
      SIGNED, strlen (SIGNED), &signature, &end));
  g_assert_cmpstr (end, ==, "");
  g_assert_true (weir_minisign_verify (&key, &signature, "hello\n", 6));
  g_assert_false (weir_minisign_verify (&key, &signature, "hello!", 6));
  g_assert_false (weir_minisign_verify (&key, &signature, "hello", 5));
  signature.comment[0] ^= 1;
  g_assert_false (weir_minisign_verify (&key, &signature, "hello\n", 6));
  weir_minisign_signature_clear (&signature);
}

/* What is written is read again, and each bit of it counts. */
static void
test_round_trip (void)
{
  WeirMinisignPublicKey key, read_key, derived;
  WeirMinisignSecretKey secret, read_secret;
  g_autofree gchar *public_text = NULL;
  g_autofree gchar *secret_text = NULL;
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;

  weir_minisign_generate (&key, &secret);
  public_text = weir_minisign_write_public (&key);
  secret_text = weir_minisign_write_secret (&secret);
  g_assert_true (
      weir_minisign_read_public (public_text, "p", &read_key, &error));
  g_assert_true (
      weir_minisign_read_secret (secret_text, "s", &read_secret, &error));
  g_assert_cmpmem (&key, sizeof (key), &read_key, sizeof (read_key));
  g_assert_cmpmem (
      &secret, sizeof (secret), &read_secret, sizeof (read_secret));
  weir_minisign_get_public (&secret, &derived);
  g_assert_cmpmem (&key, sizeof (key), &derived, sizeof (derived));

  text = sign (&secret, "message");
  for (gsize i = 0; i < strlen (text); i++) {
    WeirMinisignSignature signature;
    const gchar *end;
    gboolean good = FALSE;

    text[i] ^= 4;
    if (weir_minisign_parse_signature (text, strlen (text), &signature, &end)) {
      good = weir_minisign_verify (&key, &signature, "message", 7);
      weir_minisign_signature_clear (&signature);
    }
    text[i] ^= 4;
    /* Only what nobody vouches for may be another. */
    if (good)
      g_assert_true (
          i >= strlen ("untrusted comment: ") && i < strcspn (text, "\n"));
  }
}

static void
test_refused_keys (void)
{
  static const gchar *const texts[] = { "", "RW", "untrusted comment: x\n",
    "untrusted comment: x\nRWQAAEIy\n", "x\n" PUBLIC "\n",
    "untrusted comment: x\n" PUBLIC "=\n" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    WeirMinisignPublicKey key;
    WeirMinisignSecretKey secret;
    g_autoptr (GError) error = NULL;

    g_assert_false (weir_minisign_read_public (texts[i], "k", &key, &error));
    g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_SETTING);
    g_clear_error (&error);
    g_assert_false (weir_minisign_read_secret (texts[i], "k", &secret, &error));
    g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_SETTING);
  }
}

/* ---- Rings ---- */

typedef struct {
  WeirMinisignPublicKey public_key;
  WeirMinisignSecretKey secret_key;
} Pair;

static void
make_pairs (Pair *pairs, guint n)
{
  for (guint i = 0; i < n; i++)
    weir_minisign_generate (&pairs[i].public_key, &pairs[i].secret_key);
}

static void
make_ring (WeirKeyRing *ring, const Pair *pairs, guint n, guint threshold)
{
  weir_key_ring_init (ring);
  for (guint i = 0; i < n; i++)
    g_assert_true (weir_key_ring_add (ring, &pairs[i].public_key));
  ring->threshold = threshold;
}

/* @content behind the signatures of those of @pairs whose bit in @signers is
 * set. */
static gchar *
sign_by (const Pair *pairs, guint signers, const gchar *content)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < 8; i++)
    if ((signers >> i) & 1) {
      g_autofree gchar *signature = sign (&pairs[i].secret_key, content);

      g_string_append (text, signature);
    }
  g_string_append (text, content);
  return g_string_free (text, FALSE);
}

static gboolean
is_verified (const WeirKeyRing *ring, const gchar *text)
{
  g_autoptr (GError) error = NULL;
  gboolean verified =
      weir_signed_file_verify (text, strlen (text), ring, "the file", &error);

  if (!verified)
    g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_SIGNATURE);
  return verified;
}

static void
test_threshold (void)
{
  Pair pairs[4];
  g_auto (WeirKeyRing) ring = { 0 };

  make_pairs (pairs, 4);
  make_ring (&ring, pairs, 3, 2);
  for (guint signers = 0; signers < 16; signers++) {
    g_autofree gchar *text = sign_by (pairs, signers, "content\n");
    guint known = (signers & 1) + ((signers >> 1) & 1) + ((signers >> 2) & 1);

    g_assert_true (is_verified (&ring, text) == (known >= 2));
  }
}

/* One who signs twice is one. */
static void
test_signed_twice (void)
{
  Pair pairs[2];
  g_auto (WeirKeyRing) ring = { 0 };
  g_autofree gchar *once = NULL;
  g_autofree gchar *twice = NULL;

  make_pairs (pairs, 2);
  make_ring (&ring, pairs, 2, 2);
  once = sign (&pairs[0].secret_key, "content\n");
  twice = g_strconcat (once, once, "content\n", NULL);
  g_assert_false (is_verified (&ring, twice));
}

static void
test_ring_words (void)
{
  Pair pairs[2];
  g_autofree gchar *a = NULL;
  g_autofree gchar *b = NULL;
  static const struct {
    const gchar *format;
    guint threshold; /* 0: refused */
  } words[] = { { "%s", 1 }, { "1/%s", 1 }, { "%s,%s", 2 }, { "1/%s,%s", 1 },
    { "2/%s,%s", 2 }, { "3/%s,%s", 0 }, { "0/%s", 0 }, { "2/%s", 0 },
    { "%s,", 0 }, { "/nowhere/key.pub", 0 }, { "", 0 } };

  make_pairs (pairs, 2);
  a = weir_minisign_format_public (&pairs[0].public_key);
  b = weir_minisign_format_public (&pairs[1].public_key);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    g_auto (WeirKeyRing) ring = { 0 };
    g_autoptr (GString) text = g_string_new (words[i].format);
    g_autoptr (GError) error = NULL;

    g_string_replace (text, "%s", a, 1);
    g_string_replace (text, "%s", b, 1);
    g_assert_true (weir_key_ring_parse (&ring, text->str, &error) ==
                   (words[i].threshold > 0));
    if (words[i].threshold > 0)
      g_assert_cmpuint (ring.threshold, ==, words[i].threshold);
    else
      g_assert_error (error, WEIR_FEED_ERROR, WEIR_FEED_ERROR_SETTING);
  }
}

/* ---- Roots ---- */

static WeirFeedRoot *
make_root (const Pair *roots, const Pair *head, guint64 version, guint64 epoch)
{
  g_auto (WeirKeyRing) keys = { 0 };
  WeirFeedRoot *root;

  make_ring (&keys, roots, 3, 2);
  root = weir_feed_root_new ("hot", &keys);
  root->version = version;
  root->epoch = epoch;
  root->expires = NOW + 1000;
  weir_key_ring_clear (&root->heads);
  make_ring (&root->heads, head, 1, 1);
  return root;
}

static WeirFeedRoot *
go_on (const WeirFeedRoot *root, const WeirFeedRoot *next, const Pair *pairs,
    guint signers, gint64 now, gint expected)
{
  g_autofree gchar *content = weir_feed_root_format (next);
  g_autofree gchar *text = sign_by (pairs, signers, content);
  g_autoptr (GError) error = NULL;
  WeirFeedRoot *taken =
      weir_feed_root_next (root, text, strlen (text), now, &error);

  if (expected < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, WEIR_FEED_ERROR, expected);
  g_assert_true ((taken == NULL) == (expected >= 0));
  return taken;
}

/* From the keys that a user gave to the first root, and from that to one with
 * other keys of its own: those before and those after must sign. */
static void
test_root_rotation (void)
{
  Pair pairs[8]; /* 0..2 sign first, 3..5 later, 6 and 7 heads */
  g_auto (WeirKeyRing) given = { 0 };
  g_autoptr (WeirFeedRoot) zero = NULL;
  g_autoptr (WeirFeedRoot) first = NULL;
  g_autoptr (WeirFeedRoot) second = NULL;
  g_autoptr (WeirFeedRoot) taken = NULL;
  g_autoptr (WeirFeedRoot) rotated = NULL;
  const gint signature = WEIR_FEED_ERROR_SIGNATURE;

  make_pairs (pairs, 8);
  make_ring (&given, pairs, 3, 2);
  zero = weir_feed_root_new ("hot", &given);
  first = make_root (pairs, &pairs[6], 1, 1);
  second = make_root (pairs + 3, &pairs[7], 2, 2);

  go_on (zero, first, pairs, 1 << 0 | 1 << 6, NOW, signature);
  taken = go_on (zero, first, pairs, 1 << 0 | 1 << 2, NOW, -1);
  g_assert_cmpuint (taken->version, ==, 1);
  g_assert_cmpuint (taken->heads.keys->len, ==, 1);
  go_on (taken, second, pairs, 0x07, NOW, signature);
  go_on (taken, second, pairs, 0x38, NOW, signature);
  go_on (taken, second, pairs, 0x07 | 1 << 3, NOW, signature);
  rotated = go_on (taken, second, pairs, 0x03 | 0x18, NOW, -1);
  g_assert_cmpuint (rotated->epoch, ==, 2);
}

static void
test_root_refusals (void)
{
  Pair pairs[8];
  g_autoptr (WeirFeedRoot) root = NULL;
  g_autoptr (WeirFeedRoot) next = NULL;

  make_pairs (pairs, 8);
  root = make_root (pairs, &pairs[6], 5, 3);
  next = make_root (pairs, &pairs[6], 6, 3);
  go_on (root, root, pairs, 3, NOW, WEIR_FEED_ERROR_ROLLBACK);
  next->version = 7;
  go_on (root, next, pairs, 3, NOW, WEIR_FEED_ERROR_ROLLBACK);
  next->version = 6;
  next->epoch = 2;
  go_on (root, next, pairs, 3, NOW, WEIR_FEED_ERROR_ROLLBACK);
  next->epoch = 3;
  go_on (root, next, pairs, 3, NOW + 1001, WEIR_FEED_ERROR_EXPIRED);
  g_free (next->list);
  next->list = g_strdup ("bulk");
  go_on (root, next, pairs, 3, NOW, WEIR_FEED_ERROR_LIST);
  g_free (next->list);
  next->list = g_strdup ("Hot/../");
  go_on (root, next, pairs, 3, NOW, WEIR_FEED_ERROR_FORMAT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (weir_minisign_init ());
  g_test_add_func ("/feed/minisign/stock", test_stock_signature);
  g_test_add_func ("/feed/minisign/round-trip", test_round_trip);
  g_test_add_func ("/feed/minisign/refused-keys", test_refused_keys);
  g_test_add_func ("/feed/signed-file/threshold", test_threshold);
  g_test_add_func ("/feed/signed-file/twice", test_signed_twice);
  g_test_add_func ("/feed/signed-file/ring", test_ring_words);
  g_test_add_func ("/feed/root/rotation", test_root_rotation);
  g_test_add_func ("/feed/root/refusals", test_root_refusals);
  return g_test_run ();
}
