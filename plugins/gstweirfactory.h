/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the elements that decode. A part of gstweirdecoder.c. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* The best factory of @type that takes @caps, but for hardware; NULL: there is
 * none. Owned by the caller. */
GstElementFactory *gst_weir_factory_find (
    GstElementFactoryListType type, const GstCaps *caps);

/* A floating element of @factory, of one thread if it has the choice; NULL when
 * it cannot be made. */
GstElement *gst_weir_factory_create (GstElementFactory *factory);

G_END_DECLS
