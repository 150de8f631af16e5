/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of files, and word of the kernel about them. */
#include "bank/bank-watch.h"

#include "bank/bank-private.h"
#include "bank/manifest.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is complete: one still being written to is not looked at. */
#define EVENTS                                                                 \
  (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | \
      IN_MOVE_SELF)

#define READ_SIZE 8192

/* One folder. */
typedef struct {
  gint id;
  gchar *name;           /* of the bank in it; NULL: the folder is the bank */
  gboolean has_manifest; /* which alone says what is of the bank then */
} Place;

struct _WeirBankWatch {
  gint descriptor;
  gchar *path;
  GArray *places;
};

/* ---- State ---- */

static void
add_state (GString *state, const gchar *name)
{
  struct stat status;

  if (stat (name, &status) != 0) {
    g_string_append_printf (state, "%s %d\n", name, errno);
    return;
  }
  g_string_append_printf (state, "%s %ju %ju %ju %jd.%09ld %jd.%09ld\n", name,
      (uintmax_t) status.st_dev, (uintmax_t) status.st_ino,
      (uintmax_t) status.st_size, (intmax_t) status.st_mtim.tv_sec,
      status.st_mtim.tv_nsec, (intmax_t) status.st_ctim.tv_sec,
      status.st_ctim.tv_nsec);
}

static void
add_folder_state (GString *state, const gchar *folder)
{
  g_autofree gchar *manifest =
      g_build_filename (folder, WEIR_MANIFEST_NAME, NULL);
  g_autoptr (GPtrArray) names = weir_bank_list_folder (folder, NULL);

  add_state (state, manifest);
  for (guint i = 0; names && i < names->len; i++)
    add_state (state, g_ptr_array_index (names, i));
}

gchar *
weir_bank_get_state (const gchar *path)
{
  g_auto (GStrv) names = g_strsplit (path, ",", -1);
  GString *state = g_string_new (NULL);

  for (guint i = 0; names[i] != NULL; i++) {
    if (g_file_test (names[i], G_FILE_TEST_IS_DIR))
      add_folder_state (state, names[i]);
    else
      add_state (state, names[i]);
  }
  return g_string_free (state, FALSE);
}

/* ---- Word of the kernel ---- */

static void
add_place (WeirBankWatch *watch, const gchar *name)
{
  gboolean is_folder = g_file_test (name, G_FILE_TEST_IS_DIR);
  g_autofree gchar *folder =
      is_folder ? g_strdup (name) : g_path_get_dirname (name);
  Place place = {
    .id = inotify_add_watch (watch->descriptor, folder, EVENTS | IN_ONLYDIR),
    .name = is_folder ? NULL : g_path_get_basename (name),
    .has_manifest = is_folder && weir_manifest_exists (name),
  };

  g_array_append_val (watch->places, place);
}

static void
clear_place (gpointer data)
{
  Place *place = data;

  g_free (place->name);
}

static gboolean
is_watched (const WeirBankWatch *watch, gint id)
{
  for (guint i = 0; i < watch->places->len; i++)
    if (g_array_index (watch->places, Place, i).id == id)
      return TRUE;
  return FALSE;
}

WeirBankWatch *
weir_bank_watch_new (const gchar *path)
{
  WeirBankWatch *watch = g_new0 (WeirBankWatch, 1);

  watch->descriptor = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  watch->path = g_strdup (path);
  watch->places = g_array_new (FALSE, FALSE, sizeof (Place));
  weir_bank_watch_renew (watch);
  return watch;
}

/* Another descriptor would take longer than all else: when one is closed, the
 * kernel waits for every processor. A folder that is watched already keeps its
 * number. */
void
weir_bank_watch_renew (WeirBankWatch *watch)
{
  g_auto (GStrv) names = g_strsplit (watch->path, ",", -1);
  g_autoptr (GArray) before = watch->places;

  watch->places = g_array_new (FALSE, FALSE, sizeof (Place));
  g_array_set_clear_func (watch->places, clear_place);
  for (guint i = 0; watch->descriptor >= 0 && names[i] != NULL; i++)
    add_place (watch, names[i]);
  for (guint i = 0; i < before->len; i++) {
    gint id = g_array_index (before, Place, i).id;

    if (id >= 0 && !is_watched (watch, id))
      inotify_rm_watch (watch->descriptor, id);
  }
}

void
weir_bank_watch_free (WeirBankWatch *watch)
{
  if (watch->descriptor >= 0)
    g_close (watch->descriptor, NULL);
  g_array_unref (watch->places);
  g_free (watch->path);
  g_free (watch);
}

gint
weir_bank_watch_get_descriptor (const WeirBankWatch *watch)
{
  return watch->descriptor;
}

/* Whether a file @name in @place is of the bank. */
static gboolean
is_of_bank (const Place *place, const gchar *name)
{
  if (place->name)
    return strcmp (name, place->name) == 0;
  return strcmp (name, WEIR_MANIFEST_NAME) == 0 ||
         (!place->has_manifest && name[0] != '.' &&
             g_str_has_suffix (name, WEIR_BANK_SUFFIX));
}

static gboolean
concerns_bank (const WeirBankWatch *watch, const struct inotify_event *event)
{
  if (event->len == 0) /* of a folder itself, or events were lost */
    return TRUE;
  for (guint i = 0; i < watch->places->len; i++) {
    const Place *place = &g_array_index (watch->places, Place, i);

    if (place->id == event->wd && is_of_bank (place, event->name))
      return TRUE;
  }
  return FALSE;
}

gboolean
weir_bank_watch_read (WeirBankWatch *watch)
{
  gchar data[READ_SIZE]
      __attribute__ ((aligned (__alignof__(struct inotify_event))));
  gboolean concerned = FALSE;
  gssize length;

  while ((length = read (watch->descriptor, data, sizeof (data))) > 0) {
    const struct inotify_event *event;

    for (gssize at = 0; at < length;
         at += (gssize) (sizeof (*event) + event->len)) {
      event = (const struct inotify_event *) (data + at);
      concerned = concerned || concerns_bank (watch, event);
    }
  }
  return concerned;
}
