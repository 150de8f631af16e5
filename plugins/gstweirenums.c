/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values that properties of the element take. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirprivate.h"

GType
gst_weir_action_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { WEIR_ACTION_NONE, "Shadow: say what matches, do nothing", "none" },
    { WEIR_ACTION_FLAG, "Flag the stream", "flag" },
    { WEIR_ACTION_CUT, "Flag the stream, and cut it", "cut" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstWeirAction", values));
  return (GType) type;
}

GType
gst_weir_on_cut_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_WEIR_ON_CUT_EOS, "End of stream downstream and upstream", "eos" },
    { GST_WEIR_ON_CUT_ERROR, "A pipeline error", "error" },
    { GST_WEIR_ON_CUT_DROP, "Swallow the stream and stay up", "drop" },
    { GST_WEIR_ON_CUT_BLANK, "Black and silence, of raw streams", "blank" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstWeirOnCut", values));
  return (GType) type;
}

GType
gst_weir_decode_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_WEIR_DECODE_AUTO, "Keyframes first, the rest on suspicion", "auto" },
    { GST_WEIR_DECODE_KEYFRAMES, "Keyframes alone", "keyframes" },
    { GST_WEIR_DECODE_ALL, "All pictures", "all" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstWeirDecode", values));
  return (GType) type;
}

GType
gst_weir_on_unsupported_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_WEIR_ON_UNSUPPORTED_PASS, "Let it pass, and say so", "pass" },
    { GST_WEIR_ON_UNSUPPORTED_CUT, "Cut it", "cut" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (
        &type, g_enum_register_static ("GstWeirOnUnsupported", values));
  return (GType) type;
}
