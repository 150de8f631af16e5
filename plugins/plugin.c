/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plugin "weir". */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweir.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  return GST_ELEMENT_REGISTER (weir, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, weir,
    "Recognises known violent extremist content in live streams", plugin_init,
    VERSION, GST_LICENSE, GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
