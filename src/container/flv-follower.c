/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heads of FLV tags, and what of them is kept. */

#include "container/flv-follower.h"

#include "container/body.h"

#include <string.h>

/* A file header, a tag's header, the size that follows each tag. */
#define FILE_HEADER_SIZE 9
#define TAG_HEADER_SIZE  11
#define TRAILER_SIZE     4

/* A tag's header, and of its data what says whether it is a keyframe. */
#define HEAD_SIZE (TAG_HEADER_SIZE + 2)

/* A file header may be longer than it need be, within reason. */
#define FILE_HEADER_MAX 1024

/* Of what looks like a tag where the place is lost. Noise does now and then,
 * and may cost no more than this. */
#define FOUND_TAG_MAX (128 * 1024)

typedef enum {
  TAG_AUDIO = 8,
  TAG_VIDEO = 9,
  TAG_SCRIPT = 18,
} TagType;

/* What a tag is here for. */
typedef enum {
  PURPOSE_DATA,
  PURPOSE_KEYFRAME,
  PURPOSE_AUDIO_HEADER,
  PURPOSE_VIDEO_HEADER,
} Purpose;

typedef enum {
  STATE_BEGIN,  /* at the first byte */
  STATE_HEAD,   /* in the head of a tag */
  STATE_BODY,   /* up to the next head */
  STATE_SEARCH, /* of the next tag */
  STATE_OFF,    /* no FLV */
} State;

struct _WeirFlvFollower {
  State state;
  gboolean on;   /* the stream began as FLV */
  gboolean sure; /* a tag was followed to the next */
  gboolean has_video;

  guint8 head[HEAD_SIZE];
  guint n_head;
  WeirBody body; /* of STATE_BODY */

  guint8 flags;              /* of the file header */
  GByteArray *audio, *video; /* whole tags of sequence headers; or empty */
};

WeirFlvFollower *
weir_flv_follower_new (void)
{
  WeirFlvFollower *follower = g_new0 (WeirFlvFollower, 1);

  follower->audio = g_byte_array_new ();
  follower->video = g_byte_array_new ();
  weir_body_init (&follower->body);
  return follower;
}

void
weir_flv_follower_free (WeirFlvFollower *follower)
{
  g_byte_array_unref (follower->audio);
  g_byte_array_unref (follower->video);
  weir_body_finish (&follower->body);
  g_free (follower);
}

static void
forget_headers (WeirFlvFollower *follower)
{
  g_byte_array_set_size (follower->audio, 0);
  g_byte_array_set_size (follower->video, 0);
  follower->has_video = FALSE;
}

void
weir_flv_follower_reset (WeirFlvFollower *follower)
{
  forget_headers (follower);
  follower->state = STATE_BEGIN;
  follower->on = follower->sure = FALSE;
  follower->n_head = 0;
}

void
weir_flv_follower_jump (WeirFlvFollower *follower)
{
  if (!follower->on)
    weir_flv_follower_reset (follower);
  else
    follower->state = STATE_SEARCH;
  follower->sure = FALSE;
  follower->n_head = 0;
}

gboolean
weir_flv_follower_is_on (const WeirFlvFollower *follower)
{
  return follower->on;
}

gboolean
weir_flv_follower_wants (const WeirFlvFollower *follower)
{
  return follower->state != STATE_OFF;
}

/* ---- heads ---- */

static guint32
get_tag_size (const guint8 *head)
{
  return (guint32) head[1] << 16 | (guint32) head[2] << 8 | head[3];
}

/* Its bits of no use are 0, and so is the number of its stream. */
static gboolean
is_tag (const guint8 *head)
{
  gboolean is_known =
      head[0] == TAG_AUDIO || head[0] == TAG_VIDEO || head[0] == TAG_SCRIPT;

  return is_known && head[8] == 0 && head[9] == 0 && head[10] == 0;
}

static guint32
get_file_header_size (const guint8 *head)
{
  return (guint32) head[5] << 24 | (guint32) head[6] << 16 |
         (guint32) head[7] << 8 | head[8];
}

static gboolean
is_file_header (const guint8 *head)
{
  guint32 size = get_file_header_size (head);

  return memcmp (head, "FLV\1", 4) == 0 && size >= FILE_HEADER_SIZE &&
         size <= FILE_HEADER_MAX;
}

static Purpose
get_video_purpose (const guint8 *head)
{
  guint frame_type = head[TAG_HEADER_SIZE] >> 4 & 7;
  guint codec = head[TAG_HEADER_SIZE] & 15;

  /* Enhanced: there is a packet's type in place of a codec. */
  if (head[TAG_HEADER_SIZE] & 0x80) {
    if (codec == 0)
      return PURPOSE_VIDEO_HEADER;
    return frame_type == 1 ? PURPOSE_KEYFRAME : PURPOSE_DATA;
  }
  /* AVC, and HEVC where it is sent likewise. */
  if ((codec == 7 || codec == 12) && head[TAG_HEADER_SIZE + 1] == 0)
    return PURPOSE_VIDEO_HEADER;
  return frame_type == 1 ? PURPOSE_KEYFRAME : PURPOSE_DATA;
}

static Purpose
get_audio_purpose (const WeirFlvFollower *follower, const guint8 *head)
{
  guint format = head[TAG_HEADER_SIZE] >> 4;

  /* AAC; and enhanced, where a packet's type follows. */
  if ((format == 10 && head[TAG_HEADER_SIZE + 1] == 0) ||
      (format == 9 && (head[TAG_HEADER_SIZE] & 15) == 0))
    return PURPOSE_AUDIO_HEADER;
  return follower->has_video ? PURPOSE_DATA : PURPOSE_KEYFRAME;
}

static Purpose
get_purpose (WeirFlvFollower *follower)
{
  const guint8 *head = follower->head;

  if (get_tag_size (head) < HEAD_SIZE - TAG_HEADER_SIZE)
    return PURPOSE_DATA;
  if (head[0] == TAG_VIDEO)
    return get_video_purpose (head);
  return head[0] == TAG_AUDIO ? get_audio_purpose (follower, head)
                              : PURPOSE_DATA;
}

/* ---- following ---- */

static void
skip (WeirFlvFollower *follower, guint64 n_bytes)
{
  weir_body_skip (&follower->body, n_bytes);
  follower->state = STATE_BODY;
}

/* What a demuxer needs before it can go on behind the head at hand. */
static GBytes *
make_front (const WeirFlvFollower *follower)
{
  const guint8 file_header[FILE_HEADER_SIZE + TRAILER_SIZE] = { 'F', 'L', 'V',
    1, follower->flags, 0, 0, 0, FILE_HEADER_SIZE };
  GByteArray *front = g_byte_array_new ();

  g_byte_array_append (front, file_header, sizeof (file_header));
  g_byte_array_append (front, follower->video->data, follower->video->len);
  g_byte_array_append (front, follower->audio->data, follower->audio->len);
  g_byte_array_append (front, follower->head, follower->n_head);
  return g_byte_array_free_to_bytes (front);
}

static void
keep (WeirFlvFollower *follower, GByteArray *place, guint64 left)
{
  if (left > WEIR_FLV_HEADER_MAX)
    g_byte_array_set_size (place, 0);
  else
    weir_body_keep (
        &follower->body, place, follower->head, follower->n_head, left);
}

/* The head of a tag is whole; @offset: where it ends in this piece. */
static void
begin_tag (WeirFlvFollower *follower, gsize offset, WeirPlace *place)
{
  guint64 left = (guint64) TAG_HEADER_SIZE + get_tag_size (follower->head) +
                 TRAILER_SIZE - follower->n_head;
  Purpose purpose = get_purpose (follower);

  follower->has_video |= follower->sure && follower->head[0] == TAG_VIDEO;
  skip (follower, left);
  if (follower->sure && purpose == PURPOSE_AUDIO_HEADER)
    keep (follower, follower->audio, left);
  else if (follower->sure && purpose == PURPOSE_VIDEO_HEADER)
    keep (follower, follower->video, left);
  else if (follower->sure && purpose == PURPOSE_KEYFRAME && !place->front) {
    place->front = make_front (follower);
    place->offset = offset;
  }
  follower->n_head = 0;
}

/* The stream begins; or begins anew, where a demuxer expects a tag. */
static void
begin_file (WeirFlvFollower *follower, WeirPlace *place)
{
  if (follower->on) {
    weir_place_clear (place);
    place->lost = TRUE;
  }
  forget_headers (follower);
  follower->flags = follower->head[4];
  follower->on = follower->sure = TRUE;
  skip (follower,
      get_file_header_size (follower->head) + TRAILER_SIZE - follower->n_head);
  follower->n_head = 0;
}

/* Goes on to the next byte of the head at hand that a tag may begin with. */
static void
search_in_head (WeirFlvFollower *follower)
{
  guint i = 1;

  while (i < follower->n_head && follower->head[i] != TAG_AUDIO &&
         follower->head[i] != TAG_VIDEO && follower->head[i] != TAG_SCRIPT &&
         follower->head[i] != 'F')
    i++;
  follower->n_head -= i;
  memmove (follower->head, follower->head + i, follower->n_head);
}

static void
lose (WeirFlvFollower *follower, WeirPlace *place)
{
  if (follower->sure) {
    weir_place_clear (place);
    place->lost = TRUE;
  }
  follower->sure = FALSE;
  follower->state = STATE_SEARCH;
  search_in_head (follower);
}

/* The header of what should be a tag is whole, and so is, if TRUE, as much of
 * its data as is of interest. */
static gboolean
check_head (WeirFlvFollower *follower, WeirPlace *place)
{
  guint size = get_tag_size (follower->head);

  if (is_file_header (follower->head)) {
    begin_file (follower, place);
    return FALSE;
  }
  if (follower->state == STATE_BEGIN) {
    follower->state = STATE_OFF;
    return FALSE;
  }
  if (!is_tag (follower->head) || (follower->state == STATE_SEARCH &&
                                      (size == 0 || size > FOUND_TAG_MAX))) {
    lose (follower, place);
    return FALSE;
  }
  if (follower->state == STATE_HEAD)
    follower->sure = TRUE;
  return follower->n_head >= MIN (TAG_HEADER_SIZE + size, HEAD_SIZE);
}

/* Of bytes in which a tag is searched, how many cannot begin one. */
static gsize
count_hopeless (const guint8 *bytes, gsize size)
{
  gsize i = 0;

  while (i < size && bytes[i] != TAG_AUDIO && bytes[i] != TAG_VIDEO &&
         bytes[i] != TAG_SCRIPT && bytes[i] != 'F')
    i++;
  return i;
}

/* Takes one byte of a head. */
static void
take_head (
    WeirFlvFollower *follower, guint8 byte, gsize offset, WeirPlace *place)
{
  follower->head[follower->n_head++] = byte;
  if (follower->n_head >= TAG_HEADER_SIZE && check_head (follower, place))
    begin_tag (follower, offset, place);
}

static gsize
take_body (WeirFlvFollower *follower, const guint8 *bytes, gsize size)
{
  gsize n = weir_body_take (&follower->body, bytes, size);

  if (follower->body.left == 0)
    follower->state = STATE_HEAD;
  return n;
}

void
weir_flv_follower_push (WeirFlvFollower *follower, const guint8 *bytes,
    gsize size, WeirPlace *place)
{
  gsize i = 0;

  *place = (WeirPlace){ FALSE, NULL, 0 };
  while (i < size && follower->state != STATE_OFF) {
    if (follower->state == STATE_BODY)
      i += take_body (follower, bytes + i, size - i);
    else if (follower->state == STATE_SEARCH && follower->n_head == 0 &&
             count_hopeless (bytes + i, size - i) > 0)
      i += count_hopeless (bytes + i, size - i);
    else {
      take_head (follower, bytes[i], i + 1, place);
      i++;
    }
  }
}
