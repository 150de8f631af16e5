/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mapping a bank file. */
#include "bank/mapping.h"

#include "bank/bank-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/mman.h>

static gboolean
refuse_to_open (GError **error, const gchar *name, gint failure)
{
  const gchar *remedy = "see why and try again";

  if (failure == ENOENT || failure == ENOTDIR)
    remedy = "check the path";
  else if (failure == EACCES || failure == EPERM)
    remedy = "make it readable for this user";
  return weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, name,
      "cannot be opened: %s; %s", g_strerror (failure), remedy);
}

/* Lookups touch a page here and a page there: in huge ones, which the kernel
 * makes while it reads the file if it can, the processor finds its way faster.
 * Advice alone: nothing depends on it. */
static void
advise_huge_pages (GMappedFile *file)
{
#ifdef MADV_HUGEPAGE
  gchar *contents = g_mapped_file_get_contents (file);

  if (contents != NULL)
    madvise (contents, g_mapped_file_get_length (file), MADV_HUGEPAGE);
#endif
}

static GBytes *
map_descriptor (gint descriptor, const gchar *name, WeirBankIdentity *identity,
    GError **error)
{
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GError) map_error = NULL;
  struct stat status;

  if (fstat (descriptor, &status) != 0) {
    refuse_to_open (error, name, errno);
    return NULL;
  }
  if (!S_ISREG (status.st_mode)) {
    weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, name,
        "is no regular file; name a bank file");
    return NULL;
  }
  if (identity)
    *identity = (WeirBankIdentity){ status.st_dev, status.st_ino,
      status.st_size, status.st_mtim, status.st_ctim };
  file = g_mapped_file_new_from_fd (descriptor, FALSE, &map_error);
  if (file == NULL) {
    weir_bank_refuse (error, WEIR_BANK_ERROR_FILE, name,
        "cannot be mapped: %s; see why and try again", map_error->message);
    return NULL;
  }
  advise_huge_pages (file);
  return g_mapped_file_get_bytes (file);
}

GBytes *
weir_bank_map_file (
    const gchar *name, WeirBankIdentity *identity, GError **error)
{
  /* Without O_NONBLOCK a FIFO would hold us until it has a writer. */
  gint descriptor = g_open (name, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  GBytes *bytes;

  if (descriptor < 0) {
    refuse_to_open (error, name, errno);
    return NULL;
  }
  bytes = map_descriptor (descriptor, name, identity, error);
  g_close (descriptor, NULL);
  return bytes;
}
