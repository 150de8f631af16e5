/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bank file, format version 1, as docs/bank-format.md describes it: a
 * header, the table of sections, then the sections. Private to src/bank, its
 * tests and its fuzz target.
 */
#pragma once

#include "bank/bank.h"

G_BEGIN_DECLS

#define WEIR_BANK_MAGIC           "WEIRBANK"
#define WEIR_BANK_MAGIC_LENGTH    8
#define WEIR_BANK_FORMAT_VERSION  1
#define WEIR_BANK_BYTE_ORDER_MARK 0x01020304u
#define WEIR_BANK_DIGEST_LENGTH   32

/* Each section begins at a multiple of this, so that no hash straddles two
 * cache lines. */
#define WEIR_BANK_ALIGNMENT 64

/* Bounds of one file: entries of its section table, and references, video or
 * audio fingerprints. */
#define WEIR_BANK_MAX_SECTIONS 64
#define WEIR_BANK_MAX_RECORDS  G_MAXINT32

/* A reader skips the types that it does not know and needs all of these. */
typedef enum {
  WEIR_BANK_SECTION_STRINGS = 1,
  WEIR_BANK_SECTION_REFERENCES,
  WEIR_BANK_SECTION_VIDEO_HASHES,
  WEIR_BANK_SECTION_VIDEO_INFOS,
  WEIR_BANK_SECTION_AUDIO_KEYS,
  WEIR_BANK_SECTION_AUDIO_POSTINGS,
} WeirBankSectionType;

#define WEIR_BANK_N_SECTIONS 6

typedef struct {
  gchar magic[WEIR_BANK_MAGIC_LENGTH];
  guint32 version;
  guint32 byte_order;
  guint64 file_size; /* bytes */
  gint64 created;    /* seconds since 1970 */
  guint32 n_sections;
  guint32 checksum; /* CRC-32 of header and table, with this field 0 */
  guint8 digest[WEIR_BANK_DIGEST_LENGTH]; /* SHA-256 of the content */
} WeirBankHeader;

typedef struct {
  guint32 type;
  guint32 checksum; /* CRC-32 of the section's bytes */
  guint64 offset;   /* bytes from the start of the file */
  guint64 length;   /* bytes */
} WeirBankSection;

/* The texts are offsets into the strings section. */
typedef struct {
  guint32 id;
  guint32 family;
  guint32 label;
  guint32 list;
  guint32 source;
  guint8 opinion;    /* WeirOpinion */
  guint8 max_action; /* WeirAction */
  guint16 reserved;  /* 0 */
  gint64 added;      /* seconds since 1970, 0: not known */
  guint64 duration;  /* ns, 0: not known */
} WeirBankReferenceRecord;

/* Belongs to the hash of the same position in the hashes' section. */
typedef struct {
  guint32 reference;
  guint32 time;     /* ms */
  guint8 quality;   /* 0..100 */
  guint8 view;      /* WeirView */
  guint16 reserved; /* 0 */
} WeirBankVideoInfo;

/* Belongs to the key of the same position in the keys' section. */
typedef struct {
  guint32 reference;
  guint32 time; /* ms */
} WeirBankAudioPosting;

G_STATIC_ASSERT (sizeof (WeirBankHeader) == 72);
G_STATIC_ASSERT (G_STRUCT_OFFSET (WeirBankHeader, digest) == 40);
G_STATIC_ASSERT (sizeof (WeirBankSection) == 24);
G_STATIC_ASSERT (sizeof (WeirBankReferenceRecord) == 40);
G_STATIC_ASSERT (G_STRUCT_OFFSET (WeirBankReferenceRecord, added) == 24);
G_STATIC_ASSERT (sizeof (WeirPdqHash) == 32);
G_STATIC_ASSERT (sizeof (WeirBankVideoInfo) == 12);
G_STATIC_ASSERT (sizeof (WeirBankAudioPosting) == 8);
G_STATIC_ASSERT (sizeof (WeirBankHeader) % sizeof (guint64) == 0);

G_END_DECLS
