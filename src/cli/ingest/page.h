/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page that publishes from a browser; its files are built in. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* A request for anything but the endpoint. */
void ingest_page_handle (SoupServerMessage *message, const gchar *path);

G_END_DECLS
