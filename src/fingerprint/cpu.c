/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the processor can do, by the compiler's own detection, which runs once
 * before main().
 */
#include "fingerprint/cpu.h"

static guint flags_mask = G_MAXUINT;

static guint
detected_flags (void)
{
  guint flags = 0;

#ifdef __x86_64__
  if (__builtin_cpu_supports ("avx2"))
    flags |= WEIR_CPU_AVX2;
  if (__builtin_cpu_supports ("avx512f") &&
      __builtin_cpu_supports ("avx512bw") &&
      __builtin_cpu_supports ("avx512vl") &&
      __builtin_cpu_supports ("avx512bitalg"))
    flags |= WEIR_CPU_AVX512;
#endif
  return flags;
}

guint
weir_cpu_get_flags (void)
{
  return detected_flags () & __atomic_load_n (&flags_mask, __ATOMIC_RELAXED);
}

void
weir_cpu_set_flags_mask (guint mask)
{
  __atomic_store_n (&flags_mask, mask, __ATOMIC_RELAXED);
}
