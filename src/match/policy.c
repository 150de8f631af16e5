/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in policy. */

#include "match/policy.h"

#include <math.h>

void
weir_policy_init (WeirPolicy *policy)
{
  *policy = (WeirPolicy){
    .flag_false_alarm = 1e-7,
    .cut_false_alarm = 1e-10,
    .prior = 1e-6,
    .end_gap = 3 * G_GINT64_CONSTANT (1000000000),
    .update_interval = 5 * G_GINT64_CONSTANT (1000000000),
  };
}

gdouble
weir_policy_get_flag_evidence (const WeirPolicy *policy)
{
  return -log (policy->flag_false_alarm);
}

gdouble
weir_policy_get_cut_evidence (const WeirPolicy *policy)
{
  return -log (policy->cut_false_alarm);
}

gdouble
weir_policy_get_confidence (const WeirPolicy *policy, gdouble evidence)
{
  return 1 / (1 + exp (-(evidence + log (policy->prior))));
}
