/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Works, banks of them and streams that carry them, for tests of the matcher:
 * hashes and tones from a seeded generator, without any picture.
 */
#pragma once

#include "bank/bank.h"
#include "fingerprint/landmark.h"
#include "match/matcher.h"
#include "match/sound-track.h"

G_BEGIN_DECLS

#define MS     G_GINT64_CONSTANT (1000000)
#define SECOND (1000 * MS)

/* Time between two frames of a work and of a stream. */
#define FRAME (40 * MS)

/* What is firm where nothing is faint. */
extern const WeirPdqHash all_bits;

/* Random hashes with as many ones as zeros, in the even columns and in the odd
 * ones: so that a picture with this hash can be made whose mirror image is
 * balanced too. */
void random_hash (GRand *rand, WeirPdqHash *hash);

/* Changes exactly @n_bits (even, at most 64) of a hash of random_hash(). */
void disturb_hash (GRand *rand, guint n_bits, WeirPdqHash *hash);

/* A picture with @hash, which must be of the two functions above. */
void make_picture (const WeirPdqHash *hash, WeirPdqPicture *picture);

/* A work as it goes into a bank. */
typedef struct {
  const gchar *id;
  const gchar *family;  /* NULL: that of its own */
  const GArray *frames; /* of WeirPdqHash, one each FRAME; or NULL */
  const GArray *sound;  /* samples of WEIR_AUDIO_RATE, floats; or NULL */
  WeirOpinion opinion;
  WeirAction max_action;
  guint every;   /* of so many frames one is in the bank; 0: all are */
  gboolean list; /* of pictures alone: all at time 0, without a duration */
  gint64 not_before, not_after;
  gboolean benign;
  const WeirSoundTrack *track; /* instead of sound; or NULL */
} Work;

/* Shots of 2 s in which each frame differs from the last by 2 bits. */
GArray *film_new (guint32 seed, guint seconds);

/* Short tones, 14 a second, at random times and pitches. */
GArray *sound_new (guint32 seed, guint seconds);

/* A bank of @works by way of a file, which is gone when this returns. */
WeirBank *bank_new (const Work *works, guint n_works);
WeirBank *bank_new_of (const GArray *frames, const GArray *sound);

/* A stream and all that its matcher has said of it. */
typedef struct {
  WeirMatcher *matcher;
  GArray *reports; /* of WeirMatch */
  GRand *rand;
  GRand *sound_rand;
  gint64 time; /* now, ns */

  WeirLandmarkExtractor *extractor;
  WeirSound *heard;
  gint64 origin;   /* time 0 of the extractor */
  guint64 n_heard; /* samples since then */

  /* How works are played. */
  guint noise;         /* bits by which frames differ, even */
  guint lost;          /* of 100 frames */
  guint quality;       /* of the frames, 100 at first */
  guint firm_bits;     /* of their hashes, 0 at first */
  gint64 frame_step;   /* time between frames, FRAME at first */
  gdouble speed;       /* of works, 1 at first */
  gboolean mirrored;   /* the picture */
  gdouble sound_noise; /* amplitude; tones have 0.05 to 0.3 */
  gint64 sound_delay;  /* ns by which the sound is late */
  gboolean stop_early; /* no further than the first match */
} Stream;

/* @policy is NULL for the built-in one. Takes a reference to @bank. */
Stream *stream_new (WeirBank *bank, const WeirPolicy *policy);
void stream_free (Stream *stream);

/* Shows one frame, then frame_step passes. */
void stream_show (Stream *stream, const WeirPdqHash *hash);

/* Plays a work from @from to @to ns of it, which takes as long at speed 1;
 * either medium may be NULL. */
void stream_play (Stream *stream, const GArray *frames, const GArray *sound,
    gint64 from, gint64 to);

/* A gap in the sound: its extractor starts anew. */
void stream_restart_sound (Stream *stream);

/* Something that is in no bank, for @duration ns: it differs with @seed. */
void stream_play_other (Stream *stream, guint32 seed, gint64 duration);

/* The matcher's clocks at @time of the stream: no two of them the same. */
WeirStamp stream_stamp (gint64 time);

guint stream_count (const Stream *stream, WeirMatchState state);

/* The @index-th report of @state; fails the test when there is none. */
const WeirMatch *stream_get (
    const Stream *stream, WeirMatchState state, guint index);

/* Where the stream stood when its first match started; G_MAXINT64: never. */
gint64 stream_get_decided (const Stream *stream);

/* A film, a bank of it alone and a stream against that. */
typedef struct {
  GArray *frames;
  WeirBank *bank;
  Stream *stream;
} FilmFixture;

void film_fixture_set_up (FilmFixture *fixture, guint seconds);
void film_fixture_tear_down (FilmFixture *fixture, gconstpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stream, stream_free)

G_END_DECLS
