/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heads of Matroska's elements, and what of them is kept. */

#include "container/matroska-follower.h"

#include "container/body.h"

/* An element's id is at most 4 bytes long, the size behind it at most 8. */
#define ID_MAX     4
#define LENGTH_MAX 8

/* What a size whose bits are all set says: up to where a parent goes on. */
#define UNKNOWN_SIZE G_MAXUINT64

enum {
  ID_EBML = 0x1a45dfa3,
  ID_SEGMENT = 0x18538067,
  ID_INFO = 0x1549a966,
  ID_TRACKS = 0x1654ae6b,
  ID_CLUSTER = 0x1f43b675,
};

/* What else there is at the level of a cluster, and in one. */
static const guint32 others[] = {
  0x114d9b74, /* SeekHead */
  0x1c53bb6b, /* Cues */
  0x1941a469, /* Attachments */
  0x1043a770, /* Chapters */
  0x1254c367, /* Tags */
  0x5854,     /* SilentTracks */
  0xec,       /* Void */
  0xbf,       /* CRC-32 */
  0xe7,       /* Timestamp */
  0xa3,       /* SimpleBlock */
  0xa0,       /* BlockGroup */
  0xaf,       /* EncryptedBlock */
  0xa7,       /* Position */
  0xab,       /* PrevSize */
};

typedef enum {
  STATE_BEGIN,  /* in the first element's head */
  STATE_HEAD,   /* in the head of an element */
  STATE_BODY,   /* up to the next head */
  STATE_SEARCH, /* of the next cluster */
  STATE_OFF,    /* no Matroska */
} State;

struct _WeirMatroskaFollower {
  State state;
  gboolean on; /* the stream began as Matroska */

  guint8 head[ID_MAX + LENGTH_MAX];
  guint n_head;
  WeirBody body; /* of STATE_BODY */
  guint32 found; /* the last bytes of STATE_SEARCH */

  GByteArray *ebml, *info, *tracks; /* whole elements; or empty */
};

WeirMatroskaFollower *
weir_matroska_follower_new (void)
{
  WeirMatroskaFollower *follower = g_new0 (WeirMatroskaFollower, 1);

  follower->ebml = g_byte_array_new ();
  follower->info = g_byte_array_new ();
  follower->tracks = g_byte_array_new ();
  weir_body_init (&follower->body);
  return follower;
}

void
weir_matroska_follower_free (WeirMatroskaFollower *follower)
{
  g_byte_array_unref (follower->ebml);
  g_byte_array_unref (follower->info);
  g_byte_array_unref (follower->tracks);
  weir_body_finish (&follower->body);
  g_free (follower);
}

static void
forget_headers (WeirMatroskaFollower *follower)
{
  g_byte_array_set_size (follower->ebml, 0);
  g_byte_array_set_size (follower->info, 0);
  g_byte_array_set_size (follower->tracks, 0);
}

void
weir_matroska_follower_reset (WeirMatroskaFollower *follower)
{
  forget_headers (follower);
  follower->state = STATE_BEGIN;
  follower->on = FALSE;
  follower->n_head = 0;
}

static void
search (WeirMatroskaFollower *follower)
{
  follower->state = STATE_SEARCH;
  follower->found = 0;
  follower->n_head = 0;
}

void
weir_matroska_follower_jump (WeirMatroskaFollower *follower)
{
  if (follower->on)
    search (follower);
  else
    weir_matroska_follower_reset (follower);
}

gboolean
weir_matroska_follower_is_on (const WeirMatroskaFollower *follower)
{
  return follower->on;
}

gboolean
weir_matroska_follower_wants (const WeirMatroskaFollower *follower)
{
  return follower->state != STATE_OFF;
}

/* ---- heads ---- */

/* How many bytes a number takes whose first byte this is: one more than it has
 * leading zeros. 9: more than there may be. */
static guint
get_length (guint8 first)
{
  guint length = 1;

  while (length < 9 && !(first & (0x100 >> length)))
    length++;
  return length;
}

static guint32
get_id (const WeirMatroskaFollower *follower)
{
  guint length = get_length (follower->head[0]), i;
  guint32 id = 0;

  for (i = 0; i < length; i++)
    id = id << 8 | follower->head[i];
  return id;
}

static guint64
get_size (const WeirMatroskaFollower *follower)
{
  const guint8 *bytes = follower->head + get_length (follower->head[0]);
  guint length = get_length (bytes[0]), i;
  guint64 mask = (G_GUINT64_CONSTANT (1) << (7 * length)) - 1;
  guint64 size = 0;

  for (i = 0; i < length; i++)
    size = size << 8 | bytes[i];
  return (size & mask) == mask ? UNKNOWN_SIZE : size & mask;
}

/* Whether the head so far may be one; if TRUE in @whole, it is. */
static gboolean
check_head (const WeirMatroskaFollower *follower, gboolean *whole)
{
  guint id_length = get_length (follower->head[0]), size_length;

  *whole = FALSE;
  if (id_length > ID_MAX)
    return FALSE;
  if (follower->n_head <= id_length)
    return TRUE;
  size_length = get_length (follower->head[id_length]);
  *whole = follower->n_head == id_length + size_length;
  return size_length <= LENGTH_MAX;
}

static gboolean
is_known (guint32 id)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (others); i++)
    if (others[i] == id)
      return TRUE;
  return FALSE;
}

/* What a demuxer is given before what follows the cluster's head. */
static GBytes *
make_front (const WeirMatroskaFollower *follower)
{
  /* A segment of unknown size. */
  static const guint8 segment[] = { 0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff };
  GByteArray *front = g_byte_array_new ();

  g_byte_array_append (front, follower->ebml->data, follower->ebml->len);
  g_byte_array_append (front, segment, sizeof (segment));
  g_byte_array_append (front, follower->info->data, follower->info->len);
  g_byte_array_append (front, follower->tracks->data, follower->tracks->len);
  g_byte_array_append (front, follower->head, follower->n_head);
  return g_byte_array_free_to_bytes (front);
}

static void
lose (WeirMatroskaFollower *follower, WeirPlace *place)
{
  if (!follower->on) {
    follower->state = STATE_OFF;
    return;
  }
  weir_place_clear (place);
  place->lost = TRUE;
  search (follower);
}

static void
skip (WeirMatroskaFollower *follower, guint64 size)
{
  weir_body_skip (&follower->body, size);
  follower->state = size > 0 ? STATE_BODY : STATE_HEAD;
}

static void
keep (WeirMatroskaFollower *follower, GByteArray *place, guint64 size)
{
  skip (follower, size);
  if (size == 0 || size > WEIR_MATROSKA_HEADER_MAX)
    g_byte_array_set_size (place, 0);
  else
    weir_body_keep (
        &follower->body, place, follower->head, follower->n_head, size);
}

static void
begin_cluster (WeirMatroskaFollower *follower, gsize offset, WeirPlace *place)
{
  if (!place->front && follower->ebml->len > 0 && follower->tracks->len > 0) {
    place->front = make_front (follower);
    place->offset = offset;
  }
  follower->state = STATE_HEAD;
}

/* The head of an element is whole; @offset: where it ends in this piece. */
static void
begin_element (WeirMatroskaFollower *follower, gsize offset, WeirPlace *place)
{
  guint32 id = get_id (follower);
  guint64 size = get_size (follower);

  if (id == ID_CLUSTER) {
    begin_cluster (follower, offset, place);
  } else if (id == ID_SEGMENT) {
    follower->state = STATE_HEAD;
  } else if (size == UNKNOWN_SIZE) {
    lose (follower, place);
  } else if (id == ID_EBML) {
    forget_headers (follower);
    follower->on = TRUE;
    keep (follower, follower->ebml, size);
  } else if (id == ID_INFO) {
    keep (follower, follower->info, size);
  } else if (id == ID_TRACKS) {
    keep (follower, follower->tracks, size);
  } else if (is_known (id)) {
    skip (follower, size);
  } else {
    lose (follower, place);
  }
  follower->n_head = 0;
}

/* Takes one byte of a head. */
static void
take_head (
    WeirMatroskaFollower *follower, guint8 byte, gsize offset, WeirPlace *place)
{
  gboolean is_first = follower->state == STATE_BEGIN, valid, whole;

  follower->head[follower->n_head++] = byte;
  valid = check_head (follower, &whole);
  if (is_first && follower->n_head >= ID_MAX && get_id (follower) != ID_EBML)
    valid = FALSE;
  if (!valid)
    lose (follower, place);
  else if (whole)
    begin_element (follower, offset, place);
}

static gsize
take_body (WeirMatroskaFollower *follower, const guint8 *bytes, gsize size)
{
  gsize n = weir_body_take (&follower->body, bytes, size);

  if (follower->body.left == 0)
    follower->state = STATE_HEAD;
  return n;
}

/* Takes one byte of those in which a cluster is searched. */
static void
take_searched (WeirMatroskaFollower *follower, guint8 byte)
{
  guint i;

  follower->found = follower->found << 8 | byte;
  if (follower->found != ID_CLUSTER)
    return;
  for (i = 0; i < ID_MAX; i++)
    follower->head[i] = (guint8) (follower->found >> (24 - 8 * i));
  follower->n_head = ID_MAX;
  follower->state = STATE_HEAD;
}

void
weir_matroska_follower_push (WeirMatroskaFollower *follower,
    const guint8 *bytes, gsize size, WeirPlace *place)
{
  gsize i = 0;

  *place = (WeirPlace){ FALSE, NULL, 0 };
  while (i < size && follower->state != STATE_OFF) {
    if (follower->state == STATE_BODY) {
      i += take_body (follower, bytes + i, size - i);
      continue;
    }
    if (follower->state == STATE_SEARCH)
      take_searched (follower, bytes[i]);
    else
      take_head (follower, bytes[i], i + 1, place);
    i++;
  }
}
