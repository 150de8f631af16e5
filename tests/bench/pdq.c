/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long PDQ of a luma plane takes, beside reading the plane from memory,
 * beside portable C alone and beside the definition of PDQ computed step by
 * step; and how long the hash of one orientation takes once that is done.
 *
 * Planes are taken in turn from a pool larger than the last cache, so that each
 * is read from memory, as a frame is that a decoder has just written.
 */
#include "fingerprint/pdq.h"
#include "fingerprint/cpu.h"

#include "../unit/pdq-definition.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MIN_POOL_BYTES (192u << 20)
#define N_RUNS         301
#define N_RUNS_OF_PEER 7
#define N_HASHES       100

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

typedef struct {
  const gchar *name;
  guint depth;
  guint pixel_stride; /* bytes */
} Layout;

static const Layout layouts[] = {
  { "bytes", 8, 1 },
  { "words", 10, 2 },       /* 10 bits in 16, as I420_10LE has them */
  { "spaced bytes", 8, 2 }, /* as YUY2 has them */
};

typedef struct {
  guint8 *planes;
  gsize plane_size; /* bytes */
  guint n_planes;
  guint next; /* plane to be taken */
  WeirLuma luma;
} Pool;

typedef struct {
  gdouble read;
  gdouble hash;
  gdouble portable;
  gdouble definition; /* of bytes alone, else 0 */
} Times;              /* CPU milliseconds a frame, medians */

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
pool_init (Pool *pool, const Layout *layout, guint width, guint height)
{
  g_autofree guint8 *scene =
      pdq_picture_new (PDQ_PICTURE_SCENE, width, height, 1);
  const guint pixel_stride = layout->pixel_stride;

  pool->next = 0;
  pool->plane_size = (gsize) width * height * pixel_stride;
  pool->n_planes = (guint) (pool_bytes () / pool->plane_size) + 1;
  pool->planes = g_malloc0 (pool->n_planes * pool->plane_size);
  for (gsize i = 0; i < (gsize) width * height; i++) {
    guint sample = (guint) scene[i] << (layout->depth - 8);

    pool->planes[i * pixel_stride] = (guint8) (sample & 0xff);
    if (pixel_stride == 2)
      pool->planes[2 * i + 1] = (guint8) (sample >> 8);
  }
  for (guint i = 1; i < pool->n_planes; i++)
    memcpy (
        pool->planes + i * pool->plane_size, pool->planes, pool->plane_size);
  pool->luma = (WeirLuma){
    .stride = (gssize) (width * pixel_stride),
    .pixel_stride = pixel_stride,
    .width = width,
    .height = height,
    .depth = layout->depth,
  };
}

static const guint8 *
pool_next (Pool *pool)
{
  pool->luma.data =
      pool->planes + pool->next++ % pool->n_planes * pool->plane_size;
  return pool->luma.data;
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

static gdouble
time_reading (Pool *pool)
{
  const guint8 *plane = pool_next (pool);
  gdouble start = cpu_milliseconds ();

  sink += sum_words (plane, pool->plane_size);
  return cpu_milliseconds () - start;
}

static gdouble
time_hashing (Pool *pool, WeirPdqHasher *hasher)
{
  WeirPdqPicture picture;
  WeirPdqHash hash;
  gdouble start;

  pool_next (pool);
  start = cpu_milliseconds ();
  weir_pdq_hasher_run (hasher, &pool->luma, &picture);
  weir_pdq_picture_get_hash (&picture, WEIR_PDQ_PLAIN, &hash);
  sink += hash.words[0] + picture.quality;
  return cpu_milliseconds () - start;
}

static gdouble
time_definition (Pool *pool)
{
  const guint8 *plane = pool_next (pool);
  gdouble start = cpu_milliseconds ();
  WeirPdqHash hash;
  guint quality;

  pdq_definition_hash (
      plane, pool->luma.width, pool->luma.height, FALSE, &hash, &quality);
  sink += hash.words[0] + quality;
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

/* Reading and hashing take turns, so that all meet the same machine. */
static Times
measure (const Layout *layout, guint width, guint height)
{
  static gdouble read[N_RUNS], hash[N_RUNS], portable[N_RUNS];
  gdouble definition[N_RUNS_OF_PEER] = { 0.0 };
  g_autoptr (WeirPdqHasher) hasher = weir_pdq_hasher_new (width, height);
  g_autoptr (WeirPdqHasher) portable_hasher = NULL;
  Pool pool;
  Times times;

  weir_cpu_set_flags_mask (0);
  portable_hasher = weir_pdq_hasher_new (width, height);
  pool_init (&pool, layout, width, height);
  for (guint i = 0; i < N_RUNS; i++) {
    read[i] = time_reading (&pool);
    weir_cpu_set_flags_mask (G_MAXUINT);
    hash[i] = time_hashing (&pool, hasher);
    weir_cpu_set_flags_mask (0);
    portable[i] = time_hashing (&pool, portable_hasher);
  }
  weir_cpu_set_flags_mask (G_MAXUINT);
  for (guint i = 0; i < N_RUNS_OF_PEER && layout->pixel_stride == 1; i++)
    definition[i] = time_definition (&pool);
  g_free (pool.planes);

  times.read = median (read, N_RUNS);
  times.hash = median (hash, N_RUNS);
  times.portable = median (portable, N_RUNS);
  times.definition = median (definition, N_RUNS_OF_PEER);
  return times;
}

/* Milliseconds for the hash of one orientation. */
static gdouble
measure_orientation (WeirPdqOrientation orientation, guint flags_mask)
{
  static gdouble times[N_RUNS];
  g_autofree guint8 *scene = pdq_picture_new (PDQ_PICTURE_SCENE, 640, 360, 1);
  g_autoptr (WeirPdqHasher) hasher = weir_pdq_hasher_new (640, 360);
  WeirLuma luma = { scene, 640, 1, 640, 360, 8, 0, FALSE };
  WeirPdqPicture picture;

  weir_pdq_hasher_run (hasher, &luma, &picture);
  weir_cpu_set_flags_mask (flags_mask);
  for (guint i = 0; i < N_RUNS; i++) {
    gdouble start = cpu_milliseconds ();

    for (guint j = 0; j < N_HASHES; j++) {
      WeirPdqHash hash;

      weir_pdq_picture_get_hash (&picture, orientation, &hash);
      sink += hash.words[0];
    }
    times[i] = (cpu_milliseconds () - start) / N_HASHES;
  }
  weir_cpu_set_flags_mask (G_MAXUINT);
  return median (times, N_RUNS);
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
print_json (
    const gchar *name, gdouble value, const gchar *peer, gdouble peer_value)
{
  g_print ("{\"name\":\"%s\",\"value\":%.4f,\"unit\":\"ms\","
           "\"peer\":\"%s\",\"ratio\":%.3f}\n",
      name, value, peer, value / peer_value);
}

static void
print_times (const Layout *layout, guint width, guint height, gboolean json)
{
  Times times = measure (layout, width, height);
  g_autofree gchar *name = NULL;

  if (!json) {
    g_print ("%5ux%-5u %-12s %7.3f %7.3f %7.2f %9.3f %7.2f", width, height,
        layout->name, times.hash, times.read, times.hash / times.read,
        times.portable, times.portable / times.read);
    if (times.definition > 0.0)
      g_print (
          " %11.2f %7.0f", times.definition, times.definition / times.hash);
    g_print ("\n");
    return;
  }
  name = g_strdup_printf ("pdq-%ux%u%s%s", width, height,
      layout == layouts ? "" : "-", layout == layouts ? "" : layout->name);
  g_strdelimit (name, " ", '-');
  print_json (name, times.hash, "reading the plane", times.read);
  print_json (name, times.hash, "portable C", times.portable);
  if (times.definition > 0.0)
    print_json (name, times.hash, "definition", times.definition);
}

static void
print_orientation (
    WeirPdqOrientation orientation, const gchar *name, gboolean json)
{
  gdouble hash = measure_orientation (orientation, G_MAXUINT);
  gdouble portable = measure_orientation (orientation, 0);

  if (json)
    print_json (name, hash, "portable C", portable);
  else
    g_print ("%-24s %7.2f us, portable C %7.2f us\n", name, hash * 1e3,
        portable * 1e3);
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
             "%11s %-12s %7s %7s %7s %9s %7s %11s %7s\n",
        machine, COMPILER, "size", "layout", "hash", "read", "x read",
        "portable", "x read", "definition", "faster");
  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    for (guint j = 0; j < G_N_ELEMENTS (sizes); j++)
      print_times (&layouts[i], sizes[j][0], sizes[j][1], json);
  print_orientation (WEIR_PDQ_PLAIN, "pdq-orientation-plain", json);
  print_orientation (WEIR_PDQ_ROTATE_90, "pdq-orientation-turned", json);
  return 0;
}
