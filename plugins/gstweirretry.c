/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backing off from a decoder that fails again and again. */

#include "gstweirretry.h"

#define WAIT_MAX (8 * GST_SECOND)

/* What a second is where buffers say nothing of time, or always the same. */
#define BYTES_PER_SECOND (512 * 1024)

void
gst_weir_retry_reset (GstWeirRetry *retry)
{
  *retry = (GstWeirRetry){ 0, 0, GST_CLOCK_TIME_NONE };
}

void
gst_weir_retry_fail (GstWeirRetry *retry)
{
  GstClockTime wait = WAIT_MAX;

  if (retry->n_failures < 4)
    wait = retry->n_failures == 0 ? 0 : GST_SECOND << (retry->n_failures - 1);
  retry->wait = wait;
  retry->n_failures++;
}

gboolean
gst_weir_retry_pass (GstWeirRetry *retry, GstClockTime time, gsize size)
{
  GstClockTime passed =
      gst_util_uint64_scale (size, GST_SECOND, BYTES_PER_SECOND);

  if (GST_CLOCK_TIME_IS_VALID (time) && GST_CLOCK_TIME_IS_VALID (retry->last) &&
      time > retry->last)
    passed = time - retry->last;
  retry->last = time;
  retry->wait -= MIN (retry->wait, passed);
  return retry->wait == 0;
}
