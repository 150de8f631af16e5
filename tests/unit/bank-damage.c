/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sections and records that are wrong although all checksums hold: refused, or
 * searched without harm. */
#include "bank-bytes.h"
#include "bank-files.h"

#include "bank/bank-private.h"
#include "bank/segment.h"

#include <string.h>
#include <zlib.h>

static void
test_refuse_records (BankFiles *fixture, gconstpointer data)
{
  static const struct {
    guint section;
    gsize offset;
    guint8 value;
  } changes[] = {
    { 0, 0, 0xff },           /* an id that is not UTF-8 */
    { 0, 0, 0 },              /* an empty id */
    { 0, 4, 'x' },            /* the pool does not end in a NUL */
    { 1, 3, 0x7f },           /* an id beyond the pool */
    { 1, 4, 5 },              /* a family at the pool's end */
    { 1, 19, 0x80 },          /* a source beyond the pool */
    { 1, 20, 3 },             /* no such opinion */
    { 1, 21, 3 },             /* no such action */
    { 1, 22, 2 },             /* no such flag */
    { 1, 23, 1 },             /* the reserved field */
    { 3, 0, 1 },              /* infos that belong to no hash */
    { 3, 4, 0 },              /* a hash without infos */
    { 3, 4, 3 },              /* more infos than there are */
    { 3, 7, 0x80 },           /* far more */
    { 4, 0, 2 },              /* a reference that is not there */
    { 4, 8, 101 },            /* a quality beyond 100 */
    { 4, 9, WEIR_N_VIEWS },   /* no such view */
    { 4, 23, 1 },             /* the reserved field of the last */
    { 5, 0, 11 },             /* keys out of order */
    { 6, 1, 0x08 },           /* a block that is not there */
    { 6, 7, 0xff },           /* one far off */
    { 7, 0, 1 },              /* a reference twice in the order */
    { 7, 4, 0 }, { 7, 4, 2 }, /* one that is not there */
    { 8, 0, 1 },              /* first times of another */
    { 8, 3, 0x80 },           /* far off */
    { 8, 4, 0 },              /* times that belong to no reference */
    { 8, 4, 2 },              /* times of another */
    { 8, 7, 0x80 },           /* far more than there are */
    { 8, 8, 0 },              /* landmarks of no reference */
    { 8, 8, 2 },              /* more than there are */
    { 8, 11, 0x80 },          /* far more */
    { 8, 16, 2 },             /* times beyond the end */
    { 10, 0, 1 },             /* keys before the first start */
    { 10, 4, 0 },             /* keys from a start that is not theirs */
    { 10, 7, 0x80 },          /* a start far off */
    { 10, 8, 1 },             /* keys after the last */
    { 10, 11, 0x80 },         /* more than there are */
    { 11, 0, 1 },             /* blocks of audio out of order */
    { 11, 8, 2 },             /* of a reference that is not there */
    { 11, 1, 0x10 },          /* of one far off */
    { 11, 4, 16 },            /* a time that no block begins at */
    { 12, 0, 0 },             /* a part without hashes */
    { 12, 0, 2 },             /* more hashes than there are */
    { 12, 4, 3 },             /* no such parity */
    { 12, 5, 1 },             /* a table that is not there */
    { 12, 6, 1 },             /* the reserved field */
  };
  g_autoptr (GBytes) content = bank_files_make_small (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autofree guint8 *copy = g_memdup2 (original, size);

    copy[bank_bytes_get_sections (copy)[changes[i].section].offset +
         changes[i].offset] = changes[i].value;
    bank_bytes_repair (copy);
    bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  }
}

/* Times of one reference that do not ascend, and those of two that need not. */
static void
test_refuse_times (BankFiles *fixture, gconstpointer data)
{
  const WeirPdqHash hash = { { 1, 2, 3, 4 } };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autofree gchar *content = NULL;
  guint32 *times;
  gsize size;

  bank_files_add_reference (builder, "a");
  bank_files_add_reference (builder, "b");
  bank_files_add_video (builder, 0, &hash, 30);
  bank_files_add_video (builder, 0, &hash, 20);
  bank_files_add_video (builder, 1, &hash, 10);
  bank_files_write (builder, fixture->path);
  g_assert_true (g_file_get_contents (fixture->path, &content, &size, NULL));
  times = (guint32 *) (content +
                       bank_bytes_get_sections ((guint8 *) content)[9].offset);
  g_assert_cmpuint (times[0], ==, 20);
  g_assert_cmpuint (times[1], ==, 30);
  g_assert_cmpuint (times[2], ==, 10);
  bank_bytes_assert_accepted ((const guint8 *) content, size);
  times[1] = 19;
  bank_bytes_repair ((guint8 *) content);
  bank_bytes_assert_refused (
      (const guint8 *) content, size, WEIR_BANK_ERROR_DAMAGED);
}

static void
test_refuse_sections (BankFiles *fixture, gconstpointer data)
{
  static const guint64 offsets[] = { 0, 64, 257, 1 << 20, G_MAXUINT64,
    G_MAXUINT64 - 63 };
  static const guint64 lengths[] = { 0, 1, 79, 1 << 20, G_MAXUINT64,
    G_MAXUINT64 - 255 };
  g_autoptr (GBytes) content = bank_files_make_small (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  g_autofree guint8 *copy = g_memdup2 (original, size);
  WeirBankSection *sections = bank_bytes_get_sections (copy);
  guint i, k;

  for (i = 0; i < WEIR_BANK_N_SECTIONS; i++) {
    WeirBankSection section = sections[i];

    for (k = 0; k < G_N_ELEMENTS (offsets); k++) {
      sections[i].offset = offsets[k];
      bank_bytes_repair_header (copy);
      bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
      sections[i] = section;
    }
    for (k = 0; k < G_N_ELEMENTS (lengths); k++) {
      sections[i].length = lengths[k];
      bank_bytes_repair_header (copy);
      bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
      sections[i] = section;
    }
    sections[i].type = sections[(i + 1) % WEIR_BANK_N_SECTIONS].type;
    bank_bytes_repair_header (copy);
    bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
    sections[i].type = 99; /* unknown, hence the known one is missing */
    bank_bytes_repair_header (copy);
    bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
    sections[i] = section;
  }
}

/* The last section, one part of 8 bytes, made shorter: with the file, so that
 * it is no whole number of records or none, and without it, so that bytes are
 * left over. */
static void
test_refuse_short_section (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (GBytes) content = bank_files_make_small (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  guint cut;

  for (cut = 1; cut <= 8; cut++) {
    g_autofree guint8 *copy = g_memdup2 (original, size);

    bank_bytes_get_sections (copy)[WEIR_BANK_N_SECTIONS - 1].length -= cut;
    bank_bytes_repair (copy);
    bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
    ((WeirBankHeader *) copy)->file_size -= cut;
    bank_bytes_repair (copy);
    bank_bytes_assert_refused (copy, size - cut, WEIR_BANK_ERROR_DAMAGED);
  }
}

/* A section that ends earlier, in zeros: by part of a record or by records that
 * another section has need of. */
static void
test_refuse_fewer_records (BankFiles *fixture, gconstpointer data)
{
  static const struct {
    guint section;
    guint less;
  } changes[] = { { 1, 1 }, { 1, 56 }, { 2, 1 }, { 2, 32 }, { 3, 1 }, { 3, 4 },
    { 3, 8 }, { 4, 1 }, { 4, 12 }, { 4, 24 }, { 5, 1 }, { 5, 4 }, { 6, 1 },
    { 6, 4 }, { 7, 1 }, { 7, 4 }, { 8, 1 }, { 8, 12 }, { 9, 1 }, { 9, 4 },
    { 10, 1 }, { 10, 4 }, { 10, 12 }, { 11, 1 }, { 11, 8 }, { 12, 1 } };
  g_autoptr (GBytes) content = bank_files_make_small (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autofree guint8 *copy = g_memdup2 (original, size);
    WeirBankSection *section =
        &bank_bytes_get_sections (copy)[changes[i].section];

    section->length -= changes[i].less;
    memset (copy + section->offset + section->length, 0, changes[i].less);
    bank_bytes_repair (copy);
    bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  }
}

/* A section grown into the zeros after it, by part of a record or by one that
 * is valid in itself. */
static void
test_refuse_long_section (BankFiles *fixture, gconstpointer data)
{
  static const struct {
    guint section;
    guint more;
  } changes[] = { { 1, 1 }, { 2, 1 }, { 2, 32 }, { 3, 1 }, { 3, 4 }, { 4, 1 },
    { 4, 12 }, { 5, 1 }, { 5, 4 }, { 6, 1 }, { 6, 4 }, { 7, 4 }, { 8, 12 },
    { 9, 4 }, { 10, 4 }, { 10, 8 } };
  g_autoptr (GBytes) content = bank_files_make_small (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autofree guint8 *copy = g_memdup2 (original, size);

    bank_bytes_get_sections (copy)[changes[i].section].length +=
        changes[i].more;
    bank_bytes_repair (copy);
    bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  }
}

/* Sections of zeros, whose checksum holds wherever they are put: only their
 * place can be wrong. */
static void
test_refuse_places (BankFiles *fixture, gconstpointer data)
{
  static const struct {
    guint section;
    guint64 offset;
    guint64 length;
  } places[] = {
    { 4, 392, 0 },                 /* not aligned */
    { 7, 256, 0 },                 /* in the table */
    { 7, 576, G_MAXUINT64 - 63 },  /* beyond the end, and around to it */
    { 7, 448, G_MAXUINT64 - 447 }, /* of a length that wraps to 0 */
  };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autofree gchar *original = NULL;
  gsize size;
  guint i;

  bank_files_write (builder, fixture->path);
  g_assert_true (g_file_get_contents (fixture->path, &original, &size, NULL));
  g_assert_cmpuint (size, ==, 512);
  for (i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autofree guint8 *copy = g_memdup2 (original, size);
    WeirBankSection *section =
        &bank_bytes_get_sections (copy)[places[i].section];
    const guint8 zeros[24] = { 0 };

    section->offset = places[i].offset;
    section->length = places[i].length;
    if (section->length <= sizeof (zeros))
      section->checksum =
          (guint32) crc32_z (0, zeros, (z_size_t) section->length);
    bank_bytes_repair_header (copy);
    bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  }
}

/* A later writer may append a section of its own. */
static void
test_skip_unknown_section (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (GBytes) content = bank_files_make_small (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  /* The table grows by one entry, and what is after it moves on. */
  const gsize table_end =
      sizeof (WeirBankHeader) + WEIR_BANK_N_SECTIONS * sizeof (WeirBankSection);
  const gsize moved = WEIR_BANK_ALIGNMENT;
  gsize offset = (size + moved + 63) / 64 * 64;
  g_autofree guint8 *copy = g_malloc0 (offset + 5);
  WeirBankHeader *header = (WeirBankHeader *) copy;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (WeirBank) bank = NULL;
  g_autoptr (GError) error = NULL;

  memcpy (copy, original, table_end);
  memcpy (copy + table_end + moved, original + table_end, size - table_end);
  for (guint i = 0; i < WEIR_BANK_N_SECTIONS; i++)
    bank_bytes_get_sections (copy)[i].offset += moved;
  bank_bytes_get_sections (copy)[WEIR_BANK_N_SECTIONS] =
      (WeirBankSection){ .type = 1000, .offset = offset, .length = 5 };
  header->n_sections++;
  header->file_size = offset + 5;
  memcpy (copy + offset, "a\0\0b", 5); /* would do for the strings */
  bank_bytes_repair (copy);

  bytes = g_bytes_new (copy, offset + 5);
  bank = weir_bank_open_bytes (bytes, "bytes", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (weir_bank_get_n_references (bank), ==, 2);
  copy[offset] ^= 1;
  bank_bytes_assert_refused (copy, offset + 5, WEIR_BANK_ERROR_DAMAGED);
  bank_bytes_get_sections (copy)[WEIR_BANK_N_SECTIONS].type =
      WEIR_BANK_SECTION_STRINGS;
  bank_bytes_repair (copy);
  bank_bytes_assert_refused (copy, offset + 5, WEIR_BANK_ERROR_DAMAGED);
}

/* ---- Tables ---- */

static const WeirIndexPlan small_plan = { 2,
  { { 0, 16, 2, 1 }, { 16, 64, 2, 1 } } };

/* A bank of two parts of two tables each. Some of its buckets overflow. */
static GBytes *
make_tables (const BankFiles *fixture)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GError) error = NULL;
  gchar *data;
  gsize size;

  bank_files_add_reference (builder, "a");
  for (guint i = 0; i < 80; i++) {
    const WeirPdqHash hash = { { i, i < 60 ? 0 : G_MAXUINT64, i * i, 0 } };

    bank_files_add_video (builder, 0, &hash, i);
  }
  weir_bank_builder_set_plan (builder, &small_plan);
  bank_files_write (builder, fixture->path);
  g_file_get_contents (fixture->path, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, size);
}

static WeirBankVideoTable *
get_table (guint8 *data, guint i)
{
  return (WeirBankVideoTable *) (data + bank_bytes_get_sections (
                                            data)[WEIR_BANK_N_SECTIONS + i]
                                            .offset);
}

static void
test_refuse_tables (BankFiles *fixture, gconstpointer data)
{
  static const struct {
    gsize offset; /* in the second table */
    guint8 value;
  } changes[] = {
    { 0, 15 },  /* chunk begins in the one before */
    { 0, 17 },  /* or after a gap */
    { 2, 15 },  /* too short for a tag */
    { 2, 241 }, /* too long */
    { 4, 0 },   /* no key */
    { 4, 1 },   /* more buckets than fit the key */
    { 4, 3 },   /* fewer */
    { 4, 25 },  /* longest key */
    { 5, 3 },   /* threshold */
    { 6, 9 },   /* extra bits */
    { 6, 1 },   /* and such as the next chunk has not */
    { 7, 1 },   /* reserved */
    { 12, 0 },  /* no overflow */
    { 12, 99 }, /* more than there is */
    { 16, 0 },  /* no ids */
    { 16, 99 }, /* more than hashes */
    { 20, 1 },  /* padding */
    { 63, 1 },
    { 64, 1 },  /* first bucket: entries of another */
    { 68, 30 }, /* more tags than there is room for */
    { 69, 0x40 },
    { 120, 1 },  /* overflow of another */
    { 124, 29 }, /* too few to overflow */
    { 127, 0x80 },
  };
  g_autoptr (GBytes) content = make_tables (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  const WeirBankBucket *bucket;
  guint i;

  bank_bytes_assert_accepted (original, size);
  bucket = (const WeirBankBucket *) (get_table ((guint8 *) original, 1) + 1);
  g_assert_cmpuint (bucket->count, >=, WEIR_BANK_BUCKET_OVERFLOWS);
  for (i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autofree guint8 *copy = g_memdup2 (original, size);

    ((guint8 *) get_table (copy, 1))[changes[i].offset] = changes[i].value;
    bank_bytes_repair (copy);
    bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  }
}

static void
count_hit (guint query, guint32 position, guint distance, gpointer user_data)
{
  guint *n_hits = user_data;

  (*n_hits)++;
}

/* Whatever one byte of the tables is, lookups stay within the file. */
static void
test_lying_tables (BankFiles *fixture, gconstpointer data)
{
  g_autoptr (GBytes) content = make_tables (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  g_autofree guint8 *copy = g_memdup2 (original, size);
  const WeirBankSection *sections = bank_bytes_get_sections (copy);
  guint n_accepted = 0;

  for (gsize i = sections[WEIR_BANK_N_SECTIONS - 1].offset; i < size; i++) {
    for (guint bit = 0; bit < 8; bit++) {
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;
      WeirBankSegment segment = { 0 };
      guint n_hits = 0;

      copy[i] = original[i] ^ (guint8) (1u << bit);
      bank_bytes_repair (copy);
      bytes = g_bytes_new (copy, size);
      if (weir_bank_segment_open (&segment, bytes, "bytes", &error)) {
        for (guint j = 0; j < segment.video.n_hashes; j += 9)
          weir_video_index_lookup (
              &segment.video, &segment.video.hashes[j], 3, count_hit, &n_hits);
        n_accepted++;
      }
      weir_bank_segment_clear (&segment);
    }
    copy[i] = original[i];
  }
  g_assert_cmpuint (n_accepted, >, 0);
}

/* ---- Sound ---- */

/* The spans and the steps are the last two sections of such a bank. */
static GBytes *
make_sounding (BankFiles *fixture)
{
  const WeirSoundStep steps[3] = { { { 1, 2 }, { 3, 4, 5, 6 } } };
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autofree gchar *content = NULL;
  gsize size;

  bank_files_add_reference (builder, "a");
  bank_files_add_reference (builder, "b");
  g_assert_true (
      weir_bank_builder_add_sound_steps (builder, 1, 0, steps, 3, NULL));
  bank_files_write (builder, fixture->path);
  g_assert_true (g_file_get_contents (fixture->path, &content, &size, NULL));
  return g_bytes_new_take (g_steal_pointer (&content), size);
}

static void
test_refuse_sound (BankFiles *fixture, gconstpointer data)
{
  static const struct {
    gsize offset; /* in the spans */
    guint8 value;
  } changes[] = {
    { 0, 4 },     /* begins beyond the steps */
    { 3, 0x80 },  /* far beyond */
    { 4, 4 },     /* more steps than there are */
    { 8, 1 },     /* ends beyond */
    { 15, 0xff }, /* a sum that wraps */
  };
  g_autoptr (GBytes) content = make_sounding (fixture);
  gsize size;
  const guint8 *original = g_bytes_get_data (content, &size);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autofree guint8 *copy = g_memdup2 (original, size);

    copy[bank_bytes_get_sections (copy)[WEIR_BANK_N_SECTIONS].offset +
         changes[i].offset] = changes[i].value;
    bank_bytes_repair (copy);
    bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  }
  for (i = 0; i < 2; i++) {
    g_autofree guint8 *copy = g_memdup2 (original, size);

    bank_bytes_get_sections (copy)[WEIR_BANK_N_SECTIONS + i].type = 1000;
    bank_bytes_repair (copy);
    bank_bytes_assert_refused (copy, size, WEIR_BANK_ERROR_DAMAGED);
  }
  bank_bytes_assert_accepted (original, size);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bank_files_add_test ("/bank/refuse/records", test_refuse_records);
  bank_files_add_test ("/bank/refuse/times", test_refuse_times);
  bank_files_add_test ("/bank/refuse/sections", test_refuse_sections);
  bank_files_add_test ("/bank/refuse/short-section", test_refuse_short_section);
  bank_files_add_test ("/bank/refuse/fewer-records", test_refuse_fewer_records);
  bank_files_add_test ("/bank/refuse/long-section", test_refuse_long_section);
  bank_files_add_test ("/bank/refuse/places", test_refuse_places);
  bank_files_add_test ("/bank/refuse/sound", test_refuse_sound);
  bank_files_add_test ("/bank/skip-unknown-section", test_skip_unknown_section);
  bank_files_add_test ("/bank/refuse/tables", test_refuse_tables);
  bank_files_add_test ("/bank/lying-tables", test_lying_tables);
  return g_test_run ();
}
