/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bank file, format version 7, as docs/bank-format.md describes it: a
 * header, the table of sections, then the sections. Private to src/bank, its
 * tests and its fuzz target.
 */
#pragma once

#include "bank/bank.h"

G_BEGIN_DECLS

#define WEIR_BANK_MAGIC           "WEIRBANK"
#define WEIR_BANK_MAGIC_LENGTH    8
#define WEIR_BANK_FORMAT_VERSION  7
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
  WEIR_BANK_SECTION_VIDEO_STARTS,
  WEIR_BANK_SECTION_VIDEO_PARTS,
  WEIR_BANK_SECTION_VIDEO_TABLE, /* one for each table, or none */
  WEIR_BANK_SECTION_REFERENCE_ORDER,
  WEIR_BANK_SECTION_REFERENCE_SPANS,
  WEIR_BANK_SECTION_VIDEO_TIMES,
  WEIR_BANK_SECTION_AUDIO_STARTS,
  WEIR_BANK_SECTION_AUDIO_BLOCKS,
  WEIR_BANK_SECTION_SOUND_SPANS = 16, /* of these two, both or none */
  WEIR_BANK_SECTION_SOUND_STEPS,
} WeirBankSectionType;

/* Without tables and sound. */
#define WEIR_BANK_N_SECTIONS 13

/* The starts of audio keys are by so many of their upper bits as make one start
 * for each key, but no more than those of a landmark's pair of peaks; in a bank
 * of more keys than that, by as many as make one for 8 to 16 keys, which are a
 * line of the cache, and at most by this many. */
#define WEIR_BANK_AUDIO_START_PAIR_BITS  19
#define WEIR_BANK_AUDIO_START_SHARE_BITS 3
#define WEIR_BANK_AUDIO_START_BITS       26

/* A posting, which belongs to the key of the same position in the keys'
 * section, has the number of a block in its upper bits and the row in it, of
 * 16 ms, in the others. */
#define WEIR_BANK_AUDIO_ROW_MS     16
#define WEIR_BANK_AUDIO_BLOCK_BITS 10
#define WEIR_BANK_AUDIO_BLOCK_ROWS (1u << WEIR_BANK_AUDIO_BLOCK_BITS)
#define WEIR_BANK_AUDIO_BLOCK_MS                                               \
  (WEIR_BANK_AUDIO_BLOCK_ROWS * WEIR_BANK_AUDIO_ROW_MS)
#define WEIR_BANK_MAX_AUDIO_BLOCKS (1u << (32 - WEIR_BANK_AUDIO_BLOCK_BITS))

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

/* Flags of a reference. */
#define WEIR_BANK_REFERENCE_BENIGN (1u << 0)

/* The texts are offsets into the strings section. */
typedef struct {
  guint32 id;
  guint32 family;
  guint32 label;
  guint32 list;
  guint32 source;
  guint8 opinion;    /* WeirOpinion */
  guint8 max_action; /* WeirAction */
  guint8 flags;
  guint8 reserved;   /* 0 */
  gint64 added;      /* seconds since 1970, 0: not known */
  guint64 duration;  /* ns, 0: not known */
  gint64 not_before; /* seconds since 1970, 0: no such bound */
  gint64 not_after;
} WeirBankReferenceRecord;

/* One for each time that a hash occurs; see WEIR_BANK_SECTION_VIDEO_STARTS. */
typedef struct {
  guint32 reference;
  guint32 time;     /* ms */
  guint8 quality;   /* 0..100 */
  guint8 view;      /* WeirView */
  guint16 reserved; /* 0 */
} WeirBankVideoInfo;

/* 16.384 s of a reference. */
typedef struct {
  guint32 reference;
  guint32 time; /* ms, a multiple of WEIR_BANK_AUDIO_BLOCK_MS */
} WeirBankAudioBlock;

/* The fingerprints of the reference of the same number. */
typedef struct {
  guint32 first_time; /* position in the section of video times */
  guint32 n_video;    /* infos, and so many times */
  guint32 n_audio;    /* postings */
} WeirBankReferenceSpan;

/* So many hashes from where the part before ends, and so many tables. */
typedef struct {
  guint32 n_hashes;
  guint8 parity; /* WeirParity */
  guint8 n_tables;
  guint16 reserved; /* 0 */
} WeirBankVideoPart;

/* Begins a section of a table. After it come the buckets, the units of
 * overflow and the ids. */
typedef struct {
  guint16 start; /* of the chunk, bits */
  guint16 width;
  guint8 key_bits;
  guint8 threshold;
  guint8 n_extra_bits; /* of the tag, in each id above the id itself */
  guint8 reserved[5];  /* 0 */
  guint32 n_units;     /* of overflow */
  guint32 n_ids;       /* as many as hashes in the part, or 0 */
  guint32 padding[11]; /* 0 */
} WeirBankVideoTable;

/* The hashes with one key, a cache line. Up to WEIR_BANK_BUCKET_TAGS have
 * their tags in it; if there are more, WEIR_BANK_BUCKET_FIRST_TAGS of them and
 * the rest in units of overflow. */
#define WEIR_BANK_BUCKET_TAGS       29
#define WEIR_BANK_BUCKET_FIRST_TAGS 25
#define WEIR_BANK_UNIT_TAGS         16

/* In the count of a bucket that has overflow. */
#define WEIR_BANK_BUCKET_OVERFLOWS 0x8000

typedef struct {
  guint32 first; /* entry of the table */
  guint16 count; /* of the tags here */
  guint16 tags[WEIR_BANK_BUCKET_FIRST_TAGS];
  union {
    guint16 last_tags[WEIR_BANK_BUCKET_TAGS - WEIR_BANK_BUCKET_FIRST_TAGS];
    struct {
      guint32 unit; /* the first of them */
      guint32 n;    /* hashes with this key in all */
    } overflow;
  };
} WeirBankBucket;

/* The steps of the reference of the same number. */
typedef struct {
  guint32 first; /* position in the steps' section */
  guint32 n_steps;
} WeirBankSoundSpan;

G_STATIC_ASSERT (sizeof (WeirBankHeader) == 72);
G_STATIC_ASSERT (G_STRUCT_OFFSET (WeirBankHeader, digest) == 40);
G_STATIC_ASSERT (sizeof (WeirBankSection) == 24);
G_STATIC_ASSERT (sizeof (WeirBankReferenceRecord) == 56);
G_STATIC_ASSERT (G_STRUCT_OFFSET (WeirBankReferenceRecord, added) == 24);
G_STATIC_ASSERT (sizeof (WeirPdqHash) == 32);
G_STATIC_ASSERT (sizeof (WeirBankVideoInfo) == 12);
G_STATIC_ASSERT (sizeof (WeirBankAudioBlock) == 8);
G_STATIC_ASSERT (sizeof (WeirBankReferenceSpan) == 12);
G_STATIC_ASSERT (sizeof (WeirBankVideoPart) == 8);
G_STATIC_ASSERT (sizeof (WeirBankVideoTable) == 64);
G_STATIC_ASSERT (sizeof (WeirBankBucket) == 64);
G_STATIC_ASSERT (G_STRUCT_OFFSET (WeirBankBucket, tags) == 6);
G_STATIC_ASSERT (G_STRUCT_OFFSET (WeirBankBucket, last_tags) == 56);
G_STATIC_ASSERT (sizeof (WeirBankHeader) % sizeof (guint64) == 0);

G_END_DECLS
