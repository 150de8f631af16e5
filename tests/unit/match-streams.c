/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Works, banks and streams for tests of the matcher. */

#include "match-streams.h"

#include "bank/bank-builder.h"

#include <glib/gstdio.h>
#include <math.h>
#include <unistd.h>

#define SHOT_FRAMES 50
#define BURST_RATE  14

const WeirPdqHash all_bits = {
  { G_MAXUINT64, G_MAXUINT64, G_MAXUINT64, G_MAXUINT64 },
};

static guint64 *
get_word (WeirPdqHash *hash, guint bit)
{
  return &hash->words[bit / 64];
}

static gboolean
get_bit (const WeirPdqHash *hash, guint bit)
{
  return (hash->words[bit / 64] >> (bit % 64)) & 1;
}

void
random_hash (GRand *rand, WeirPdqHash *hash)
{
  guint parity, bit;

  *hash = (WeirPdqHash){ { 0 } };
  for (parity = 0; parity < 2; parity++) {
    gint ones = WEIR_PDQ_BITS / 4, left = WEIR_PDQ_BITS / 2;

    for (bit = parity; bit < WEIR_PDQ_BITS; bit += 2, left--) {
      if (g_rand_int_range (rand, 0, left) >= ones)
        continue;
      *get_word (hash, bit) |= G_GUINT64_CONSTANT (1) << (bit % 64);
      ones--;
    }
  }
}

/* Flips one bit that was @value and is not @changed yet, in the columns of
 * @parity. */
static void
flip_bit (GRand *rand, guint parity, gboolean value, WeirPdqHash *hash,
    WeirPdqHash *changed)
{
  guint bit;

  do
    bit = 2 * (guint) g_rand_int_range (rand, 0, WEIR_PDQ_BITS / 2) + parity;
  while (get_bit (changed, bit) || get_bit (hash, bit) != value);
  *get_word (hash, bit) ^= G_GUINT64_CONSTANT (1) << (bit % 64);
  *get_word (changed, bit) |= G_GUINT64_CONSTANT (1) << (bit % 64);
}

void
disturb_hash (GRand *rand, guint n_bits, WeirPdqHash *hash)
{
  WeirPdqHash changed = { { 0 } };
  guint i;

  for (i = 0; i < n_bits / 2; i++) {
    flip_bit (rand, i % 2, TRUE, hash, &changed);
    flip_bit (rand, i % 2, FALSE, hash, &changed);
  }
}

void
make_picture (const WeirPdqHash *hash, WeirPdqPicture *picture)
{
  guint bit;

  for (bit = 0; bit < WEIR_PDQ_BITS; bit++)
    picture->dct[bit] = get_bit (hash, bit) ? 1 : -1;
  picture->quality = 100;
}

GArray *
film_new (guint32 seed, guint seconds)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  guint n_frames = (guint) (seconds * SECOND / FRAME), i;
  GArray *frames =
      g_array_sized_new (FALSE, FALSE, sizeof (WeirPdqHash), n_frames);
  WeirPdqHash hash;

  for (i = 0; i < n_frames; i++) {
    if (i % SHOT_FRAMES == 0)
      random_hash (rand, &hash);
    else
      disturb_hash (rand, 2, &hash);
    g_array_append_val (frames, hash);
  }
  return frames;
}

/* A tone that swells and fades within 0.1 s, by a recurrence. */
static void
add_burst (GArray *sound, guint middle, gdouble frequency, gdouble amplitude)
{
  const guint reach = WEIR_AUDIO_RATE / 20;
  const gdouble turn = 2 * G_PI * frequency / WEIR_AUDIO_RATE;
  gdouble before = sin (-turn), now = 0;
  guint i;

  for (i = 0; i < 2 * reach && middle + i < sound->len + reach; i++) {
    gdouble distance = ((gdouble) i - reach) / reach;
    gdouble next = 2 * cos (turn) * now - before;

    if (middle + i >= reach)
      g_array_index (sound, gfloat, middle + i - reach) +=
          (gfloat) (amplitude * now * (1 - distance * distance));
    before = now;
    now = next;
  }
}

GArray *
sound_new (guint32 seed, guint seconds)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  GArray *sound = g_array_new (FALSE, TRUE, sizeof (gfloat));
  guint i;

  g_array_set_size (sound, seconds * WEIR_AUDIO_RATE);
  for (i = 0; i < seconds * BURST_RATE; i++)
    add_burst (sound, (guint) g_rand_int_range (rand, 0, (gint32) sound->len),
        250 * exp2 (g_rand_double_range (rand, 0, 3.6)),
        g_rand_double_range (rand, 0.05, 0.3));
  return sound;
}

static void
add_track (WeirBankBuilder *builder, guint32 index, const WeirSoundTrack *track)
{
  for (guint i = 0; i < track->landmarks->len; i++) {
    const WeirLandmark *landmark =
        &g_array_index (track->landmarks, WeirLandmark, i);

    g_assert_true (weir_bank_builder_add_audio (builder, index, landmark->key,
        (guint32) ((gint64) landmark->time / MS), NULL));
  }
  g_assert_true (weir_bank_builder_add_sound_steps (builder, index, 0,
      (const WeirSoundStep *) track->steps->data, track->steps->len, NULL));
}

static void
add_sound (WeirBankBuilder *builder, guint32 index, const GArray *samples)
{
  g_autoptr (WeirSoundTrack) track = weir_sound_track_new ();
  g_autoptr (WeirLandmarkExtractor) extractor =
      weir_landmark_extractor_new (WEIR_LANDMARK_REFERENCE);
  g_autoptr (WeirSound) sound = weir_sound_new ();

  weir_landmark_extractor_push (
      extractor, (const gfloat *) samples->data, samples->len, sound);
  weir_landmark_extractor_finish (extractor, sound);
  weir_sound_track_add (track, 0, sound);
  add_track (builder, index, track);
}

static void
add_work (WeirBankBuilder *builder, const Work *work)
{
  const WeirReference reference = {
    .id = work->id,
    .family = work->family ? work->family : work->id,
    .label = "label",
    .list = "list",
    .source = "",
    .duration =
        work->frames && !work->list ? work->frames->len * (guint64) FRAME : 0,
    .opinion = work->opinion,
    .max_action = work->max_action,
    .not_before = work->not_before,
    .not_after = work->not_after,
    .benign = work->benign,
  };
  g_autoptr (GError) error = NULL;
  guint32 index;
  guint i;

  weir_bank_builder_add_reference (builder, &reference, &index, &error);
  g_assert_no_error (error);
  for (i = 0; work->frames && i < work->frames->len; i += MAX (work->every, 1))
    g_assert_true (weir_bank_builder_add_video (builder, index,
        &g_array_index (work->frames, WeirPdqHash, i), WEIR_VIEW_PLAIN, 100,
        work->list ? 0 : (guint32) (i * FRAME / MS), NULL));
  if (work->sound)
    add_sound (builder, index, work->sound);
  if (work->track)
    add_track (builder, index, work->track);
}

WeirBank *
bank_new (const Work *works, guint n_works)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;
  WeirBank *bank;
  guint i;

  close (g_file_open_tmp ("weir-match-XXXXXX", &path, NULL));
  for (i = 0; i < n_works; i++)
    add_work (builder, &works[i]);
  weir_bank_builder_write (builder, path, 0, &error);
  g_assert_no_error (error);
  bank = weir_bank_open (path, &error);
  g_assert_no_error (error);
  g_unlink (path);
  return bank;
}

WeirBank *
bank_new_of (const GArray *frames, const GArray *sound)
{
  const Work work = {
    .id = "known",
    .frames = frames,
    .sound = sound,
    .opinion = WEIR_OPINION_CONFIRMED,
    .max_action = WEIR_ACTION_CUT,
  };

  return bank_new (&work, 1);
}

Stream *
stream_new (WeirBank *bank, const WeirPolicy *policy)
{
  Stream *stream = g_new0 (Stream, 1);
  WeirPolicy built_in;

  weir_policy_init (&built_in);
  stream->matcher = weir_matcher_new (bank, policy ? policy : &built_in);
  stream->reports = g_array_new (FALSE, FALSE, sizeof (WeirMatch));
  stream->rand = g_rand_new_with_seed (1);
  stream->sound_rand = g_rand_new_with_seed (2);
  stream->quality = 100;
  stream->frame_step = FRAME;
  stream->speed = 1;
  stream->extractor = weir_landmark_extractor_new (WEIR_LANDMARK_QUERY);
  stream->heard = weir_sound_new ();
  return stream;
}

void
stream_free (Stream *stream)
{
  weir_matcher_free (stream->matcher);
  weir_landmark_extractor_free (stream->extractor);
  weir_sound_free (stream->heard);
  g_array_unref (stream->reports);
  g_rand_free (stream->rand);
  g_rand_free (stream->sound_rand);
  g_free (stream);
}

WeirStamp
stream_stamp (gint64 time)
{
  return (WeirStamp){
    .time = time,
    .timestamp = (guint64) (time + 7 * SECOND),
    .stream_time = (guint64) (time + 11 * SECOND),
    .running_time = (guint64) (time + 13 * SECOND),
    .arrival = time / 1000 + 17 * G_USEC_PER_SEC,
  };
}

static gboolean
is_lost (Stream *stream)
{
  return (guint) g_rand_int_range (stream->rand, 0, 100) < stream->lost;
}

static void
show (Stream *stream, const WeirPdqHash *hash)
{
  WeirStamp stamp = stream_stamp (stream->time);
  WeirPdqHash shown = *hash;
  WeirFrame frame = { .n_looks = 1 };
  WeirLook *look = frame.looks;
  WeirPdqPicture picture;

  if (is_lost (stream))
    return;
  disturb_hash (stream->rand, stream->noise, &shown);
  make_picture (&shown, &picture);
  if (stream->mirrored) {
    weir_pdq_picture_get_hash (&picture, WEIR_PDQ_MIRROR, &shown);
    make_picture (&shown, &picture);
  }
  look->quality = stream->quality;
  look->firm_bits = stream->firm_bits;
  look->firm = all_bits;
  weir_pdq_picture_get_hash (&picture, WEIR_PDQ_PLAIN, &look->hash);
  weir_pdq_picture_get_hash (&picture, WEIR_PDQ_MIRROR, &look->mirrored);
  weir_matcher_add_video (stream->matcher, &stamp, &frame, stream->reports);
}

void
stream_show (Stream *stream, const WeirPdqHash *hash)
{
  show (stream, hash);
  stream->time += stream->frame_step;
}

static gfloat
get_disturbance (Stream *stream)
{
  return (gfloat) (stream->sound_noise *
                   g_rand_double_range (stream->sound_rand, -1, 1));
}

void
stream_restart_sound (Stream *stream)
{
  weir_landmark_extractor_reset (stream->extractor);
  weir_sound_reset (stream->heard);
  weir_matcher_restart_audio (stream->matcher, stream->heard->stream);
  stream->n_heard = 0;
}

/* The sound from @from to @from + frame_step of the work; silence where it has
 * none. A stream that had none before begins here. */
static void
play_sound (Stream *stream, const GArray *sound, gint64 from)
{
  guint n_samples = (guint) (stream->frame_step * WEIR_AUDIO_RATE / SECOND), i;
  gint64 first = from * WEIR_AUDIO_RATE / SECOND;
  g_autoptr (GArray) samples = g_array_new (FALSE, TRUE, sizeof (gfloat));
  WeirStamp stamp = stream_stamp (stream->time + stream->frame_step);

  if (stream->n_heard == 0)
    stream->origin = stream->time;
  g_array_set_size (samples, n_samples);
  for (i = 0; i < n_samples; i++) {
    gint64 k = first + i;

    if (k >= 0 && k < sound->len)
      g_array_index (samples, gfloat, i) =
          g_array_index (sound, gfloat, k) + get_disturbance (stream);
  }
  weir_landmark_extractor_push (stream->extractor,
      (const gfloat *) samples->data, samples->len, stream->heard);
  stream->n_heard += n_samples;
  weir_matcher_add_audio (
      stream->matcher, &stamp, stream->origin, stream->heard, stream->reports);
  weir_sound_consume (stream->heard);
}

void
stream_play (Stream *stream, const GArray *frames, const GArray *sound,
    gint64 from, gint64 to)
{
  gint64 step = (gint64) (stream->frame_step * stream->speed);
  gint64 position;

  for (position = from; position < to; position += step) {
    guint frame = (guint) (position / FRAME);

    if (stream->stop_early && stream->reports->len > 0)
      return;
    if (frames && frame < frames->len)
      show (stream, &g_array_index (frames, WeirPdqHash, frame));
    if (!sound && stream->n_heard > 0)
      stream_restart_sound (stream);
    if (sound)
      play_sound (stream, sound, position - stream->sound_delay);
    stream->time += stream->frame_step;
  }
}

void
stream_play_other (Stream *stream, guint32 seed, gint64 duration)
{
  guint seconds = (guint) (duration / SECOND) + 1;
  g_autoptr (GArray) frames = film_new (0x1000 + seed, seconds);

  stream_play (stream, frames, NULL, 0, duration);
}

guint
stream_count (const Stream *stream, WeirMatchState state)
{
  guint n = 0, i;

  for (i = 0; i < stream->reports->len; i++)
    n += g_array_index (stream->reports, WeirMatch, i).state == state;
  return n;
}

const WeirMatch *
stream_get (const Stream *stream, WeirMatchState state, guint index)
{
  guint i;

  g_assert_cmpuint (index, <, stream_count (stream, state));
  for (i = 0;; i++) {
    const WeirMatch *match = &g_array_index (stream->reports, WeirMatch, i);

    if (match->state == state && index-- == 0)
      return match;
  }
}

gint64
stream_get_decided (const Stream *stream)
{
  return stream_count (stream, WEIR_MATCH_STARTED) > 0
             ? stream_get (stream, WEIR_MATCH_STARTED, 0)->decided.time
             : G_MAXINT64;
}

void
film_fixture_set_up (FilmFixture *fixture, guint seconds)
{
  fixture->frames = film_new (1, seconds);
  fixture->bank = bank_new_of (fixture->frames, NULL);
  fixture->stream = stream_new (fixture->bank, NULL);
}

void
film_fixture_tear_down (FilmFixture *fixture, gconstpointer data)
{
  stream_free (fixture->stream);
  weir_bank_unref (fixture->bank);
  g_array_unref (fixture->frames);
}
