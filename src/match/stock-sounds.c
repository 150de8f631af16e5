/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tones, signals and tunes, out of tables. */

#include "match/stock-sounds.h"

#include "fingerprint/sound.h"

#include <math.h>

#define MAX_NOTES 24

/* Tones swell and fade within this. */
#define RAMP (WEIR_AUDIO_RATE / 200)

#define AMPLITUDE 0.25

/* Nothing, one tone or two at a time. */
typedef struct {
  guint length;   /* ms; 0: the end of the table */
  gdouble low;    /* Hz; 0: none */
  gdouble high;   /* the other one; 0: none */
  gdouble target; /* of a sweep, to which low goes; 0: it stays */
} Note;

typedef struct {
  const gchar *name;
  gdouble decay; /* of each note, nats a second; 0: a steady tone */
  Note notes[MAX_NOTES];
} Stock;

/* Pitches of the tunes, Hz. */
#define A3  220.00
#define B3  246.94
#define C4  261.63
#define D4  293.66
#define E4  329.63
#define F4  349.23
#define FS4 369.99
#define G4  392.00
#define GS4 415.30
#define A4  440.00
#define B4  493.88
#define C5  523.25
#define D5  587.33
#define DS5 622.25
#define E5  659.26
#define G5  783.99
#define C6  1046.50

static const Stock stock[] = {
  { "ring tone", 0, { { 1000, 425 }, { 4000 } } },
  { "ring tone", 0, { { 2000, 440, 480 }, { 4000 } } },
  { "ring tone", 0,
      { { 400, 400, 450 }, { 200 }, { 400, 400, 450 }, { 2000 } } },
  { "busy tone", 0, { { 500, 425 }, { 500 } } },
  { "busy tone", 0, { { 500, 480, 620 }, { 500 } } },
  { "busy tone", 0, { { 375, 400 }, { 375 } } },
  { "congestion tone", 0, { { 250, 425 }, { 250 } } },
  { "congestion tone", 0, { { 250, 480, 620 }, { 250 } } },
  { "special information tone", 0,
      { { 330, 950 }, { 330, 1400 }, { 330, 1800 }, { 1000 } } },
  { "special dial tone", 0, { { 400, 425 }, { 40 } } },
  { "keypad", 0,
      { { 100, 697, 1209 }, { 100 }, { 100, 770, 1336 }, { 100 },
          { 100, 852, 1477 }, { 100 }, { 100, 941, 1336 }, { 100 } } },
  { "fax calling tone", 0, { { 500, 1100 }, { 3000 } } },
  { "time signal", 0,
      { { 100, 1000 }, { 900 }, { 100, 1000 }, { 900 }, { 100, 1000 }, { 900 },
          { 100, 1000 }, { 900 }, { 100, 1000 }, { 900 }, { 500, 1000 },
          { 1500 } } },
  { "line-up tone", 0, { { 2750, 1000 }, { 250 } } },
  { "countdown", 0, { { 40, 1000 }, { 960 } } },
  { "beeps", 0, { { 500, 1000 }, { 500 } } },
  { "beeps", 0, { { 100, 2000 }, { 100 }, { 100, 2000 }, { 700 } } },
  { "sweep", 0, { { 10000, 100, 0, 3900 }, { 500 } } },
  { "doorbell", 3, { { 700, E5 }, { 1500, C5 }, { 1800 } } },
  { "jingle", 4,
      { { 180, C5 }, { 180, E5 }, { 180, G5 }, { 700, C6, E5 }, { 800 } } },
  { "hold music", 3, /* Beethoven, WoO 59 */
      { { 200, E5 }, { 200, DS5 }, { 200, E5 }, { 200, DS5 }, { 200, E5 },
          { 200, B4 }, { 200, D5 }, { 200, C5 }, { 600, A4, A3 }, { 200, C4 },
          { 200, E4 }, { 200, A4 }, { 600, B4, E4 }, { 200, E4 }, { 200, GS4 },
          { 200, B4 }, { 600, C5, A3 }, { 200, E4 } } },
  { "hold music", 2, /* Greensleeves */
      { { 300, A4 }, { 600, C5, A3 }, { 300, D5 }, { 450, E5, C4 },
          { 150, F4 * 2 }, { 300, E5 }, { 600, D5, G4 }, { 300, B4 },
          { 450, G4, D4 }, { 150, A4 }, { 300, B4 }, { 600, C5, A3 },
          { 300, A4 }, { 450, A4, F4 }, { 150, GS4 }, { 300, A4 },
          { 600, B4, E4 }, { 300, GS4 }, { 600, E4, B3 } } },
};

guint
weir_stock_get_n_sounds (void)
{
  return G_N_ELEMENTS (stock);
}

const gchar *
weir_stock_get_name (guint number)
{
  g_return_val_if_fail (number < G_N_ELEMENTS (stock), NULL);

  return stock[number].name;
}

/* The phase, in radians, of a tone after @age of @length seconds; one that goes
 * elsewhere does so by equal steps of pitch. */
static gdouble
get_phase (gdouble frequency, gdouble target, gdouble age, gdouble length)
{
  gdouble rate;

  if (target <= 0)
    return 2 * G_PI * frequency * age;
  rate = log (target / frequency) / length;

  return 2 * G_PI * frequency * (exp (rate * age) - 1) / rate;
}

static gfloat
get_sample (const Note *note, gdouble decay, guint number, guint n_samples)
{
  gdouble age = (gdouble) number / WEIR_AUDIO_RATE;
  gdouble length = (gdouble) n_samples / WEIR_AUDIO_RATE;
  guint from_end = MIN (number, n_samples - number);
  gdouble ramp = MIN ((gdouble) from_end / RAMP, 1);
  gdouble value = 0;

  if (note->low > 0)
    value += sin (get_phase (note->low, note->target, age, length));
  if (note->high > 0)
    value += sin (get_phase (note->high, 0, age, length));

  return (gfloat) (AMPLITUDE * ramp * exp (-decay * age) * value);
}

GArray *
weir_stock_make_samples (guint number)
{
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (gfloat));
  const guint n_wanted = WEIR_STOCK_SECONDS * WEIR_AUDIO_RATE;
  guint i = 0;

  g_return_val_if_fail (number < G_N_ELEMENTS (stock), samples);

  while (samples->len < n_wanted) {
    const Note *note = &stock[number].notes[i];
    guint n_samples = note->length * (WEIR_AUDIO_RATE / 1000);

    for (guint j = 0; j < n_samples && samples->len < n_wanted; j++) {
      gfloat sample = get_sample (note, stock[number].decay, j, n_samples);

      g_array_append_val (samples, sample);
    }
    i = i + 1 < MAX_NOTES && note[1].length > 0 ? i + 1 : 0;
  }

  return samples;
}
