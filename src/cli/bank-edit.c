/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weir bank merge, remove, edit, add: banks made of banks. */

#include "bank/bank-folder.h"
#include "bank/bank-merge.h"
#include "cli.h"
#include "reference-options.h"

#include <string.h>

static int
fail (const GError *error)
{
  cli_error ("%s", error->message);
  return CLI_FAILED;
}

static int
write_bank (WeirBankBuilder *builder, const gchar *output)
{
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  return weir_bank_builder_write (builder, output, now, &error) ? CLI_DONE
                                                                : fail (error);
}

/* ---- merge ---- */

/* FALSE after an error that names both banks when an id is in both. */
static gboolean
check_ids (const WeirBank *a, const WeirBank *b)
{
  guint32 index;

  for (guint32 i = 0; i < weir_bank_get_n_indices (b); i++) {
    WeirReference reference;

    weir_bank_get_reference (b, i, &reference);
    if (!weir_bank_has_reference (b, i) ||
        !weir_bank_find_reference (a, reference.id, &index))
      continue;
    cli_error ("%s and %s both have the reference '%s'; take it out of one "
               "with 'weir bank remove'",
        weir_bank_get_path (a), weir_bank_get_path (b), reference.id);
    return FALSE;
  }
  return TRUE;
}

static int
merge (gchar **paths, const gchar *output)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GPtrArray) banks =
      g_ptr_array_new_with_free_func ((GDestroyNotify) weir_bank_unref);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; paths[i]; i++) {
    WeirBank *bank = weir_bank_open (paths[i], &error);

    if (!bank)
      return fail (error);
    for (guint k = 0; k < i; k++)
      if (!check_ids (g_ptr_array_index (banks, k), bank)) {
        weir_bank_unref (bank);
        return CLI_FAILED;
      }
    g_ptr_array_add (banks, bank);
    if (!weir_bank_builder_add_bank (builder, bank, NULL, NULL, &error))
      return fail (error);
  }
  return write_bank (builder, output);
}

int
cli_bank_merge (int argc, char **argv)
{
  g_autofree gchar *output = NULL;
  const GOptionEntry entries[] = {
    CLI_OUTPUT_ENTRY (output),
    { NULL },
  };
  g_auto (GStrv) rest = NULL;

  if (!cli_parse (argc, argv, entries, "BANK...",
          "Joins banks, files or folders, into one file.", &rest))
    return CLI_USAGE;
  if (!output)
    return cli_usage_error (argv[0], "name the bank to write with -o");
  if (!rest[0])
    return cli_usage_error (argv[0], "name the banks to join");
  return merge (rest, output);
}

/* ---- remove ---- */

typedef struct {
  GHashTable *ids; /* of those to be removed */
  gchar *family, *label, *list;
  guint n_removed;
} Removal;

static void
clear_removal (Removal *removal)
{
  g_clear_pointer (&removal->ids, g_hash_table_unref);
  g_free (removal->family);
  g_free (removal->label);
  g_free (removal->list);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Removal, clear_removal)

static gboolean
is_wanted (const gchar *wanted, const gchar *value)
{
  return wanted && strcmp (wanted, value) == 0;
}

static gboolean
keeps (const WeirReference *reference, gpointer user_data)
{
  Removal *removal = user_data;
  gboolean removes = g_hash_table_contains (removal->ids, reference->id) ||
                     is_wanted (removal->family, reference->family) ||
                     is_wanted (removal->label, reference->label) ||
                     is_wanted (removal->list, reference->list);

  removal->n_removed += removes;
  return !removes;
}

static int
remove_references (
    const gchar *path, gchar **ids, Removal *removal, const gchar *output)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBank) bank = weir_bank_open (path, &error);
  guint32 index;

  if (!bank)
    return fail (error);
  removal->ids = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; ids[i]; i++) {
    if (!weir_bank_find_reference (bank, ids[i], &index)) {
      cli_error (
          "%s has no reference '%s'; see 'weir bank list'", path, ids[i]);
      return CLI_FAILED;
    }
    g_hash_table_add (removal->ids, ids[i]);
  }
  if (!weir_bank_builder_add_bank (builder, bank, keeps, removal, &error))
    return fail (error);
  if (removal->n_removed == 0) {
    cli_error ("%s has nothing of that family, label or list; see 'weir bank "
               "list'",
        path);
    return CLI_FAILED;
  }
  return write_bank (builder, output);
}

int
cli_bank_remove (int argc, char **argv)
{
  g_auto (Removal) removal = { 0 };
  g_autofree gchar *output = NULL;
  const GOptionEntry entries[] = {
    CLI_OUTPUT_ENTRY (output),
    { "family", 0, 0, G_OPTION_ARG_STRING, &removal.family,
        "All references of this family", "FAMILY" },
    { "label", 0, 0, G_OPTION_ARG_STRING, &removal.label,
        "All references with this label", "LABEL" },
    { "list", 0, 0, G_OPTION_ARG_STRING, &removal.list,
        "All references of this list", "LIST" },
    { NULL },
  };
  g_auto (GStrv) rest = NULL;

  if (!cli_parse (argc, argv, entries, "BANK [ID...]",
          "Writes a bank anew without the references named.", &rest))
    return CLI_USAGE;
  if (!output)
    return cli_usage_error (argv[0], "name the bank to write with -o");
  if (!rest[0])
    return cli_usage_error (argv[0], "name the bank to remove from");
  if (!rest[1] && !removal.family && !removal.label && !removal.list)
    return cli_usage_error (argv[0], "name what to remove");
  return remove_references (rest[0], rest + 1, &removal, output);
}

/* ---- edit ---- */

typedef struct {
  CliReferenceOptions options;
  GHashTable *ids; /* of those to be changed; empty: all */
} Edit;

static void
clear_edit (Edit *edit)
{
  cli_reference_options_clear (&edit->options);
  g_hash_table_unref (edit->ids);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Edit, clear_edit)

static void
change_text (const gchar **text, const gchar *given)
{
  if (given)
    *text = given;
}

static void
change_reference (WeirReference *reference, gpointer user_data)
{
  const Edit *edit = user_data;
  const CliReferenceOptions *options = &edit->options;

  if (g_hash_table_size (edit->ids) > 0 &&
      !g_hash_table_contains (edit->ids, reference->id))
    return;
  change_text (&reference->family, options->family);
  change_text (&reference->label, options->label);
  change_text (&reference->list, options->list);
  change_text (&reference->source, options->source);
  if (options->has_opinion)
    reference->opinion = options->opinion;
  if (options->max_action_text)
    reference->max_action = options->max_action;
  if (options->not_before_text)
    reference->not_before = options->not_before;
  if (options->not_after_text)
    reference->not_after = options->not_after;
}

static gboolean
changes_nothing (const CliReferenceOptions *options)
{
  return !options->family && !options->label && !options->list &&
         !options->source && !options->has_opinion &&
         !options->max_action_text && !options->not_before_text &&
         !options->not_after_text;
}

static int
edit_references (
    const gchar *path, gchar **ids, Edit *edit, const gchar *output)
{
  g_autoptr (WeirBankBuilder) builder = weir_bank_builder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBank) bank = weir_bank_open (path, &error);
  guint32 index;

  if (!bank)
    return fail (error);
  for (guint i = 0; ids[i]; i++) {
    if (!weir_bank_find_reference (bank, ids[i], &index)) {
      cli_error (
          "%s has no reference '%s'; see 'weir bank list'", path, ids[i]);
      return CLI_FAILED;
    }
    g_hash_table_add (edit->ids, ids[i]);
  }
  if (!weir_bank_builder_add_changed (
          builder, bank, change_reference, edit, &error))
    return fail (error);
  return write_bank (builder, output);
}

int
cli_bank_edit (int argc, char **argv)
{
  g_auto (Edit) edit = { .ids = g_hash_table_new (g_str_hash, g_str_equal) };
  CliReferenceOptions *options = &edit.options;
  g_autofree gchar *output = NULL;
  const GOptionEntry entries[] = {
    CLI_OUTPUT_ENTRY (output),
    CLI_REFERENCE_ENTRIES (edit.options, "", "", "", ""),
    { NULL },
  };
  g_auto (GStrv) rest = NULL;

  if (!cli_parse (argc, argv, entries, "BANK [ID...]",
          "Writes a bank anew with other words about the references named, or "
          "about all.",
          &rest) ||
      !cli_reference_options_read (options, argv[0]))
    return CLI_USAGE;
  if (!output)
    return cli_usage_error (argv[0], "name the bank to write with -o");
  if (!rest[0])
    return cli_usage_error (argv[0], "name the bank to edit");
  if (changes_nothing (options))
    return cli_usage_error (argv[0], "name what to change");
  return edit_references (rest[0], rest + 1, &edit, output);
}

/* ---- add ---- */

int
cli_bank_add (int argc, char **argv)
{
  g_autofree gchar *output = NULL;
  g_auto (GStrv) ids = NULL;
  gboolean replace = FALSE, instead = FALSE;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
        "The folder to change (needed)", "FOLDER" },
    { "remove", 0, 0, G_OPTION_ARG_STRING_ARRAY, &ids,
        "Take this reference back; may be given again", "ID" },
    { "replace", 0, 0, G_OPTION_ARG_NONE, &replace,
        "What is added takes the place of references with the same ids", NULL },
    { "instead", 0, 0, G_OPTION_ARG_NONE, &instead,
        "What is added takes the place of all that is there", NULL },
    { NULL },
  };
  g_auto (GStrv) rest = NULL;
  g_autoptr (GError) error = NULL;

  if (!cli_parse (argc, argv, entries, "[BANK...]",
          "Adds bank files to a folder that is a bank, and takes references "
          "back, as one change.",
          &rest))
    return CLI_USAGE;
  if (!output)
    return cli_usage_error (argv[0], "name the folder to change with -o");
  if (!rest[0] && !ids)
    return cli_usage_error (argv[0], "name banks to add, or use --remove");
  if (instead && ids)
    return cli_usage_error (argv[0], "--instead takes everything back");
  if (!weir_bank_folder_change (
          output, &(WeirBankChange){ rest, ids, replace, instead }, &error))
    return fail (error);
  return CLI_DONE;
}
