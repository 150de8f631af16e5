/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which offers are taken, and what is said of the others. */

#include "offer.h"
#include "offers.h"

#include <string.h>

#define ALL_CODECS ((1u << INGEST_N_CODECS) - 1)

static void
test_taken (void)
{
  g_autofree gchar *text = make_offer (NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (IngestOffer) offer =
      ingest_offer_parse (text, strlen (text), ALL_CODECS, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (offer->n_tracks, ==, 2);
  g_assert_cmpint (offer->tracks[0].codec, ==, INGEST_CODEC_OPUS);
  g_assert_cmpstr (offer->tracks[0].mid, ==, "0");
  g_assert_cmpint (offer->tracks[1].codec, ==, INGEST_CODEC_H264);
  g_assert_cmpuint (offer->tracks[1].section, ==, 1);
  g_assert_cmpstr (offer->tracks[1].mid, ==, "1");
}

/* The first that the output takes as well, in the publisher's order. */
static void
test_codec (void)
{
  static const struct {
    guint codecs;
    IngestCodec expected;
  } rows[] = {
    { 1u << INGEST_CODEC_VP8 | 1u << INGEST_CODEC_VP9, INGEST_CODEC_VP8 },
    { 1u << INGEST_CODEC_VP9, INGEST_CODEC_VP9 },
    { 1u << INGEST_CODEC_VP9 | 1u << INGEST_CODEC_H264, INGEST_CODEC_H264 },
  };
  g_autofree gchar *text = make_offer (NULL, NULL);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (IngestOffer) offer = ingest_offer_parse (
        text, strlen (text), rows[i].codecs | 1u << INGEST_CODEC_OPUS, NULL);

    g_assert_nonnull (offer);
    g_assert_cmpint (offer->tracks[1].codec, ==, rows[i].expected);
  }
}

static void
refuse (const gchar *text, gint status, const gchar *why)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ingest_offer_parse (text, strlen (text), ALL_CODECS, &error));
  g_assert_error (error, INGEST_HTTP_ERROR, status);
  if (!strstr (error->message, why))
    g_error ("'%s' does not say '%s'", error->message, why);
}

static void
test_refused (void)
{
  static const struct {
    const gchar *from, *to;
    gint status;
    const gchar *why;
  } rows[] = {
    { "v=0", "x=0", 400, "not SDP" },
    { "m=", "x=", 400, "no media" },
    { "a=ice-ufrag:EsAw\r\n", "", 400, "ICE credentials" },
    { "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n", "", 400, "ICE credentials" },
    { "a=fingerprint", "a=footprint", 400, "fingerprint" },
    { "a=setup:actpass\r\n", "", 400, "DTLS" },
    { "a=rtcp-mux\r\n", "", 422, "rtcp-mux" },
    { "UDP/TLS/RTP/SAVPF", "RTP/AVP", 422, "UDP/TLS/RTP/SAVPF" },
    { "a=sendonly", "a=recvonly", 422, "does not send" },
    { "a=sendonly", "a=inactive", 422, "does not send" },
    { "opus/48000", "PCMU/8000", 422, "no audio codec" },
    { "opus/48000", "opusx/48000", 422, "no audio codec" },
    { "a=group:BUNDLE 0 1", "a=group:BUNDLE 0", 422, "bundle" },
    { "a=group:BUNDLE 0 1", "a=group:BUNDLE 0 1 2", 400, "does not have" },
    { "a=group:BUNDLE 0 1\r\n", "", 422, "bundle" },
    { "a=mid:1\r\n",
        "a=mid:1\r\na=rid:h send\r\na=rid:l send\r\n"
        "a=simulcast:send h;l\r\n",
        422, "simulcast" },
    { "m=audio", "m=application", 422, "other than audio and video" },
  };
  g_autofree gchar *two = make_offer_with (get_video_section ());
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *text = make_offer (rows[i].from, rows[i].to);

    refuse (text, rows[i].status, rows[i].why);
  }
  refuse (two, 422, "two streams of a kind");
  refuse ("", 400, "not SDP");
  refuse ("v=0\r\n", 400, "no media");
}

static void
test_cut_short (void)
{
  g_autofree gchar *text = make_offer (NULL, NULL);
  gsize length;

  for (length = 0; length < strlen (text); length++) {
    g_autofree gchar *part = g_memdup2 (text, length);
    g_autoptr (GError) error = NULL;
    IngestOffer *offer = ingest_offer_parse (part, length, ALL_CODECS, &error);

    g_assert_true ((offer != NULL) == (error == NULL));
    g_clear_pointer (&offer, ingest_offer_free);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/offer/taken", test_taken);
  g_test_add_func ("/offer/codec", test_codec);
  g_test_add_func ("/offer/refused", test_refused);
  g_test_add_func ("/offer/cut-short", test_cut_short);
  return g_test_run ();
}
