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
#ifdef __x86_64__
  return __builtin_cpu_supports ("avx2") ? WEIR_CPU_AVX2 : 0;
#else
  return 0;
#endif
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
