/* The one shared header: the types, and each file's functions under its name. */
#ifndef ONEENTRY_H
#define ONEENTRY_H

#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif
#include <pthread.h>
#include <signal.h>
#include <sys/types.h>

#include "api/api.h"
#include "buffer.h"
#include "compat.h"

#define OE_VERSION "0.1.0"

/* Bytes of a request's head. All of it fits into what a head may have over HTTP/2, 64 kB in libcurl's nghttp2, and over
   HTTP/1.1, 1 MB; servers take less. So what is too long is refused as an argument and never fails under way. */
#define OE_MAX_URL 32768
#define OE_MAX_TOKEN 8192 /* and any other text of a configuration but: */
#define OE_MAX_LABEL 1024 /* the project's url, the user agent and each part of a device */

/* Why a call failed; error.c has the names. */
enum oe_code {
    OE_OK,
    OE_HTTP,
    OE_DNS,
    OE_CONNECT,
    OE_TLS,
    OE_TIMEOUT,
    OE_NETWORK,
    OE_TOO_LARGE,
    OE_INVALID_RESPONSE,
    OE_VALIDATION,
    OE_CANCELLED,
    OE_CLOSED,
    OE_NO_MEMORY /* raised as Lua's own memory error, never in err.code */
};

/* One HTTP exchange. The engine owns it; a call borrows it. */
typedef struct oe_transfer {
    /* written by request.c */
    enum oe_verb verb;
    oe_buffer url, body;
    oe_buffer headers; /* "name: value" lines, each ended by NUL */
    bool has_body;
    /* written by the engine */
    struct oe_transfer **owner; /* set to NULL when the engine goes away first */
    bool *owner_sent;           /* or NULL: then set to true if the request had been sent */
    unsigned ticket;            /* of who waits for it, 0: nobody; oe_engine_next_news tells it once */
    bool done;
    bool sent;             /* the request may have reached the server */
    enum oe_code result;   /* of the transport: OE_OK when a whole reply came */
    char message[200];     /* why result is not OE_OK */
    double started, ended; /* oe_engine_now() */
    long status;           /* final HTTP status, 0 when none came */
    double retry_after;    /* seconds, 0 when the server named none */
    oe_buffer reply;
} oe_transfer;

/* What the engine needs of the configuration. Strings belong to the client; NULL is absent. */
typedef struct oe_options {
    double timeout, connect_timeout; /* seconds; timeout is of the whole call */
    double max_age;                  /* seconds, of a connection that is used again */
    size_t max_response;             /* decoded bytes */
    size_t max_values;               /* of a reply */
    long max_connections;            /* 0 no limit */
    bool https;                      /* the project's connections are encrypted */
    bool tls;                        /* or those to a proxy may be */
    const char *ca_file, *ca_path, *cert_file, *key_file, *key_password;
    const char *proxy; /* "" none, NULL as the environment says */
    const char *user_agent;
} oe_options;

typedef struct oe_engine oe_engine;

/* Those of one Lua state that hold descriptors. The registry has it. */
typedef struct oe_holders {
    oe_engine *first, *last; /* in the order of their use */
    size_t n;
    size_t collect_at; /* so many are a reason to collect garbage */
} oe_holders;

/* Metatables by name. */
#define OE_CLIENT "oneentry.client"
#define OE_CALL "oneentry.call"

/* Userdata OE_CLIENT: connections and configuration. Its table (uservalue) keeps the strings
   that the pointers below point into, and what is a Lua value (decode, customErrors, ...). */
typedef struct oe_client {
    oe_engine *engine;
    oe_options options;
    oe_buffer spare_url, spare_body;       /* empty: lent to the call that writes its request, see request.c */
    const char *url, *lang, *token_header; /* token_header: "x-app-token: ..." or NULL */
    size_t url_n, lang_n;
    int max_retries;
    bool closed;
    bool shell; /* errors are returned; else raised */
    bool nulls, raw, custom_auth;
    bool driven; /* waits the way of the driver in its table; else blocks */
    bool hooks, debug;
    bool validate, strict, log_invalid; /* config.validation */
} oe_client;

/* Userdata "oneentry.session": one user. Its table holds accessToken, refreshToken, providerMarker,
   device (a table), deviceHeader, saveFunction and client. */
typedef struct oe_session {
    oe_client *client;
    oe_transfer *refresh;   /* the refresh in flight, or NULL */
    unsigned epoch;         /* grows whenever the tokens change */
    unsigned refresh_epoch; /* epoch when that refresh was sent */
    unsigned refreshes;     /* how many were sent */
    bool collected;         /* its __gc has run, a finalizer may use it still: it starts no refresh any more */
    double refresh_failed;  /* when one ended without new tokens */
} oe_session;

enum oe_phase { OE_READY, OE_SENDING, OE_REFRESHING, OE_PAUSED, OE_SETTLED };

/* Userdata OE_CALL: one call on its way. Its table holds [1] session, [2] language, [3] marker. */
typedef struct oe_call {
    const oe_row *row;
    oe_client *client;
    oe_session *session;
    oe_buffer url, body;   /* of the request until the transfer has it: nobody else sees it half written */
    oe_transfer *transfer; /* NULL again once anything that ran Lua has cancelled the call or closed the client */
    enum oe_phase phase;
    double deadline, resume; /* monotonic seconds */
    double interval;         /* seconds between two looks of a row with OE_POLL */
    unsigned epoch;          /* of the session when it was sent */
    unsigned ticket;         /* of who waits for it, 0: nobody */
    int attempts, retries;
    unsigned steps;       /* taken so far, also by its own hook that waits for it */
    bool sent;            /* any attempt may have reached the server */
    bool waited, last;    /* a row with OE_POLL: it was told to wait; it has one look left */
    bool asked;           /* for this 401 a refresh was started or joined */
    bool refreshed;       /* and sent again */
    enum oe_code failure; /* settled without an answer: closed, timeout, cancelled */
} oe_call;

#pragma GCC visibility push(hidden)

/* client.c */
int oe_client_define(lua_State *L);
void oe_client_register(lua_State *L);
void oe_client_close(oe_client *client);
/* Pushes the function of that name which the api has beside its modules; false: there is none. Indices are absolute. */
bool oe_client_push_member(lua_State *L, int session, int api, const char *name);

/* globals.c */
void oe_globals_register(lua_State *L);
/* Pushes what "require", "tostring" or table's "sort" was when this module was loaded. */
void oe_globals_push(lua_State *L, const char *name);
/* That require, which the file that it loads finds, too. */
void oe_globals_push_require(lua_State *L);
/* Pushes the global of that name, or nil. */
void oe_globals_find(lua_State *L, const char *name);

/* bound.c */
/* Pushes a function that is `f` with the n values (1 to 4) on top of the stack, and pops them. `name` is that of `f`. */
void oe_bound_push(lua_State *L, const char *name, lua_CFunction f, int n);
/* In `f`, first of all: puts the values behind the arguments, and returns how many arguments there are. */
int oe_bound_enter(lua_State *L, int n);

/* modules.c */
/* What a module's functions do: call and wait for the answer, only write the request, or return a future. */
enum oe_modules_kind { OE_CALLS, OE_PREPARES, OE_ASYNC };
/* Pushes a new table that has the modules of the session at the absolute index `session` or upvalue. */
void oe_modules_push(lua_State *L, int session, enum oe_modules_kind kind);
/* Has the api at the absolute index make all of them now, to be looked at with pairs. */
void oe_modules_fill(lua_State *L, int api);
/* First of all in the function of a method: its row. The arguments are checked, and lie at 1..n; the session follows. Raises. */
const oe_row *oe_modules_enter(lua_State *L, int *session);

/* config.c */
/* Reads define's second argument (a config table, a token, or nil) at `index` into the client and its table at `kept`,
   and pushes what its session starts from, as oe_config_saved does; raises. */
void oe_config_client(lua_State *L, int index, oe_client *client, int kept);
/* Checks api.session's argument at `index` and pushes a copy; raises. */
void oe_config_saved(lua_State *L, int index);
/* Reads { timeout, interval } of a row with OE_POLL at `index`, or the defaults when it is nil; raises. */
void oe_config_poll(lua_State *L, const oe_row *row, int index, double *timeout, double *interval);

/* members.c */
/* Can the text go into a header as it is? */
bool oe_members_is_header_value(const char *text, size_t n);

/* driver.c */
/* Replaces the value of config.driver at the absolute index `driver` by the driver's table, or by nil: blocking. NULL, or
   what is wrong with it. */
const char *oe_driver_replace(lua_State *L, int driver);

/* call.c */
int oe_call_method(lua_State *L);
/* Takes the call at `index` as far as it goes without waiting. True: it is settled. */
bool oe_call_advance(lua_State *L, oe_call *call, int session);
/* Seconds until it wants to be looked at even if nothing happens on the wire. */
double oe_call_patience(const oe_call *call);
/* Settles it without an answer. */
void oe_call_cancel(oe_call *call);
/* In the function of a method: pushes its call, its request written into the call's own buffers, and tells where its session
   is; raises. The client may be closed: then the call is settled. */
oe_call *oe_call_write(lua_State *L, int *session);
/* The same with a transfer that has the request: it is ready to be sent. */
oe_call *oe_call_start(lua_State *L, int *session);

/* handle.c */
void oe_call_register(lua_State *L);
/* Pushes a new call of the session at `session`, with the language and the marker of its arguments. */
oe_call *oe_call_push(lua_State *L, int session, const oe_row *row);
/* Gives the transfer back; the call is over on the wire. */
void oe_call_release(oe_call *call);
/* Decodes the reply of a transfer that any finalizer may take away, as oe_json_decode does. */
bool oe_call_decode(lua_State *L, int decode, oe_transfer *const *owner, bool *marked);

/* future.c */
/* The function of a method that only starts the call and returns it: nothing is sent yet. */
int oe_future_start(lua_State *L);
/* Pushes what lua/oneentry/await.lua calls `name`. */
void oe_future_push(lua_State *L, const char *name);

/* signal.c: a descriptor that a coroutine sleeps on until another one wakes it */
void oe_signal_register(lua_State *L);
int oe_signal_new(lua_State *L);

/* prepare.c */
int oe_prepare_method(lua_State *L);

/* arguments.c: the arguments 1..n of `row` on the stack */
/* Raises "bad argument" unless what is below the top of the stack is what the row declares. Leaves exactly n, and that top. */
void oe_argument_check(lua_State *L, const oe_row *row);
int oe_argument_error(lua_State *L, const oe_row *row, int index, const char *problem);
/* The position of an argument by name; 0 if there is none. */
int oe_argument_find(const oe_row *row, const char *name, size_t n);
/* The stack index that holds the argument's value, or 0 and the text of its fallback (NULL: there is no value).
   A null counts as a value only where `null_counts`. */
int oe_argument_value(lua_State *L, const oe_client *client, const oe_row *row, int position, bool null_counts,
                      const char **text);
/* Pushes the argument called `name`, or nil. */
void oe_argument_push(lua_State *L, const oe_row *row, const char *name);
/* Pushes the language of the call: the argument, or the client's. */
void oe_argument_push_lang(lua_State *L, const oe_client *client, const oe_row *row);

/* request.c */
/* Writes url and body into the call's buffers; raises. */
void oe_request_write(lua_State *L, oe_call *call);
/* Makes what was written the transfer's. */
void oe_request_move(oe_call *call, oe_transfer *t);
/* Gives the call's buffers back: nothing is to be sent. */
void oe_request_drop(oe_call *call);
/* Pushes what the session adds to the headers, with the tokens of now: OE_HEADERS values for oe_request_headers. */
#define OE_HEADERS 2
void oe_request_push_headers(lua_State *L, int session, enum oe_verb verb, bool with_token);
/* Writes the headers and pops those values; runs no Lua. False without memory. */
bool oe_request_headers(lua_State *L, const oe_client *client, oe_buffer *out);

/* body.c: appends the row's body, if it has one; raises. */
void oe_body_write(lua_State *L, const oe_client *client, const oe_row *row, oe_buffer *out);

/* uri.c: no Lua in it */
typedef struct oe_text {
    const char *p;
    size_t n;
} oe_text;
/* Finds the value of a name; false leaves a query parameter out. */
typedef bool (*oe_uri_lookup)(void *context, const char *name, size_t n, oe_text *value);
/* Appends the expanded template. NULL, or what is wrong with the path segment named in *bad. */
const char *oe_uri_expand(oe_buffer *out, const char *path, oe_uri_lookup lookup, void *context, oe_text *bad);

/* json.c, decode.c */
#define OE_JSON_DEPTH 100
typedef struct oe_json {
    oe_buffer *out;
    const char *lists;   /* members whose empty table is a list */
    const char *problem; /* after a failure */
    char where[160];     /* path of the value that failed: ".products[1].id" */
    long reads;          /* members and items that metamethods have answered */
} oe_json;
/* Appends the value at the absolute index. A table that answers through its metatable is replaced there by a plain copy.
   On failure the stack may hold more than before; `problem` may be one of the strings there. */
bool oe_json_write(lua_State *L, int index, oe_json *w, int depth);
/* The same; `empty_is_list`: an empty table is []. */
bool oe_json_write_member(lua_State *L, int index, oe_json *w, int depth, bool empty_is_list);
/* Only replaces the table, so that it can be looked at raw. */
bool oe_json_read(lua_State *L, int index, oe_json *w);
void oe_json_string(oe_buffer *out, const char *s, size_t n);
/* Well-formed UTF-8? */
bool oe_json_is_utf8(const char *text, size_t n);
/* `n` blank-separated words in `words`: is `word` one of them? */
bool oe_json_word(const char *words, const char *word, size_t n);
/* Is the value at the absolute index a table without members? */
bool oe_json_is_empty(lua_State *L, int index);
/* Decodes with the function at the absolute index `decode`. Pushes the value, or pushes nothing and returns false.
   *marked: integers that a double cannot hold are strings after OE_JSON_LONG, and empty lists may hold OE_JSON_EMPTY, for
   oe_shape to resolve. */
#define OE_JSON_LONG                                                                                                   \
    "\xff"                                                                                                             \
    "int:"
#define OE_JSON_LONG_SIZE (sizeof OE_JSON_LONG - 1)
#define OE_JSON_EMPTY "\xff"
bool oe_json_decode(lua_State *L, int decode, const char *text, size_t n, bool *marked);
/* Does the text hold at most `max` values? Ask before decoding: each takes memory. */
bool oe_json_is_within(const char *text, size_t n, size_t max);
/* The position after the string that begins before `at`. */
size_t oe_json_skip_string(const char *text, size_t n, size_t at);
/* Pushes the module cjson; raises. */
void oe_json_push_cjson(lua_State *L);
/* The items of the decoded list at `index`: none, when all it holds is OE_JSON_EMPTY. */
int oe_json_items(lua_State *L, int index);
/* Pushes a private cjson.decode. */
void oe_json_push_decoder(lua_State *L);

/* table.c */
#define OE_TABLE_READS 1000000 /* members and items that metamethods may answer for one body */
/* Replaces the table at the absolute `index` by a plain copy, if its metatable answers for it. NULL, or the problem, which
   may be a string on the stack. *reads counts what metamethods have answered. */
const char *oe_table_read(lua_State *L, int index, long *reads);
/* The same by __pairs only, for tables whose members are known by name. */
const char *oe_table_read_members(lua_State *L, int index, long *reads);

/* lists.c */
enum oe_list { OE_UNMARKED, OE_LIST, OE_NO_LIST };
/* How the table at the absolute index is marked. */
enum oe_list oe_lists_kind(lua_State *L, int index);
/* Is the value at the absolute index lua-cjson's empty_array? */
bool oe_lists_is_empty_array(lua_State *L, int index);
/* Marks the table at the absolute index. */
void oe_lists_mark(lua_State *L, int index);
/* Pushes the mark. */
void oe_lists_push_metatable(lua_State *L);
int oe_lists_array(lua_State *L);

/* encode.c */
int oe_encode(lua_State *L);

/* session.c */
void oe_session_register(lua_State *L);
/* Pushes a new session of the client at `client` from the checked table at `saved`, which it keeps. */
void oe_session_push(lua_State *L, int client, int saved);
/* The session's part of a successful reply: takes or drops tokens. NULL, or why the reply cannot be right. */
const char *oe_session_settle(lua_State *L, const oe_call *call, int index, int value);
/* NULL, or why the value at `value` holds no tokens: an accessToken, and a refreshToken if `both`. */
const char *oe_session_tokens_problem(lua_State *L, int value, bool both);
/* Makes those tokens the session's, and has them saved. `kept` is the session's table. */
void oe_session_take_tokens(lua_State *L, oe_session *session, int kept, int value);
/* Pushes what api.getSession returns of the session at `index`. */
void oe_session_push_saved(lua_State *L, int index);
int oe_session_set_token(lua_State *L);

/* refresh.c */
/* Is the answer a 401 that new tokens may turn into another? */
bool oe_refresh_may_help(const oe_call *call);
/* Then: starts a refresh, or joins the one in flight. Ask until it is not OE_REFRESH_WAIT. */
enum oe_refresh { OE_REFRESH_WAIT, OE_REFRESH_DONE, OE_REFRESH_FAILED };
enum oe_refresh oe_refresh_poll(lua_State *L, oe_call *call, int index);
/* After a refresh: a logout that carried the token just spent carries the new one. Look at call->transfer again. */
void oe_refresh_renew_body(lua_State *L, const oe_call *call, int index);

/* engine.c and pool.c; wire.h names the files that know libcurl */
oe_engine *oe_engine_new(const oe_options *options, oe_holders *holders);
/* Cancels every transfer and closes every connection; their owners become NULL, but those whose answer is there keep it. */
void oe_engine_stop(oe_engine *e);
/* Stops it for good. Its descriptors are closed at once, or as soon as those that wait on them have been told. */
void oe_engine_close(oe_engine *e);
/* The same; an owner that keeps an answer gives it back without an engine. */
void oe_engine_free(oe_engine *e);
/* A transfer with empty buffers, or NULL without memory; *owner holds it from now on. */
oe_transfer *oe_engine_take(oe_engine *e, oe_transfer **owner);
/* Cancels it when it runs, and takes it back. Clears *owner. `e` is NULL once the engine is no more. */
void oe_engine_give(oe_engine *e, oe_transfer *t);
/* Sends it; it may be done on return. `seconds` are left of the call. */
void oe_engine_start(oe_engine *e, oe_transfer *t, double seconds);
/* Drives all transfers, waiting at most so long. */
void oe_engine_wait(oe_engine *e, double seconds);
/* Drives them a little, without waiting; the descriptor stays readable while there is more to do. Ask for the news then, and for the descriptor before waiting on it: that arms its timer,
   which costs less once the news are told. */
void oe_engine_step(oe_engine *e);
/* A descriptor that is readable whenever oe_engine_wait has something to do, or -1 with errno. It is the engine's, and the
   same while a request is under way or somebody waits on it. */
int oe_engine_fd(oe_engine *e);
/* The same, and it stays open until oe_engine_unwatch. */
int oe_engine_watch(oe_engine *e);
void oe_engine_unwatch(oe_engine *e);
/* Transfers under way. */
size_t oe_engine_flight(const oe_engine *e);
#define OE_EVERYONE (~0u) /* the ticket of all who wait */
/* That they be told. */
void oe_engine_tell_everyone(oe_engine *e);
bool oe_engine_has_news(const oe_engine *e);
/* Whose transfer has ended since the last call. False: nobody's (more). */
bool oe_engine_next_news(oe_engine *e, unsigned *ticket);
double oe_engine_now(void);

/* holders.c */
/* Those of this state; raises without memory. */
oe_holders *oe_holders_of(lua_State *L);
/* Collects garbage when many engines hold descriptors: some may be of clients that were dropped while calls were under way. */
void oe_holders_collect(lua_State *L);

/* origin.c */
/* A project url, taken apart: its first `scheme_n` bytes end with "://", then comes the host, and `rest_n` bytes from `rest`
   on are port and path, without slashes at the end. `host` is ASCII. */
#define OE_HOST_SIZE 256
typedef struct oe_origin {
    char host[OE_HOST_SIZE];
    size_t scheme_n, rest, rest_n;
} oe_origin;
/* NULL, or what is wrong with a project url. */
const char *oe_origin_read(const char *url, oe_origin *o);
/* Can it be a proxy's url? */
bool oe_origin_is_proxy(const char *url);

/* sigpipe.c: blocks SIGPIPE for this thread, and swallows one that came meanwhile */
typedef struct oe_sigpipe {
    sigset_t before;
    bool blocked, was_pending;
} oe_sigpipe;
void oe_sigpipe_block(oe_sigpipe *s);
void oe_sigpipe_restore(const oe_sigpipe *s);

/* waker.c: a thread that tells an event loop over a socket that an epoll descriptor has something to read: 'w', and 'i'
   when for `idle` none had. It touches nothing else. No Lua in it. Functions that return false say why in `reason`;
   everything that was opened is closed by oe_waker_stop. */
typedef struct oe_waker {
    int outer;    /* what the thread waits on: the armed descriptors, one shot at a time, and `quit` */
    int quit;     /* eventfd */
    int listener; /* from listen to accept */
    int wire;     /* the event loop has the other end */
    int idle;     /* ms */
    pid_t pid;    /* the process that listened: a fork's child has no thread, and leaves the parent's in peace */
    bool running;
    pthread_t thread;
    char directory[64], path[80];
    char reason[200];
} oe_waker;
void oe_waker_init(oe_waker *w);
/* Listens at `path`, in a new directory that only this user can enter. */
bool oe_waker_listen(oe_waker *w);
/* Takes the connection that this process has made to `path`, which is no more, and starts the thread. */
bool oe_waker_accept(oe_waker *w, double idle);
/* From now on it tells, once, of this epoll descriptor; at once, if that has something to read already. One that is
   closed is forgotten. */
bool oe_waker_arm(oe_waker *w, int epoll);
/* Tells now. Does nothing while it is not running. */
void oe_waker_wake(const oe_waker *w);
/* Ends the thread and closes everything; it may listen again. */
void oe_waker_stop(oe_waker *w);

/* waker_lua.c */
void oe_waker_register(lua_State *L);
/* Returns a new "oneentry.waker". Methods: listen() -> path; accept(idle seconds) -> true; arm(epoll) -> true; each of
   them nil, reason on failure; wake(), stop(); states() -> how many Lua states of this process have loaded the module. */
int oe_waker_new(lua_State *L);
/* Returns whether the running code may yield: not where C has called it. nginx hides LuaJIT's coroutine.isyieldable. */
int oe_waker_yieldable(lua_State *L);

/* alarm.c */
void oe_alarm_register(lua_State *L);
/* oneentry.alarm() -> a descriptor that rings when another one is readable or time is over; raises. */
int oe_alarm_new(lua_State *L);

/* task.c */
/* Remembers the main thread, if this is it; else the first one. */
void oe_task_see(lua_State *L);
int oe_task_is(lua_State *L);

/* retry.c */
/* Seconds to wait before the call is sent again, or negative: settle it. */
double oe_retry_delay(const oe_call *call);

/* random.c */
void oe_random_bytes(void *bytes, size_t n);

/* response.c */
/* Pushes what the method returns (value, or nil and err); the number of results. */
int oe_response_push(lua_State *L, oe_call *call, int index);
/* Decodes the call's reply with the function at the absolute index `decode`, and gives it back to the transfer if `keep`.
   Pushes a value for OE_READ only. */
enum oe_reading { OE_READ, OE_NOT_JSON, OE_TOO_MANY, OE_ALIKE, OE_GONE };
enum oe_reading oe_response_decode(lua_State *L, const oe_call *call, int decode, bool keep, bool *marked);

/* shape.c: makes of the decoded value at the absolute `index` what the method returns, in place. `lang` is NULL for
   methods that do not normalise, and for raw data; `marked` is oe_json_decode's. False: it holds a number beyond all
   doubles, and is not to be used. */
bool oe_shape(lua_State *L, int index, const oe_client *client, const char *lang, bool marked);

/* attributes.c, of the attribute at the absolute `index` */
/* A list of additionalFields becomes a map by marker; the last of equal ones wins. */
void oe_attribute_fields(lua_State *L, int index);
/* The value becomes a number, as JavaScript converts, but an empty or unreadable one is absent; null and nil stay. */
void oe_attribute_number(lua_State *L, int index);

/* locale.c: the C locale for this thread, from enter to leave; what lies between must not raise */
locale_t oe_locale_enter(void);
void oe_locale_leave(locale_t before);
/* The same with texts in UTF-8. False: the system has no such locale, and nothing has changed. */
typedef struct oe_utf8 {
    locale_t made, before;
} oe_utf8;
bool oe_locale_enter_utf8(oe_utf8 *u);
void oe_locale_leave_utf8(const oe_utf8 *u);

/* number.c */
/* Pushes the integer of n digits, maybe with a sign, that are followed by none: as an integer where Lua has them, as a
   number up to 2^53, else as the text of its digits, which is as good as an id; beyond 64 bits as a float. */
void oe_number_push_integer(lua_State *L, const char *digits, size_t n);
/* Pushes what JavaScript's Number() makes of the text at `index`, or pushes nothing, for an empty text, too. */
bool oe_number_push_text(lua_State *L, int index);

/* schedule.c: sets timeIntervals in every schedule of the attribute at the absolute `index`, if it has any; the metatable
   is that of lists. *work is what may still be made: days looked at and pairs. */
#define OE_SCHEDULE_WORK (1L << 18) /* of one reply: some 50 MB of pairs, years of half-hour slots */
void oe_schedule_entity(lua_State *L, int index, int list_metatable, long *work);
void oe_schedule_form(lua_State *L, int index, int list_metatable, long *work);

/* calendar.c: days, counted from 0000-01-01, and their texts; no Lua in it */
#define OE_CALENDAR_BASE 3653 /* base days of one schedule: ten years; who names more has mistyped a date */
#define OE_CALENDAR_SPAN (31 + OE_CALENDAR_BASE + 366)
typedef struct oe_calendar {
    int origin; /* the first of the month of the first base day */
    unsigned char days[(OE_CALENDAR_SPAN + 7) / 8];
} oe_calendar;
/* Marks the days that a schedule of the base days from..to means; of too many, the first. `c` is empty. */
void oe_calendar_mark(oe_calendar *c, int from, int to, bool week, bool month, long *work);
/* Is the day at origin + i (less than OE_CALENDAR_SPAN) marked? */
bool oe_calendar_has(const oe_calendar *c, int i);
/* The UTC day of an ISO 8601 text, of ms since 1970. False: it is none. */
bool oe_calendar_read(const char *text, int *day);
bool oe_calendar_read_ms(double ms, int *day);
#define OE_CALENDAR_SIZE 24
/* Writes "2025-04-08T09:30:00.000Z", without a NUL. */
void oe_calendar_write(char *text, int day, int ms);

/* ordered.c */
int oe_ordered(lua_State *L);

/* waiting.c */
/* Replaces a list of sessions, or one session, at the absolute `index` by the newest that is waiting, or false. */
void oe_waiting_pick(lua_State *L, int index);
/* Does a row with OE_POLL have to ask again? */
bool oe_waiting_still(lua_State *L, const oe_call *call, int session);

/* validate.c */
/* Does the decoded reply at `index` match the shape? If not, pushes a list of { path, expected, received }. */
bool oe_validate(lua_State *L, const char *shape, int index);
/* Pushes that list as a sentence. */
void oe_validate_push_message(lua_State *L, int issues);

/* error.c */
void oe_error_register(lua_State *L);
/* What a failed call came to, noted before anything of it can be finalized. */
typedef struct oe_failure {
    enum oe_code code;
    long status;
    double retry_after;
    char message[200];  /* of the transport */
    oe_buffer *secrets; /* of the request; on the stack */
} oe_failure;
/* Pushes the request's secrets and notes the rest. */
void oe_error_note(lua_State *L, const oe_call *call, enum oe_code code, oe_failure *f);
/* Pushes err. `text` and `more` are of its message, not masked yet; `body` is the index of what the server sent, or 0. */
void oe_error_push(lua_State *L, const oe_call *call, const oe_failure *f, const oe_buffer *text, long more, int body);
int oe_error_is(lua_State *L);
/* luaL_error, with the place where the user called the method. */
int oe_error_raise(lua_State *L, const char *format, ...);
/* Pops what a callback of that name threw: it is the callback's own affair, but config.debug shows a line of it, without
   the tokens of the session whose table is at `kept`. */
void oe_error_swallow(lua_State *L, const oe_client *client, int kept, const char *callback);

/* Pushes the name of a code; "" for OE_OK. */
void oe_error_push_code(lua_State *L, enum oe_code code);

/* message.c */
#define OE_MAX_MESSAGE 16384 /* bytes of an error's text */
/* Appends the texts under `message` of the error body at `body`, joined, in one of the languages `langs`, a list that ends
   with NULL, where there are several. Returns how many more there are. */
long oe_message_read(lua_State *L, int body, const char *const *langs, oe_buffer *out);
/* Bounds the masked text, and tells how many more there are. */
void oe_message_finish(oe_buffer *text, long more);

/* alike.c */
/* Can this Lua make the strings of the JSON text in time that grows no faster than the text? */
bool oe_alike_is_cheap(const char *text, size_t n);

/* text.c */
/* Appends the text, on one line, without anything that a terminal or a log obeys, in at most `limit` bytes; `quoted`: for
   between quotes. */
void oe_text_show(oe_buffer *out, const char *text, size_t n, size_t limit, bool quoted);
/* The longest beginning of at most `limit` bytes that cuts no character. */
size_t oe_text_cut(const char *text, size_t n, size_t limit);
/* Writes "oneentry: where: text" to stderr, shown. */
void oe_text_log(const char *where, const char *text, size_t n, size_t limit);

/* held.c */
void oe_held_register(lua_State *L);
/* Pushes an empty buffer that lives as long as it is on the stack. */
oe_buffer *oe_held_push(lua_State *L);
/* Pushes its bytes as a string; raises when it has failed. */
void oe_held_push_text(lua_State *L, const oe_buffer *held);

/* secrets.c: a buffer of secrets holds records, each an oe_secret and its bytes */
typedef struct oe_secret {
    size_t n;
    bool whole_word; /* too short to be looked for inside of words */
} oe_secret;
/* Appends those of a request to the row's path. */
void oe_secrets_collect(oe_buffer *into, const oe_client *client, const char *path, const oe_transfer *t);
void oe_secrets_add_token(oe_buffer *into, const char *token, size_t n);

/* mask.c */
/* Is a member of that name secret? `secret_value`: its table has_secret_marker. */
bool oe_mask_is_secret(const char *name, size_t n, bool secret_value);
/* { marker = "password", value = ... }: the value is the secret. */
bool oe_mask_has_secret_marker(lua_State *L, int index);
/* Appends the text without the secrets, however they are escaped in it. */
void oe_mask_text(oe_buffer *out, const char *text, size_t n, const oe_buffer *secrets);
/* Writes the text between the quotes of a JSON string without its escapes; returns how many bytes, at most n. */
size_t oe_unescape_json(char *out, const char *text, size_t n);

/* hooks.c */
typedef struct oe_event {
    enum oe_verb verb;
    const char *path;
    int attempt;
    bool answered; /* else it is about to be sent, and the rest is 0 */
    enum oe_code result;
    long status;
    double started;
    size_t bytes;
} oe_event;
/* Of a request that is about to be sent; `answer` is NULL or what came. */
oe_event oe_hooks_event(enum oe_verb verb, const char *path, int attempt, const oe_transfer *answer);
/* Tells the client's hooks; they may do anything, close the client included. */
void oe_hooks_run(lua_State *L, const oe_client *client, int session, const oe_event *e);

/* pretty.c */
int oe_pretty(lua_State *L);

/* rows.c */
/* Pushes the path of a row without its query. */
void oe_rows_push_path(lua_State *L, const char *path);
int oe_rows(lua_State *L);

#pragma GCC visibility pop

#endif
