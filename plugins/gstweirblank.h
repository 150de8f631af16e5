/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Black pictures and silence in the place of raw ones. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstWeirBlank GstWeirBlank;

/* NULL when @caps are not raw video or sound in system memory. */
GstWeirBlank *gst_weir_blank_new (const GstCaps *caps);
void gst_weir_blank_free (GstWeirBlank *blank);

/* What shows nothing and has the times and flags of @buffer, which it takes;
 * sound is as long as it was. */
GstBuffer *gst_weir_blank_replace (GstWeirBlank *blank, GstBuffer *buffer);

G_END_DECLS
