/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The daemon's own settings, bound by option tables like a plugin's. The master binds them
 * without loading a plugin; a worker binds the rest of each filter block to its plugin's table
 * (chain/).
 *
 *	user filterd;  group filterd;  pid-file …;  control …;  drain-limit 5m;  plugin-path DIR;
 *	crash-limit 3;  crash-window 10m;
 *	log { to stderr; format text; level info; facility mail; }
 *	message { spool-threshold 1m; spool-directory /var/tmp; maximum-size 100m; … }
 *	regex { match-limit 100000; depth-limit 10000; heap-limit 20m; }
 *	history { keep 10000; for 7d; addresses plain; subject yes; edits yes; memory 64m; }
 *	dns { resolver system; timeout 5s; dnssec off; trust-anchor …; root-hints …;
 *	    cache-size 16m; queries-per-message 100; queries-per-filter 100; zone-file …; }
 *	record { folder /DIR; body yes; sessions 1000; size 100m; for 7d; }
 *	quarantine { store /DIR; maximum-size 1g; maximum-age 30d; release smtp ADDRESS; }
 *	admin { listen unix:/PATH inet:8892@127.0.0.1; mode 0660; public no; token-file …; }
 *	listener NAME { socket …; owner …; group …; mode 0660; workers auto; chain a b c;
 *	    maximum-sessions 1000; overload tempfail; memory-limit 1g; memory-maximum 4g; }
 *	list NAME { file GLOB …; entries a b c; }
 *	filter NAME { plugin …; when …; on-error tempfail; timeout 10s; hard-timeout 30s;
 *	    mode enforce;
 *	    … the plugin's own options … }
 *
 * Names of listeners, lists and filters are letters, digits, ".", "_" and "-", at most 64. Globs
 * of list files are relative to the file that names them; all other paths are absolute.
 */
#ifndef FILTERD_CONFIG_SETTINGS_H
#define FILTERD_CONFIG_SETTINGS_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <filterd/plugin.h>

#include "filterd/config/list.h"
#include "filterd/config/parser.h"
#include "filterd/config/schema.h"
#include "filterd/config/scope.h"
#include "filterd/service/dns.h"

enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG, LOG_TO_JOURNAL };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

enum error_policy { ON_ERROR_TEMPFAIL, ON_ERROR_REJECT, ON_ERROR_ACCEPT, ON_ERROR_SKIP };
enum overload_policy { OVERLOAD_TEMPFAIL, OVERLOAD_ACCEPT };
enum filter_mode { MODE_ENFORCE, MODE_SHADOW };

struct log_settings {
	int to;				/* enum log_target */
	int format;			/* enum log_format */
	int level;			/* enum mf_log_level: lines above it are not written */
	const char *facility;		/* of syslog(3), "mail" */
};

struct message_settings {
	struct mf_size spool_threshold;	/* body bytes kept in memory, 1m */
	const char *spool_directory;
	struct mf_size memory_limit;	/* cap of a message's arena, 16m */
	struct mf_size session_memory_limit;
	struct mf_size maximum_size;	/* body bytes kept; a larger message is refused */
	int64_t maximum_headers;
	int64_t maximum_recipients;
	struct mf_duration progress_interval;	/* between two signs of life to the MTA */
	/* what the MIME view looks at: parts, their depth, names and header fields of a part */
	int64_t maximum_parts, maximum_part_depth, maximum_part_names, maximum_part_headers;
	struct mf_size maximum_text;	/* UTF-8 that is made of all text parts together */
	int64_t maximum_links;
	/* what is looked at of an archive: see struct archive_limits */
	int64_t maximum_archive_members, maximum_archive_depth, maximum_archive_ratio;
	struct mf_size maximum_archive_size, maximum_archive_nested;
	struct mf_duration maximum_archive_time;	/* for all archives of a message */
};

struct regex_settings {
	int64_t match_limit, depth_limit;
	struct mf_size heap_limit;
};

enum history_addresses { HISTORY_PLAIN, HISTORY_HASHED, HISTORY_NONE };

/* What is kept of messages that have ended, for the admin page to show. */
struct history_settings {
	int64_t keep;			/* messages; 0: nothing is kept */
	struct mf_duration duration;	/* "for" */
	int addresses;			/* enum history_addresses */
	bool subject;
	bool edits;			/* values that filters wrote, and the diff */
	struct mf_size memory;
};

#define ADMIN_LISTEN_MAXIMUM 16		/* addresses */

/* Where the admin process is reached, and who may have it do something. */
struct admin_settings {
	/* "unix:/path" "inet:port@address" "inet6:port@address"; none at all: one unix socket
	 * beside the control socket; the one word "none": there is no admin process */
	struct mf_strings listen;
	const char *owner, *group;	/* of unix sockets; NULL: the daemon's */
	const char *mode;		/* octal text, "0660" */
	bool public;			/* it may be reached from other machines */
	struct mf_strings host;		/* names of this machine that browsers may use */
	const char *token_file;		/* NULL: none, and nothing can be done over HTTP */
};

/* A second configuration, tried beside this one on live mail. */
struct shadow_settings {
	const char *config;		/* path; NULL: none */
	int64_t processes;
	struct mf_duration time_limit;	/* for a message */
	struct mf_size maximum_size;	/* of a message; a larger one is not judged */
	struct mf_size memory_maximum;	/* what a process can allocate; 0: any */
	struct mf_size queue;		/* bytes that wait, at most */
};

/* Sessions of the MTA that are written down, to be replayed. */
struct record_settings {
	const char *folder;		/* NULL: none are */
	bool body;
	int64_t sessions;		/* files that are kept */
	struct mf_size size;		/* of all of them */
	struct mf_duration duration;	/* "for" */
};

/* Where messages that filters quarantine are kept. */
struct quarantine_settings {
	const char *store;		/* folder; NULL: the MTA holds them */
	struct mf_size maximum_size;	/* of all of them */
	struct mf_duration maximum_age;
	struct mf_strings release;	/* "smtp" and an address, or "sendmail" and a path */
};

struct filter_settings {
	const char *name;
	const char *plugin;
	const struct mf_condition *when;
	int on_error;			/* enum error_policy */
	struct mf_duration timeout;
	struct mf_duration hard_timeout;	/* 0: not given */
	int mode;			/* enum filter_mode */
	const char *where;		/* "file:line" */
	const struct config_statement *statement;	/* for binding the plugin's own options */
};

struct listener_settings {
	const char *name;
	const char *socket;		/* "unix:/path" "inet:port@address" "inet6:port@address" */
	const char *owner, *group;	/* of a unix socket; NULL: the daemon's */
	const char *mode;		/* octal text, "0660" */
	int64_t workers;		/* 0: auto, a worker a core */
	int64_t maximum_sessions;	/* of a worker */
	int overload;			/* enum overload_policy: beyond them */
	struct mf_size memory_limit;	/* of a worker: resident; 0: none */
	struct mf_size memory_maximum;	/* what it can allocate; 0: any */
	struct mf_strings chain;	/* filter names, in order */
	const char *where;
	const struct config_statement *statement;
};

/* A whole configuration, in one arena. */
struct settings {
	struct arena *arena;
	struct config_tree *tree;
	struct schema *schema;		/* for positions of members */
	struct config_scope scope;

	const char *user, *group;	/* NULL: stay who we are */
	const char *pid_file;		/* NULL: none */
	const char *control;		/* path of the control socket */
	struct mf_duration drain_limit;
	int64_t crash_limit;		/* 0: never */
	struct mf_duration crash_window;
	const char *plugin_path;
	bool metrics;			/* whether workers count */
	struct log_settings log;
	struct message_settings message;
	struct regex_settings regex;
	struct admin_settings admin;
	struct history_settings history;
	struct shadow_settings shadow;
	struct record_settings record;
	struct dns_settings dns;
	struct dns *resolver;		/* with lists; else NULL */
	struct quarantine_settings quarantine;

	size_t listener_count, filter_count, list_count;
	struct listener_settings *listeners;
	struct filter_settings *filters;
	struct mf_list **lists;
};

/* What to load: the master needs no lists and no conditions. */
enum settings_depth {
	/* To run: all but filter blocks' insides and lists' contents. With an archive in use, list
	 * files are read into it. */
	SETTINGS_DAEMON,
	/* Also lists and `when` conditions; plugin options are bound by the chain loader. */
	SETTINGS_WHOLE,
	/* As WHOLE, from the text alone: no file is read, no user looked up, no listener needed;
	 * lists hold what stands in the text. */
	SETTINGS_ALONE
};

/* Reads, binds and checks: names unique, chains name known filters, sockets well-formed, modes
 * octal, users known. All mistakes are noted in errors; NULL when there are any. */
struct settings *settings_load(const char *path, enum settings_depth depth,
    struct config_errors *errors);

/* The same, but also returns settings with mistakes in them, so that those of plugins' options
 * can be found in the same run; the caller asks config_errors_count(). NULL when nothing could be
 * bound: the file cannot be read, or its braces do not match. */
struct settings *settings_read(const char *path, enum settings_depth depth,
    struct config_errors *errors);

/* The same from memory. The name is for errors, and the base of relative paths. */
struct settings *settings_read_text(const char *name, struct str text, enum settings_depth depth,
    struct config_errors *errors);

/* Lists are released with the settings, and so is all that was bound in their arena. */
void settings_destroy(struct settings **settings);

/* Looks up by name; NULL when there is none. */
const struct filter_settings *settings_filter(const struct settings *settings, const char *name);
const struct listener_settings *settings_listener(const struct settings *settings,
    const char *name);

/* The folder of recordings, whatever the files say that are read from now on. Borrowed; for the
 * whole process. */
void settings_record_into(const char *folder);

/* The zone file that answers every query, likewise. */
void settings_answer_dns_from(const char *path);

/* Whether there is to be an admin process; whether it is to keep messages. */
bool settings_want_admin(const struct settings *settings);
bool settings_want_history(const struct settings *settings);

/* The address of a listener's socket. */
struct listener_address {
	int family;			/* AF_UNIX, AF_INET or AF_INET6 */
	socklen_t length;
	union {
		struct sockaddr any;
		struct sockaddr_un unix_path;
		struct sockaddr_in inet;
		struct sockaddr_in6 inet6;
	} address;
};

/* "unix:/path", "inet:8891@127.0.0.1", "inet6:8891@[::1]", "inet6:8891@::1". False: *error_r, a
 * static text, says what was expected. */
bool listener_address_parse(const char *socket, struct listener_address *address_r,
    const char **error_r);

/* Whether only processes of this machine can reach it. */
bool listener_address_is_local(const struct listener_address *address);

/* An octal mode of up to four digits, at most 0777. */
bool listener_mode_parse(const char *text, mode_t *mode_r);

/* The daemon's option reference as Markdown, from the same tables. */
void settings_print_reference(FILE *to);
/* The options that every filter block has: name, plugin, when, on-error, timeout, hard-timeout,
 * mode. */
extern const struct mf_option filter_option_table[];

#endif
