/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fragments of SDP with candidates. */

#include "fragment.h"

#include <string.h>

#define CANDIDATE "a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\n"
#define HEAD                                                                   \
  "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"       \
  "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"

static void
test_whole (void)
{
  static const gchar text[] = HEAD CANDIDATE
      "a=candidate:2 1 tcp 1518280447 2001:db8::1 9 typ host tcptype active\n"
      "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
      "a=candidate:3 1 udp 5 example.local 7 typ srflx raddr 0.0.0.0 rport 0\n"
      "a=end-of-candidates\r\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (IngestFragment) fragment =
      ingest_fragment_parse (text, strlen (text), &error);
  const IngestCandidate *candidate;

  g_assert_no_error (error);
  g_assert_cmpstr (fragment->ufrag, ==, "EsAw");
  g_assert_cmpstr (fragment->password, ==, "P2uYro0UCOQ4zxjKXaWCBui1");
  g_assert_true (fragment->complete);
  g_assert_cmpuint (fragment->candidates->len, ==, 3);
  candidate = fragment->candidates->pdata[0];
  g_assert_cmpstr (candidate->mid, ==, "0");
  g_assert_cmpuint (candidate->section, ==, 0);
  g_assert_cmpstr (candidate->candidate, ==,
      "candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host");
  candidate = fragment->candidates->pdata[2];
  g_assert_null (candidate->mid);
  g_assert_cmpuint (candidate->section, ==, 1);
}

static void
test_refused (void)
{
  static const gchar *const texts[] = {
    "",
    "garbage",
    "v=0\r\n" HEAD,
    CANDIDATE, /* of no section */
    HEAD "a=candidate:\r\n",
    HEAD "a=candidate:1 1 udp 2122260223 192.0.2.1 61764\r\n",
    HEAD "a=candidate:1 1 udp 2122260223 192.0.2.1 65536 typ host\r\n",
    HEAD "a=candidate:1 0 udp 2122260223 192.0.2.1 9 typ host\r\n",
    HEAD "a=candidate:1 1 udp 4294967296 192.0.2.1 9 typ host\r\n",
    HEAD "a=candidate:1 1 udp 1  9 typ host\r\n",
    "m=audio 9 X 0\r\na=ice-ufrag:abc\r\n",
    "m=audio 9 X 0\r\na=ice-ufrag:ab cd\r\n",
    "m=audio 9 X 0\r\na=ice-pwd:short\r\n",
    HEAD "\xff\r\n",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("%u", i);
    g_assert_null (ingest_fragment_parse (texts[i], strlen (texts[i]), &error));
    g_assert_nonnull (error);
    g_assert_null (strchr (error->message, '\n'));
  }
}

static IngestFragment *
parse_repeated (const gchar *head, const gchar *line, guint n)
{
  g_autoptr (GString) text = g_string_new (head);
  guint i;

  for (i = 0; i < n; i++)
    g_string_append (text, line);
  return ingest_fragment_parse (text->str, text->len, NULL);
}

static void
test_bounded (void)
{
  g_autoptr (IngestFragment) most =
      parse_repeated (HEAD, CANDIDATE, INGEST_CANDIDATES_MAX);
  g_autofree gchar *long_line = g_strnfill (2000, 'a');

  g_assert_nonnull (most);
  g_assert_cmpuint (most->candidates->len, ==, INGEST_CANDIDATES_MAX);
  g_assert_null (parse_repeated (HEAD, CANDIDATE, INGEST_CANDIDATES_MAX + 1));
  g_assert_null (parse_repeated ("", "m=audio 9 X 0\r\n", 17));
  g_assert_null (parse_repeated ("a=", long_line, 1));
}

/* All that is cut short is read or refused, and nothing else happens. */
static void
test_cut_short (void)
{
  static const gchar text[] = HEAD CANDIDATE "a=end-of-candidates\r\n";
  gsize length;

  for (length = 0; length < strlen (text); length++) {
    g_autofree gchar *part = g_memdup2 (text, length);
    IngestFragment *fragment = ingest_fragment_parse (part, length, NULL);

    g_clear_pointer (&fragment, ingest_fragment_free);
  }
  g_assert_null (ingest_fragment_parse ("m=\0a=x", 6, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fragment/whole", test_whole);
  g_test_add_func ("/fragment/refused", test_refused);
  g_test_add_func ("/fragment/bounded", test_bounded);
  g_test_add_func ("/fragment/cut-short", test_cut_short);
  return g_test_run ();
}
