/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mapping a bank file and checking every byte of it. */
#include "bank/segment.h"

#include "bank/bank-private.h"
#include "bank/index-check.h"
#include "fingerprint/landmark.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>

gchar *
weir_bank_printable (const gchar *text)
{
  gchar *printable = g_utf8_make_valid (text, -1);
  gchar *next;

  for (next = printable; *next != '\0'; next++) {
    if (g_ascii_iscntrl (*next))
      *next = '?';
  }
  return printable;
}

gboolean
weir_bank_refuse (GError **error, WeirBankError code, const gchar *name,
    const gchar *format, ...)
{
  g_autofree gchar *printable = weir_bank_printable (name);
  g_autofree gchar *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, WEIR_BANK_ERROR, code, "'%s' %s", printable, message);
  return FALSE;
}

static gboolean
refuse_damaged (GError **error, const gchar *name, const gchar *what)
{
  return weir_bank_refuse (error, WEIR_BANK_ERROR_DAMAGED, name,
      "is damaged (%s); copy or build it again", what);
}

/* ---- The header and the table of sections ---- */

guint32
weir_bank_header_compute_checksum (const WeirBankHeader *header)
{
  WeirBankHeader copy = *header;
  gsize table_length = header->n_sections * sizeof (WeirBankSection);
  uLong checksum;

  copy.checksum = 0;
  checksum = crc32_z (0, (const Bytef *) &copy, sizeof (copy));
  checksum = crc32_z (checksum, (const Bytef *) (header + 1), table_length);
  return (guint32) checksum;
}

/* What tells a bank of this version from all else. */
static gboolean
check_identity (
    const WeirBankHeader *header, gsize size, const gchar *name, GError **error)
{
  const gsize identity_length = G_STRUCT_OFFSET (WeirBankHeader, file_size);

  if (size == 0)
    return weir_bank_refuse (
        error, WEIR_BANK_ERROR_EMPTY, name, "is empty; copy or build it again");
  if (memcmp (header, WEIR_BANK_MAGIC, MIN (size, WEIR_BANK_MAGIC_LENGTH)) != 0)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_FOREIGN, name,
        "is not a bank; make one with 'weir bank build'");
  if (size < identity_length)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_TRUNCATED, name,
        "ends within its header; copy it again");
  if (header->byte_order == GUINT32_SWAP_LE_BE (WEIR_BANK_BYTE_ORDER_MARK))
    return weir_bank_refuse (error, WEIR_BANK_ERROR_ENDIAN, name,
        "is of the other byte order; banks are written and read on "
        "little-endian machines");
  if (header->byte_order != WEIR_BANK_BYTE_ORDER_MARK || header->version == 0)
    return refuse_damaged (error, name, "start of the header");
  if (header->version < WEIR_BANK_FORMAT_VERSION)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_OLDER, name,
        "has format version %u and this program reads %u; build it again",
        header->version, WEIR_BANK_FORMAT_VERSION);
  if (header->version > WEIR_BANK_FORMAT_VERSION)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_NEWER, name,
        "has format version %u and this program reads %u; update Weir",
        header->version, WEIR_BANK_FORMAT_VERSION);
  return TRUE;
}

static gboolean
check_header (
    const WeirBankHeader *header, gsize size, const gchar *name, GError **error)
{
  if (!check_identity (header, size, name, error))
    return FALSE;
  if (size < sizeof (*header))
    return weir_bank_refuse (error, WEIR_BANK_ERROR_TRUNCATED, name,
        "ends within its header; copy it again");
  if (header->file_size > size)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_TRUNCATED, name,
        "has %" G_GSIZE_FORMAT " bytes of %" G_GUINT64_FORMAT "; copy it again",
        size, header->file_size);
  if (header->file_size < size)
    return refuse_damaged (error, name, "longer than its header says");
  if (header->n_sections > WEIR_BANK_MAX_SECTIONS ||
      header->n_sections * sizeof (WeirBankSection) > size - sizeof (*header))
    return refuse_damaged (error, name, "number of sections");
  if (weir_bank_header_compute_checksum (header) != header->checksum)
    return refuse_damaged (error, name, "checksum of the header");
  return TRUE;
}

static gboolean
is_zero (const guint8 *data, gsize length)
{
  gsize i;

  for (i = 0; i < length; i++) {
    if (data[i] != 0)
      return FALSE;
  }
  return TRUE;
}

/* That the sections follow each other with nothing but zeros between, up to
 * the end of the file, and that each holds the bytes it was written with. */
static gboolean
check_sections (const WeirBankHeader *header, const gchar *name, GError **error)
{
  const guint8 *data = (const guint8 *) header;
  const WeirBankSection *sections = (const WeirBankSection *) (header + 1);
  const guint64 size = header->file_size;
  guint64 end = sizeof (*header) + header->n_sections * sizeof (*sections);
  guint i;

  for (i = 0; i < header->n_sections; i++) {
    const WeirBankSection *section = &sections[i];

    if (section->offset % WEIR_BANK_ALIGNMENT != 0 || section->offset < end ||
        section->offset > size || section->length > size - section->offset)
      return refuse_damaged (error, name, "place of a section");
    if (!is_zero (data + end, section->offset - end))
      return refuse_damaged (error, name, "gap between sections");
    if (crc32_z (0, data + section->offset, section->length) !=
        section->checksum)
      return refuse_damaged (error, name, "checksum of a section");
    end = section->offset + section->length;
  }
  if (end != size)
    return refuse_damaged (error, name, "bytes after the last section");
  return TRUE;
}

/* Finds the one section of @type, @n records of @record_size. */
static gboolean
find_section (const WeirBankHeader *header, WeirBankSectionType type,
    gsize record_size, gconstpointer *records, gsize *n, const gchar *name,
    GError **error)
{
  const WeirBankSection *sections = (const WeirBankSection *) (header + 1);
  const WeirBankSection *found = NULL;
  guint i;

  for (i = 0; i < header->n_sections; i++) {
    if (sections[i].type != type)
      continue;
    if (found != NULL)
      return refuse_damaged (error, name, "a section is there twice");
    found = &sections[i];
  }
  if (found == NULL)
    return refuse_damaged (error, name, "a section is missing");
  if (found->length % record_size != 0)
    return refuse_damaged (error, name, "length of a section");
  *records = (const guint8 *) header + found->offset;
  *n = found->length / record_size;
  if (*n > WEIR_BANK_MAX_RECORDS)
    return weir_bank_refuse (error, WEIR_BANK_ERROR_LIMIT, name,
        "holds more than %d records of one kind; split it",
        WEIR_BANK_MAX_RECORDS);
  return TRUE;
}

static gboolean
has_section (const WeirBankHeader *header, WeirBankSectionType type)
{
  const WeirBankSection *sections = (const WeirBankSection *) (header + 1);
  guint i;

  for (i = 0; i < header->n_sections; i++) {
    if (sections[i].type == type)
      return TRUE;
  }
  return FALSE;
}

/* The steps are there with a span for each reference, or not at all. */
static gboolean
find_sound (WeirBankSegment *segment, const gchar *name, GError **error)
{
  const WeirBankHeader *header = segment->header;
  gconstpointer spans, steps;
  gsize n_spans, n_steps, i;

  if (!has_section (header, WEIR_BANK_SECTION_SOUND_SPANS) &&
      !has_section (header, WEIR_BANK_SECTION_SOUND_STEPS))
    return TRUE;
  if (!find_section (header, WEIR_BANK_SECTION_SOUND_SPANS,
          sizeof (WeirBankSoundSpan), &spans, &n_spans, name, error) ||
      !find_section (header, WEIR_BANK_SECTION_SOUND_STEPS,
          sizeof (WeirSoundStep), &steps, &n_steps, name, error))
    return FALSE;
  segment->sound_spans = spans;
  segment->sound_steps = steps;
  if (n_spans != segment->n_references)
    return refuse_damaged (error, name, "sections of different length");
  for (i = 0; i < n_spans; i++) {
    const WeirBankSoundSpan *span = &segment->sound_spans[i];

    if (span->first > n_steps || span->n_steps > n_steps - span->first)
      return refuse_damaged (error, name, "place of a reference's sound");
  }
  return TRUE;
}

static gboolean
find_sections (WeirBankSegment *segment, const gchar *name, GError **error)
{
  const WeirBankHeader *header = segment->header;
  gconstpointer strings, references, order, hashes, infos, starts, keys;
  gconstpointer postings;
  gsize n_references, n_order, n_hashes, n_infos, n_starts, n_keys, n_postings;

  if (!find_section (header, WEIR_BANK_SECTION_STRINGS, 1, &strings,
          &segment->strings_length, name, error) ||
      !find_section (header, WEIR_BANK_SECTION_REFERENCES,
          sizeof (WeirBankReferenceRecord), &references, &n_references, name,
          error) ||
      !find_section (header, WEIR_BANK_SECTION_REFERENCE_ORDER,
          sizeof (guint32), &order, &n_order, name, error) ||
      !find_section (header, WEIR_BANK_SECTION_VIDEO_HASHES,
          sizeof (WeirPdqHash), &hashes, &n_hashes, name, error) ||
      !find_section (header, WEIR_BANK_SECTION_VIDEO_INFOS,
          sizeof (WeirBankVideoInfo), &infos, &n_infos, name, error) ||
      !find_section (header, WEIR_BANK_SECTION_VIDEO_STARTS, sizeof (guint32),
          &starts, &n_starts, name, error) ||
      !find_section (header, WEIR_BANK_SECTION_AUDIO_KEYS, sizeof (guint32),
          &keys, &n_keys, name, error) ||
      !find_section (header, WEIR_BANK_SECTION_AUDIO_POSTINGS,
          sizeof (WeirBankAudioPosting), &postings, &n_postings, name, error))
    return FALSE;
  if (n_references != n_order || n_hashes + 1 != n_starts ||
      n_keys != n_postings)
    return refuse_damaged (error, name, "sections of different length");

  segment->strings = strings;
  segment->references = references;
  segment->n_references = (guint32) n_references;
  segment->reference_order = order;
  segment->video.hashes = hashes;
  segment->video.n_hashes = (guint32) n_hashes;
  segment->video_starts = starts;
  segment->video_infos = infos;
  segment->n_video = (guint32) n_infos;
  segment->audio_keys = keys;
  segment->audio_postings = postings;
  segment->n_audio = (guint32) n_keys;
  return TRUE;
}

/* The next section of a table from number @from on, or NULL. */
static const WeirBankSection *
find_table (const WeirBankHeader *header, guint from)
{
  const WeirBankSection *sections = (const WeirBankSection *) (header + 1);

  for (guint i = from; i < header->n_sections; i++) {
    if (sections[i].type == WEIR_BANK_SECTION_VIDEO_TABLE)
      return &sections[i];
  }
  return NULL;
}

/* Each part with its tables, which are in the same order. */
static gboolean
add_parts (WeirVideoIndex *index, const WeirBankHeader *header,
    const WeirBankVideoPart *parts, gsize n_parts)
{
  const WeirBankSection *sections = (const WeirBankSection *) (header + 1);
  const WeirBankSection *table = find_table (header, 0);

  for (gsize i = 0; i < n_parts; i++) {
    if (!weir_video_index_add_part (index, &parts[i]))
      return FALSE;
    for (guint j = 0; j < parts[i].n_tables; j++) {
      if (table == NULL ||
          !weir_video_index_add_table (
              index, (const guint8 *) header + table->offset, table->length))
        return FALSE;
      table = find_table (header, (guint) (table - sections) + 1);
    }
  }
  return table == NULL && weir_video_index_is_complete (index);
}

static gboolean
open_index (WeirBankSegment *segment, const gchar *name, GError **error)
{
  gconstpointer parts;
  gsize n_parts;

  if (!find_section (segment->header, WEIR_BANK_SECTION_VIDEO_PARTS,
          sizeof (WeirBankVideoPart), &parts, &n_parts, name, error))
    return FALSE;
  segment->video.base = segment->header;
  if (!add_parts (&segment->video, segment->header, parts, n_parts))
    return refuse_damaged (error, name, "index of the video fingerprints");
  return TRUE;
}

/* ---- The records ---- */

static gboolean
is_text (const WeirBankSegment *segment, guint32 offset)
{
  gsize rest, length;

  if (offset >= segment->strings_length)
    return FALSE;
  rest = segment->strings_length - offset;
  length = strnlen (segment->strings + offset, rest);
  return length < rest && length <= WEIR_REFERENCE_MAX_TEXT &&
         g_utf8_validate (segment->strings + offset, (gssize) length, NULL);
}

static gboolean
check_references (
    const WeirBankSegment *segment, const gchar *name, GError **error)
{
  guint32 i;

  for (i = 0; i < segment->n_references; i++) {
    const WeirBankReferenceRecord *record = &segment->references[i];

    if (!is_text (segment, record->id) || !is_text (segment, record->family) ||
        !is_text (segment, record->label) || !is_text (segment, record->list) ||
        !is_text (segment, record->source))
      return refuse_damaged (error, name, "text of a reference");
    if (segment->strings[record->id] == '\0')
      return refuse_damaged (error, name, "a reference without an id");
    if (record->opinion > WEIR_OPINION_DISPUTED ||
        record->max_action > WEIR_ACTION_CUT || record->reserved != 0 ||
        (record->flags & ~WEIR_BANK_REFERENCE_BENIGN) != 0)
      return refuse_damaged (error, name, "record of a reference");
  }
  return TRUE;
}

/* Ids that ascend are different, and so are their numbers: all are there. */
static gboolean
check_reference_order (
    const WeirBankSegment *segment, const gchar *name, GError **error)
{
  const guint32 *order = segment->reference_order;

  for (guint32 i = 0; i < segment->n_references; i++) {
    if (order[i] >= segment->n_references)
      return refuse_damaged (error, name, "number of a reference");
    if (i > 0 && strcmp (weir_bank_segment_get_id (segment, order[i - 1]),
                     weir_bank_segment_get_id (segment, order[i])) >= 0)
      return refuse_damaged (error, name, "order of the references");
  }
  return TRUE;
}

static gboolean
check_video (WeirBankSegment *segment, const gchar *name, GError **error)
{
  const guint32 n_hashes = segment->video.n_hashes;
  guint32 i;

  for (i = 0; i < n_hashes; i++) {
    if (segment->video_starts[i] >= segment->video_starts[i + 1])
      return refuse_damaged (error, name, "order of the video fingerprints");
  }
  if (segment->video_starts[0] != 0 ||
      segment->video_starts[n_hashes] != segment->n_video)
    return refuse_damaged (error, name, "number of video fingerprints");
  for (i = 0; i < segment->n_video; i++) {
    const WeirBankVideoInfo *info = &segment->video_infos[i];

    if (info->reference >= segment->n_references || info->quality > 100 ||
        info->view >= WEIR_N_VIEWS || info->reserved != 0)
      return refuse_damaged (error, name, "record of a video fingerprint");
    segment->counts[info->reference].n_video++;
  }
  return TRUE;
}

static gboolean
check_audio (WeirBankSegment *segment, const gchar *name, GError **error)
{
  guint32 i;

  for (i = 0; i < segment->n_audio; i++) {
    const WeirBankAudioPosting *posting = &segment->audio_postings[i];

    if (posting->reference >= segment->n_references)
      return refuse_damaged (error, name, "record of an audio fingerprint");
    if (i > 0 && segment->audio_keys[i - 1] > segment->audio_keys[i])
      return refuse_damaged (error, name, "order of the audio keys");
    segment->counts[posting->reference].n_audio++;
  }
  return TRUE;
}

/* A table over the upper bits of the keys, so that a lookup need not search
 * them all: as many bits as give a table no longer than the keys. */
static void
index_audio (WeirBankSegment *segment)
{
  guint bits = 0;
  guint32 i, k = 0;

  while (bits < WEIR_LANDMARK_PAIR_BITS && segment->n_audio >> (bits + 1) > 0)
    bits++;
  /* A shift by the whole width has no meaning in C. */
  bits = MAX (bits, 1);
  segment->audio_start_shift = 32 - bits;
  segment->audio_starts = g_new (guint32, (1u << bits) + 1);
  for (i = 0; i < 1u << bits; i++) {
    while (k < segment->n_audio &&
           segment->audio_keys[k] >> segment->audio_start_shift < i)
      k++;
    segment->audio_starts[i] = k;
  }
  segment->audio_starts[i] = segment->n_audio;
}

gboolean
weir_bank_segment_open (
    WeirBankSegment *segment, GBytes *bytes, const gchar *name, GError **error)
{
  gsize size;

  segment->bytes = g_bytes_ref (bytes);
  segment->header = g_bytes_get_data (bytes, &size);
  if (!check_header (segment->header, size, name, error) ||
      !check_sections (segment->header, name, error) ||
      !find_sections (segment, name, error))
    return FALSE;
  segment->counts = g_new0 (WeirFingerprintCounts, segment->n_references);
  if (!check_references (segment, name, error) ||
      !check_reference_order (segment, name, error) ||
      !check_video (segment, name, error) ||
      !open_index (segment, name, error) ||
      !check_audio (segment, name, error) || !find_sound (segment, name, error))
    return FALSE;
  index_audio (segment);
  weir_video_coverage_init (&segment->coverage, segment->video_infos,
      segment->n_video, segment->n_references);
  return TRUE;
}

const gchar *
weir_bank_segment_get_id (const WeirBankSegment *segment, guint32 number)
{
  return segment->strings + segment->references[number].id;
}

gboolean
weir_bank_segment_find (
    const WeirBankSegment *segment, const gchar *id, guint32 *number)
{
  guint32 low = 0, high = segment->n_references;

  while (low < high) {
    guint32 middle = low + (high - low) / 2;
    guint32 candidate = segment->reference_order[middle];
    gint order = strcmp (weir_bank_segment_get_id (segment, candidate), id);

    if (order == 0) {
      *number = candidate;
      return TRUE;
    }
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return FALSE;
}

void
weir_bank_segment_clear (WeirBankSegment *segment)
{
  g_clear_pointer (&segment->bytes, g_bytes_unref);
  g_clear_pointer (&segment->counts, g_free);
  weir_video_coverage_clear (&segment->coverage);
  g_clear_pointer (&segment->audio_starts, g_free);
}

/* ---- Files ---- */

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
