/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the looks of a frame to the hits that the lines count. */

#include "match/video-search.h"

struct _WeirVideoSearch {
  guint64 n_lookups;

  /* of the frame at hand */
  WeirVideoLines *lines;
  WeirLook *looks[WEIR_FRAME_LOOKS_MAX];
  WeirPdqHash queries[2 * WEIR_FRAME_LOOKS_MAX];
  GArray *found;     /* of WeirVideoHit, for all of them */
  GArray *hits;      /* of those, for the look at hand */
  GArray *part_hits; /* of those, on parts of references */
};

WeirVideoSearch *
weir_video_search_new (void)
{
  WeirVideoSearch *search = g_new0 (WeirVideoSearch, 1);

  search->found = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  search->hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  search->part_hits = g_array_new (FALSE, FALSE, sizeof (WeirVideoHit));
  return search;
}

void
weir_video_search_free (WeirVideoSearch *search)
{
  g_array_unref (search->found);
  g_array_unref (search->hits);
  g_array_unref (search->part_hits);
  g_free (search);
}

/* What a hit on a part of a reference says of the copy: the whole picture
 * shows no more than that part. A part is only looked for where it should be;
 * other hits of it are chance. */
static void
sort_hits (
    WeirVideoSearch *search, WeirView view, WeirEdits edits, WeirEdits told)
{
  GArray *hits[] = { search->hits, search->part_hits };
  const WeirEdits cropped[] = { 0, WEIR_EDIT_CROPPED };
  guint n_kept = 0, i;

  g_array_set_size (search->part_hits, 0);
  for (i = 0; i < search->hits->len; i++) {
    WeirVideoHit hit = g_array_index (search->hits, WeirVideoHit, i);

    if (!weir_view_is_part (view) && weir_view_is_part (hit.view))
      g_array_append_val (search->part_hits, hit);
    else if (!weir_view_is_part (view) || hit.view == view)
      g_array_index (search->hits, WeirVideoHit, n_kept++) = hit;
  }
  g_array_set_size (search->hits, n_kept);
  for (i = 0; i < G_N_ELEMENTS (hits); i++)
    weir_video_lines_vote (
        search->lines, edits | cropped[i], told | cropped[i], hits[i]);
}

/* The looks of @frame that say something, each as it is and mirrored. Returns
 * how many there are. */
static guint
gather_looks (WeirVideoSearch *search, WeirFrame *frame)
{
  guint n_looks = 0, i;

  for (i = 0; i < frame->n_looks; i++) {
    WeirLook *look = &frame->looks[i];

    look->hit = FALSE;
    if (!weir_look_has_weight (look))
      continue;
    search->queries[2 * n_looks] = look->hash;
    search->queries[2 * n_looks + 1] = look->mirrored;
    search->looks[n_looks++] = look;
  }
  return n_looks;
}

/* Moves the hits of @query, which begin at @begin of what was found, into
 * search->hits. Returns where they end; @benign becomes TRUE when one is. */
static guint
take_hits (WeirVideoSearch *search, guint query, guint begin, gboolean *benign)
{
  guint i;

  g_array_set_size (search->hits, 0);
  for (i = begin; i < search->found->len; i++) {
    const WeirVideoHit *hit = &g_array_index (search->found, WeirVideoHit, i);

    if (hit->query != query)
      break;
    *benign = *benign || hit->benign;
    g_array_append_vals (search->hits, hit, 1);
  }
  return i;
}

static void
mark_look (WeirLook *look, const GArray *hits)
{
  guint i;

  for (i = 0; i < hits->len; i++) {
    guint distance = g_array_index (hits, WeirVideoHit, i).distance;

    look->distance = look->hit ? MIN (look->distance, distance) : distance;
    look->hit = TRUE;
  }
}

static void
vote_for_hits (WeirVideoSearch *search, WeirLook *look, gboolean mirrored)
{
  const WeirEdits turned = mirrored ? WEIR_EDIT_MIRRORED : 0;

  sort_hits (search, mirrored ? weir_view_mirror (look->view) : look->view,
      look->edits | turned, look->told | turned);
  mark_look (look, search->hits);
  mark_look (look, search->part_hits);
}

/* Votes for what the look @index hit from @begin on. Returns where its hits
 * end; @benign says that it is no evidence of anything. */
static guint
vote_for_look (
    WeirVideoSearch *search, guint index, guint begin, gboolean *benign)
{
  WeirLook *look = search->looks[index];
  guint middle = take_hits (search, 2 * index, begin, benign);
  guint end = take_hits (search, 2 * index + 1, middle, benign);

  if (*benign || end == begin)
    return end;
  take_hits (search, 2 * index, begin, benign);
  vote_for_hits (search, look, FALSE);
  take_hits (search, 2 * index + 1, middle, benign);
  vote_for_hits (search, look, TRUE);
  return end;
}

gboolean
weir_video_search_run (WeirVideoSearch *search, WeirBank *bank,
    WeirVideoLines *lines, const WeirStamp *stamp, WeirFrame *frame)
{
  guint n_looks = gather_looks (search, frame);
  gboolean hit = FALSE, counts = FALSE;
  guint at = 0, i;

  search->lines = lines;
  weir_video_lines_begin (lines, stamp);
  g_array_set_size (search->found, 0);
  weir_bank_lookup_video_many (
      bank, search->queries, 2 * n_looks, WEIR_PDQ_RADIUS, search->found);
  search->n_lookups += 2 * n_looks;
  for (i = 0; i < n_looks; i++) {
    gboolean benign = FALSE;

    at = vote_for_look (search, i, at, &benign);
    hit = hit || search->looks[i]->hit;
    counts = counts || !benign;
  }
  if (counts)
    weir_video_lines_end (lines, &(WeirShownPicture){
                                     .hash = frame->looks[0].hash,
                                     .firm = frame->looks[0].firm,
                                 });
  return hit;
}

guint64
weir_video_search_get_n_lookups (const WeirVideoSearch *search)
{
  return search->n_lookups;
}
