/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Peaks and levels of sound as a history keeps them. */
#include "history/history-private.h"

#include <math.h>

/* Levels below are silence. */
#define LEVEL_LOWEST -31.0f
#define LEVEL_STEPS  8.0f
#define BIN_STEPS    256.0f
#define OFFSET_STEPS 65534.0f

WeirHistoryPeak
weir_history_pack_peak (const WeirSoundPeak *peak)
{
  return (WeirHistoryPeak){
    .row = peak->row,
    .is_wide = peak->is_wide,
    .bin = (guint16) lrintf (peak->bin * BIN_STEPS),
    .row_offset = (gint16) lrintf (peak->row_offset * OFFSET_STEPS),
  };
}

WeirSoundPeak
weir_history_unpack_peak (const WeirHistoryPeak *packed)
{
  return (WeirSoundPeak){
    .row = packed->row,
    .is_wide = packed->is_wide,
    .row_offset = packed->row_offset / OFFSET_STEPS,
    .bin = packed->bin / BIN_STEPS,
  };
}

static guint8
pack_level (gfloat level)
{
  gfloat steps = (level - LEVEL_LOWEST) * LEVEL_STEPS;

  return (guint8) lrintf (CLAMP (steps, 0, G_MAXUINT8));
}

void
weir_history_pack_bands (const WeirSoundBands *bands, WeirHistoryBands *packed)
{
  guint i;

  for (i = 0; i < WEIR_SOUND_N_BANDS; i++) {
    packed->levels[i] = pack_level (bands->levels[i]);
    packed->highest[i] = pack_level (bands->highest[i]);
  }
}

WeirSoundBands
weir_history_unpack_bands (const WeirHistoryBands *packed)
{
  WeirSoundBands bands;
  guint i;

  for (i = 0; i < WEIR_SOUND_N_BANDS; i++) {
    bands.levels[i] = packed->levels[i] / LEVEL_STEPS + LEVEL_LOWEST;
    bands.highest[i] = packed->highest[i] / LEVEL_STEPS + LEVEL_LOWEST;
  }
  return bands;
}
