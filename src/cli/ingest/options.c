/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of weir-ingest, and what it asks for. */

#include "options.h"

#include "bank/bank.h"
#include "media.h"
#include "output.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define LISTEN          "127.0.0.1:8080"
#define SESSIONS_MAX    32
#define CONNECT_TIMEOUT 10
#define DENY_TIME       3600

/* NULL, or what is missing or does not go together. */
static const gchar *
check_options (const IngestOptions *options)
{
  WeirAction action;

  if (!options->tokens && !options->token_file && !options->open)
    return "say who may publish, with --token, --token-file or --open";
  if ((options->tokens || options->token_file) && options->open)
    return "--open is for anybody, --token and --token-file for some; choose";
  if (!options->bank && !options->properties)
    return "name the bank to look up in with --bank";
  if (options->max_action &&
      !weir_action_from_string (options->max_action, &action))
    return "--max-action is none, flag or cut";
  if (!options->record == !options->output)
    return "say where streams go, with either --record or --output";
  if (!options->certificate != !options->key)
    return "--tls-certificate and --tls-key go together";
  if (options->sessions < 1 || options->connect_timeout < 1 ||
      options->deny_for < 0)
    return "--max-sessions and --connect-timeout are at least 1, --deny-for 0";
  return NULL;
}

gboolean
ingest_options_parse (
    IngestOptions *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "listen", 'l', 0, G_OPTION_ARG_STRING, &options->listen,
        "Where to listen (default: 127.0.0.1:8080)", "ADDRESS:PORT" },
    { "tls-certificate", 0, 0, G_OPTION_ARG_FILENAME, &options->certificate,
        "Listen with TLS: the certificate, and those that signed it, PEM",
        "FILE" },
    { "tls-key", 0, 0, G_OPTION_ARG_FILENAME, &options->key,
        "Its private key, PEM", "FILE" },
    { "token", 't', 0, G_OPTION_ARG_STRING_ARRAY, &options->tokens,
        "A bearer token that may publish (may be repeated)", "TOKEN" },
    { "token-file", 0, 0, G_OPTION_ARG_FILENAME, &options->token_file,
        "Tokens, one a line, behind each, if wanted, its name in events",
        "FILE" },
    { "open", 0, 0, G_OPTION_ARG_NONE, &options->open,
        "Anybody may publish, without a token", NULL },
    { "bank", 'b', 0, G_OPTION_ARG_FILENAME, &options->bank,
        "The bank to look up in, or several separated by commas", "BANK" },
    { "max-action", 0, 0, G_OPTION_ARG_STRING, &options->max_action,
        "The strongest verdict: none, flag (default) or cut", "ACTION" },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->properties,
        "A property of the element weir (may be repeated)", "NAME=VALUE" },
    { "record", 'r', 0, G_OPTION_ARG_FILENAME, &options->record,
        "Record each stream to a Matroska file in this directory",
        "DIRECTORY" },
    { "output", 'o', 0, G_OPTION_ARG_STRING, &options->output,
        "Where streams go, as gst-launch-1.0 has it; elements named video, "
        "audio or mux take them, %s is the stream's id",
        "FRAGMENT" },
    { "ice-address", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->ice_addresses,
        "Offer this address of the machine for media instead of all, "
        "127.0.0.1 for one (may be repeated)",
        "ADDRESS" },
    { "ports", 0, 0, G_OPTION_ARG_STRING, &options->ports,
        "UDP ports for media (default: any)", "FIRST-LAST" },
    { "stun", 0, 0, G_OPTION_ARG_STRING, &options->stun,
        "Learn the public address from this STUN server", "HOST:PORT" },
    { "ice-server", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->ice_servers,
        "Tell publishers of this stun: or turn: server (may be repeated)",
        "URL[,USER,PASSWORD]" },
    { "max-sessions", 0, 0, G_OPTION_ARG_INT, &options->sessions,
        "How many at a time (default: 32)", "N" },
    { "connect-timeout", 0, 0, G_OPTION_ARG_INT, &options->connect_timeout,
        "From offer to connection at most (default: 10)", "SECONDS" },
    { "deny-for", 0, 0, G_OPTION_ARG_INT, &options->deny_for,
        "Refuse a token that was cut for so long (default: 3600)", "SECONDS" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version,
        "Print the version", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  const gchar *wrong;

  options->sessions = SESSIONS_MAX;
  options->connect_timeout = CONNECT_TIMEOUT;
  options->deny_for = DENY_TIME;
  g_option_context_set_summary (context,
      "Takes live streams in from browsers and encoders over WebRTC (WHIP), "
      "looks them up in a bank, records or passes them on, and prints events "
      "as lines of JSON.");
  g_option_context_set_description (
      context, "Exit status: 0 done, 1 failed, 2 wrong usage.\n");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (!options->listen)
    options->listen = g_strdup (LISTEN);
  if (options->version)
    return TRUE;
  wrong = *argc > 1 ? "there are arguments, and only options are known"
                    : check_options (options);
  if (wrong)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "%s", wrong);
  return !wrong;
}

void
ingest_options_clear (IngestOptions *options)
{
  g_free (options->listen);
  g_free (options->certificate);
  g_free (options->key);
  g_strfreev (options->tokens);
  g_free (options->token_file);
  g_free (options->bank);
  g_free (options->max_action);
  g_strfreev (options->properties);
  g_free (options->record);
  g_free (options->output);
  g_strfreev (options->ice_addresses);
  g_free (options->ports);
  g_free (options->stun);
  g_strfreev (options->ice_servers);
}

/* ---- settings ---- */

static gboolean
set_ports (IngestSettings *settings, const gchar *ports, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (ports ? ports : "", "-", 3);
  guint64 first, last;

  if (!ports)
    return TRUE;
  if (g_strv_length (parts) == 2 &&
      g_ascii_string_to_unsigned (parts[0], 10, 1, 65535, &first, NULL) &&
      g_ascii_string_to_unsigned (parts[1], 10, first, 65535, &last, NULL)) {
    settings->port_min = (guint) first;
    settings->port_max = (guint) last;
    return TRUE;
  }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "--ports is FIRST-LAST, as 50000-50999, not '%s'", ports);
  return FALSE;
}

static gboolean
set_addresses (IngestSettings *settings, gchar **addresses, GError **error)
{
  gchar **address;

  settings->local_addresses = addresses;
  for (address = addresses; address && *address; address++) {
    if (g_hostname_is_ip_address (*address))
      continue;
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--ice-address is an address of this machine, as 192.0.2.1, not '%s'",
        *address);
    return FALSE;
  }
  return TRUE;
}

static gboolean
set_stun_server (IngestSettings *settings, gchar *server, GError **error)
{
  const gchar *colon = server ? strrchr (server, ':') : NULL;

  settings->stun_server = server;
  if (!server || (colon && colon > server &&
                     g_ascii_string_to_unsigned (
                         colon + 1, 10, 1, G_MAXUINT16, NULL, NULL)))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "--stun is HOST:PORT, as stun.example.net:3478, not '%s'", server);
  return FALSE;
}

/* One field Link of RFC 9725, section 4.6. */
static gchar *
make_link (const gchar *server, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (server, ",", 3);
  guint n_parts = g_strv_length (parts);
  gboolean is_turn = g_regex_match_simple ("^turns?:", server, 0, 0);

  if (strpbrk (server, "<>\"\\\r\n") ||
      !(is_turn || g_regex_match_simple ("^stuns?:", server, 0, 0)) ||
      n_parts != (is_turn ? 3 : 1)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--ice-server is stun:HOST:PORT or turn:HOST:PORT,USER,PASSWORD, not "
        "'%s'",
        server);
    return NULL;
  }
  if (!is_turn)
    return g_strdup_printf ("<%s>; rel=\"ice-server\"", server);
  return g_strdup_printf (
      "<%s>; rel=\"ice-server\"; username=\"%s\"; credential=\"%s\"; "
      "credential-type=\"password\"",
      parts[0], parts[1], parts[2]);
}

static gboolean
set_ice_servers (IngestSettings *settings, gchar **servers, GError **error)
{
  g_autoptr (GPtrArray) links = g_ptr_array_new_with_free_func (g_free);

  for (; servers && *servers; servers++) {
    gchar *link = make_link (*servers, error);

    if (!link)
      return FALSE;
    g_ptr_array_add (links, link);
  }
  g_ptr_array_add (links, NULL);
  settings->ice_servers =
      (gchar **) g_ptr_array_free (g_steal_pointer (&links), FALSE);
  return TRUE;
}

/* The element lets streams pass without its bank; here that is no use. */
static gboolean
check_property (const gchar *property, GError **error)
{
  g_autoptr (WeirBank) bank = NULL;

  if (!ingest_media_check_property (property, error))
    return FALSE;
  if (!g_str_has_prefix (property, "bank="))
    return TRUE;
  bank = weir_bank_open (property + strlen ("bank="), error);
  return bank != NULL;
}

static gboolean
set_properties (
    IngestSettings *settings, const IngestOptions *options, GError **error)
{
  g_autoptr (GPtrArray) properties = g_ptr_array_new_with_free_func (g_free);
  gchar **property;
  guint i;

  if (options->bank)
    g_ptr_array_add (properties, g_strconcat ("bank=", options->bank, NULL));
  if (options->max_action)
    g_ptr_array_add (
        properties, g_strconcat ("max-action=", options->max_action, NULL));
  for (property = options->properties; property && *property; property++)
    g_ptr_array_add (properties, g_strdup (*property));
  for (i = 0; i < properties->len; i++)
    if (!check_property (properties->pdata[i], error))
      return FALSE;
  g_ptr_array_add (properties, NULL);
  settings->properties =
      (gchar **) g_ptr_array_free (g_steal_pointer (&properties), FALSE);
  return TRUE;
}

gboolean
ingest_options_make_settings (
    const IngestOptions *options, IngestSettings *settings, GError **error)
{
  settings->output = options->record ? ingest_output_record (options->record)
                                     : g_strdup (options->output);
  settings->sessions_max = (guint) options->sessions;
  settings->connect_timeout = (guint) options->connect_timeout;
  settings->deny_time = (guint) options->deny_for;
  if (options->record && (g_mkdir_with_parents (options->record, 0777) != 0 ||
                             g_access (options->record, W_OK | X_OK) != 0)) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
        "cannot record to %s: %s", options->record, g_strerror (errno));
    return FALSE;
  }
  return set_addresses (settings, options->ice_addresses, error) &&
         set_ports (settings, options->ports, error) &&
         set_stun_server (settings, options->stun, error) &&
         set_ice_servers (settings, options->ice_servers, error) &&
         set_properties (settings, options, error);
}

void
ingest_options_clear_settings (IngestSettings *settings)
{
  g_strfreev (settings->properties);
  g_free (settings->output);
  g_strfreev (settings->ice_servers);
}

gboolean
ingest_options_fill_tokens (
    const IngestOptions *options, IngestTokens *tokens, GError **error)
{
  gchar **token;

  ingest_tokens_set_open (tokens, options->open);
  for (token = options->tokens; token && *token; token++) {
    if (!ingest_tokens_add (tokens, *token, NULL)) {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
          "a token is up to 256 letters, digits and -._~+/");
      return FALSE;
    }
  }
  if (options->token_file &&
      !ingest_tokens_load (tokens, options->token_file, error))
    return FALSE;
  if (options->open || ingest_tokens_get_n (tokens) > 0)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "%s holds no token; nobody could publish", options->token_file);
  return FALSE;
}
