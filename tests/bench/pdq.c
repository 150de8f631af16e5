/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long PDQ of a luma plane takes, beside reading the plane from memory and
 * beside the definition of PDQ computed step by step.
 *
 * Planes are taken in turn from a pool larger than the last cache, so that each
 * is read from memory, as a frame is that a decoder has just written.
 */
#include "fingerprint/pdq.h"

#include "../unit/pdq-definition.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MIN_POOL_BYTES (192u << 20)
#define N_RUNS         301
#define N_RUNS_OF_PEER 7

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

typedef struct {
  guint8 *planes;
  gsize plane_size; /* bytes */
  guint n_planes;
  guint width;
  guint height;
} Pool;

typedef enum { WORK_READ, WORK_HASH, WORK_DEFINITION } Work;

typedef struct {
  gdouble read;
  gdouble hash;
  gdouble definition;
} Times; /* CPU milliseconds a frame, medians */

/* What the compiler cannot see to be unused. */
static volatile guint64 sink;

static gdouble
cpu_milliseconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gdouble) now.tv_sec * 1e3 + (gdouble) now.tv_nsec / 1e6;
}

static gsize
pool_bytes (void)
{
  glong cache = sysconf (_SC_LEVEL3_CACHE_SIZE);

  return MAX (MIN_POOL_BYTES, 3 * (gsize) MAX (cache, 0));
}

static void
pool_init (Pool *pool, guint width, guint height)
{
  g_autofree guint8 *scene =
      pdq_picture_new (PDQ_PICTURE_SCENE, width, height, 1);

  pool->width = width;
  pool->height = height;
  pool->plane_size = (gsize) width * height;
  pool->n_planes = (guint) (pool_bytes () / pool->plane_size) + 1;
  pool->planes = g_malloc (pool->n_planes * pool->plane_size);
  for (guint i = 0; i < pool->n_planes; i++)
    memcpy (pool->planes + i * pool->plane_size, scene, pool->plane_size);
}

static guint64
sum_words (const guint8 *plane, gsize size)
{
  guint64 sum = 0;

  for (gsize i = 0; i + sizeof sum <= size; i += sizeof sum) {
    guint64 word;

    memcpy (&word, plane + i, sizeof word);
    sum += word;
  }
  return sum;
}

static guint64
hash_plane (WeirPdqHasher *hasher, const Pool *pool, const guint8 *plane)
{
  WeirLuma luma = {
    .data = plane,
    .stride = (gssize) pool->width,
    .pixel_stride = 1,
    .width = pool->width,
    .height = pool->height,
    .depth = 8,
  };
  WeirPdqPicture picture;
  WeirPdqHash hash;

  weir_pdq_hasher_run (hasher, &luma, &picture);
  weir_pdq_picture_get_hash (&picture, WEIR_PDQ_PLAIN, &hash);
  return hash.words[0] + picture.quality;
}

static guint64
define_plane (const Pool *pool, const guint8 *plane)
{
  WeirPdqHash hash;
  guint quality;

  pdq_definition_hash (
      plane, pool->width, pool->height, FALSE, &hash, &quality);
  return hash.words[0] + quality;
}

static gdouble
time_once (
    Work work, WeirPdqHasher *hasher, const Pool *pool, const guint8 *plane)
{
  gdouble start = cpu_milliseconds ();

  switch (work) {
    case WORK_READ:
      sink += sum_words (plane, pool->plane_size);
      break;
    case WORK_HASH:
      sink += hash_plane (hasher, pool, plane);
      break;
    case WORK_DEFINITION:
      sink += define_plane (pool, plane);
      break;
  }
  return cpu_milliseconds () - start;
}

static int
compare_doubles (const void *a, const void *b)
{
  gdouble first = *(const gdouble *) a;
  gdouble second = *(const gdouble *) b;

  return (first > second) - (first < second);
}

static gdouble
median (gdouble *values, guint n_values)
{
  qsort (values, n_values, sizeof *values, compare_doubles);
  return values[n_values / 2];
}

/* Reading and hashing take turns, so that both meet the same machine. */
static Times
measure (guint width, guint height)
{
  static gdouble read[N_RUNS], hash[N_RUNS], definition[N_RUNS_OF_PEER];
  g_autoptr (WeirPdqHasher) hasher = weir_pdq_hasher_new (width, height);
  Pool pool;
  guint next = 0;
  Times times;

  pool_init (&pool, width, height);
  for (guint i = 0; i < N_RUNS; i++) {
    read[i] = time_once (WORK_READ, hasher, &pool,
        pool.planes + next++ % pool.n_planes * pool.plane_size);
    hash[i] = time_once (WORK_HASH, hasher, &pool,
        pool.planes + next++ % pool.n_planes * pool.plane_size);
  }
  for (guint i = 0; i < N_RUNS_OF_PEER; i++)
    definition[i] = time_once (WORK_DEFINITION, hasher, &pool,
        pool.planes + next++ % pool.n_planes * pool.plane_size);
  g_free (pool.planes);

  times.read = median (read, N_RUNS);
  times.hash = median (hash, N_RUNS);
  times.definition = median (definition, N_RUNS_OF_PEER);
  return times;
}

static gchar *
machine_name (void)
{
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL))
    return g_strdup ("unknown processor");
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const gchar *colon = strchr (lines[i], ':');

    if (g_str_has_prefix (lines[i], "model name") && colon != NULL)
      return g_strstrip (g_strdup (colon + 1));
  }
  return g_strdup ("unknown processor");
}

static void
print_json_row (guint width, guint height, const gchar *peer, gdouble value,
    gdouble peer_value)
{
  g_print ("{\"name\":\"pdq-%ux%u\",\"value\":%.4f,\"unit\":\"ms\","
           "\"peer\":\"%s\",\"ratio\":%.3f}\n",
      width, height, value, peer, value / peer_value);
}

static void
print_row (guint width, guint height, const Times *times)
{
  g_print ("%5ux%-5u %9.3f %9.3f %8.2f %12.2f %8.0f\n", width, height,
      times->hash, times->read, times->hash / times->read, times->definition,
      times->definition / times->hash);
}

int
main (int argc, char **argv)
{
  static const guint sizes[][2] = { { 1920, 1080 }, { 1280, 720 },
    { 640, 360 } };
  gboolean json = argc == 2 && strcmp (argv[1], "--json") == 0;
  g_autofree gchar *machine = machine_name ();

  if (argc > 1 && !json) {
    g_printerr ("usage: %s [--json]\n", argv[0]);
    return 2;
  }
  if (!json)
    g_print ("PDQ of a luma plane, CPU ms a frame (median)\n%s, %s\n\n"
             "%11s %9s %9s %8s %12s %8s\n",
        machine, COMPILER, "size", "hash", "read", "x read", "definition",
        "faster");
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    Times times = measure (sizes[i][0], sizes[i][1]);

    if (json) {
      print_json_row (sizes[i][0], sizes[i][1], "reading the plane", times.hash,
          times.read);
      print_json_row (
          sizes[i][0], sizes[i][1], "definition", times.hash, times.definition);
    } else {
      print_row (sizes[i][0], sizes[i][1], &times);
    }
  }
  return 0;
}
