/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a bank is made of. Private to the files that open it and look up. */
#pragma once

#include "bank/bank.h"
#include "bank/mapping.h"
#include "bank/segment.h"

G_BEGIN_DECLS

/* Files of one bank. */
#define WEIR_BANK_MAX_SEGMENTS 64

#define WEIR_BANK_VERSION_LENGTH 16

/* An open file, which a bank and the one that takes its place may share.
 * Holders are counted with the macros of GLib, which are compiled in here: a
 * checker of threads cannot see into the functions of a library. */
typedef struct {
  gint n_holders;
  WeirBankIdentity identity;
  WeirBankSegment segment;
} WeirBankFile;

/* A file as one bank has it. */
typedef struct {
  WeirBankFile *file;
  const WeirBankSegment *segment; /* of the file */
  guint32 first_reference;        /* the bank's number of the first of them */
  gint64 expires;                 /* as weir_bank_get_expires() */
  guint origin;                   /* number of its name in the bank's path */
  guint8 *removed; /* a bit for each that was taken back; NULL: none was */
  GArray *removed_numbers; /* guint32, the same; NULL: none was */
} WeirBankMember;

struct _WeirBank {
  gint n_holders; /* as above */
  gchar *path;
  gchar version[WEIR_BANK_VERSION_LENGTH + 1];
  guint32 n_indices;
  guint32 n_references; /* without those taken back; likewise the next two */
  guint64 n_video;
  guint64 n_audio;
  guint n_members;
  WeirBankMember members[WEIR_BANK_MAX_SEGMENTS];
};

/* A bank without files. */
WeirBank *weir_bank_new (const gchar *path);

/* Adds @file, to which the bank takes the caller's reference. FALSE with
 * @error when the bank is full. */
gboolean weir_bank_add_file (
    WeirBank *bank, WeirBankFile *file, const gchar *name, GError **error);

/* Takes the reference @id out of all files added so far. */
void weir_bank_remove_reference (WeirBank *bank, const gchar *id);

/* Takes the reference @number, which is there, out of @member of @bank. */
void weir_bank_remove_number (
    WeirBank *bank, WeirBankMember *member, guint32 number);

/* To be called when all files are there. */
void weir_bank_set_version (WeirBank *bank);

/* A file with @bytes, all of it checked; NULL with @error. */
WeirBankFile *weir_bank_file_new (GBytes *bytes,
    const WeirBankIdentity *identity, const gchar *name, GError **error);
WeirBankFile *weir_bank_file_ref (WeirBankFile *file);
void weir_bank_file_unref (WeirBankFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirBankFile, weir_bank_file_unref)

/* The first digits of @digest, as text. */
void weir_bank_format_version (
    const guint8 *digest, gchar version[WEIR_BANK_VERSION_LENGTH + 1]);

static inline gboolean
weir_bank_member_has (const WeirBankMember *member, guint32 number)
{
  return member->removed == NULL ||
         ((member->removed[number / 8] >> (number % 8)) & 1) == 0;
}

G_END_DECLS
