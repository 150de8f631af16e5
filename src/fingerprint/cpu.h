/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the processor can do, for those who have a faster way on some.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  WEIR_CPU_AVX2 = 1 << 0,   /* and the operating system saves its registers */
  WEIR_CPU_AVX512 = 1 << 1, /* the subsets F, BW, VL and BITALG; likewise */
} WeirCpuFlags;

/* The WeirCpuFlags that hold, less those that are masked. Costs a few loads.
 * Thread-safe. */
guint weir_cpu_get_flags (void);

/* From now on weir_cpu_get_flags() answers nothing but what is in @mask: 0
 * forces portable C, G_MAXUINT lifts the mask. For tests and benchmarks; what
 * has been chosen before stays as it is. Thread-safe. */
void weir_cpu_set_flags_mask (guint mask);

G_END_DECLS
