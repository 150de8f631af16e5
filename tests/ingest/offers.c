/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made-up offers. */

#include "offers.h"

#define TRANSPORT                                                              \
  "c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:EsAw\r\n"        \
  "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\na=ice-options:trickle\r\n"            \
  "a=fingerprint:sha-256 "                                                     \
  "DA:39:A3:EE:5E:6B:4B:0D:32:55:BF:EF:95:60:18:90:"                           \
  "AF:D8:07:09:DA:39:A3:EE:5E:6B:4B:0D:32:55:BF:EF\r\n"                        \
  "a=setup:actpass\r\n"

static const gchar session[] =
    "v=0\r\no=- 5228595038118931041 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    "a=group:BUNDLE 0 1\r\na=msid-semantic: WMS 36063eb8\r\n";

static const gchar audio[] =
    "m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n" TRANSPORT
    "a=mid:0\r\na=sendonly\r\na=msid:36063eb8 a\r\na=rtcp-mux\r\n"
    "a=extmap:3 http://www.ietf.org/id/"
    "draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
    "a=rtpmap:63 red/48000/2\r\na=rtpmap:111 opus/48000/2\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\na=ssrc:1 cname:x\r\n";

static const gchar video[] =
    "m=video 9 UDP/TLS/RTP/SAVPF 102 97 96 98\r\n" TRANSPORT
    "a=mid:1\r\na=sendonly\r\na=msid:36063eb8 v\r\na=rtcp-mux\r\n"
    "a=rtpmap:102 H264/90000\r\na=rtcp-fb:102 nack pli\r\n"
    "a=fmtp:102 packetization-mode=1;profile-level-id=42e01f\r\n"
    "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
    "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\n"
    "a=rtpmap:98 VP9/90000\r\na=ssrc:2 cname:x\r\n";

static const gchar more_video[] =
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" TRANSPORT
    "a=mid:2\r\na=sendonly\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n";

gchar *
make_offer (const gchar *from, const gchar *to)
{
  g_autoptr (GString) text = g_string_new (session);

  g_string_append (text, audio);
  g_string_append (text, video);
  if (from)
    g_assert_cmpuint (g_string_replace (text, from, to, 0), >, 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gchar *
make_offer_with (const gchar *extra)
{
  g_autoptr (GString) text = g_string_new (session);

  g_string_append_printf (text, "%s%s%s", audio, video, extra);
  g_string_replace (text, "BUNDLE 0 1", "BUNDLE 0 1 2", 1);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

const gchar *
get_video_section (void)
{
  return more_video;
}
