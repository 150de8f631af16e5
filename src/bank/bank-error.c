/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a bank is refused, as one line. */
#include "bank/bank-error.h"

/* clang-format off */
G_DEFINE_QUARK (weir-bank-error-quark, weir_bank_error)
/* clang-format on */

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

gboolean
weir_bank_refuse_damaged (GError **error, const gchar *name, const gchar *what)
{
  return weir_bank_refuse (error, WEIR_BANK_ERROR_DAMAGED, name,
      "is damaged (%s); copy or build it again", what);
}
