/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the elements that decode. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstweirfactory.h"

#include <string.h>

static void
set_if_there (GstElement *element, const gchar *property, gint value)
{
  GParamSpec *spec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (element), property);
  g_autofree gchar *string = g_strdup_printf ("%d", value);

  if (spec)
    gst_util_set_object_arg (G_OBJECT (element), property, string);
}

static gboolean
accepts (GstElementFactory *factory, const GstCaps *caps)
{
  const gchar *klass =
      gst_element_factory_get_metadata (factory, GST_ELEMENT_METADATA_KLASS);

  return !strstr (klass, "Hardware") &&
         gst_element_factory_can_sink_all_caps (factory, caps);
}

GstElementFactory *
gst_weir_factory_find (GstElementFactoryListType type, const GstCaps *caps)
{
  GList *all = gst_element_factory_list_get_elements (type, GST_RANK_MARGINAL);
  GstElementFactory *found = NULL;
  GList *link;

  all = g_list_sort (all, gst_plugin_feature_rank_compare_func);
  for (link = all; link && !found; link = link->next)
    if (accepts (link->data, caps))
      found = gst_object_ref (link->data);
  gst_plugin_feature_list_free (all);
  return found;
}

GstElement *
gst_weir_factory_create (GstElementFactory *factory)
{
  static const gchar *const properties[] = { "max-threads", "threads",
    "n-threads" };
  GstElement *element = gst_element_factory_create (factory, NULL);
  guint i;

  for (i = 0; element && i < G_N_ELEMENTS (properties); i++)
    set_if_there (element, properties[i], 1);
  return element;
}
