/* One call's life, and whose it is: client, session, refresh, repetition, outcome. Knows no module table. */
#ifndef ONEENTRY_CALL_H
#define ONEENTRY_CALL_H

#include "request/request.h"
#include "reply/reply.h"
#include "wire/transfer.h"

/* Metatables by name. */
#define OE_CLIENT "oneentry.client"
#define OE_CALL "oneentry.call"

/* Userdata OE_CLIENT: connections and configuration. Its table (uservalue) keeps the strings
   that the pointers below point into, and what is a Lua value (decode, customErrors, ...). */
typedef struct oe_client {
    oe_engine *engine;
    oe_options options;
    oe_buffer spare_url, spare_body; /* empty: lent to the call that writes its request, see request.c */
    oe_settings settings;
    int max_retries;
    bool closed;
    bool shell; /* errors are returned; else raised */
    bool raw, custom_auth;
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

/* call.c */
/* Takes the call at `index` as far as it goes without waiting. True: it is settled. */
bool oe_call_advance(lua_State *L, oe_call *call, int session);
/* Seconds until it wants to be looked at even if nothing happens on the wire. */
double oe_call_patience(const oe_call *call);
/* Settles it without an answer. */
void oe_call_cancel(oe_call *call);
/* Pushes a call of the session at `session`; the row's arguments are 1..n on the stack. Its request is written into buffers of its
   own; raises. The client may be closed: then the call is settled. */
oe_call *oe_call_write(lua_State *L, int session, const oe_row *row);
/* The same with a transfer that has the request: it is ready to be sent. */
oe_call *oe_call_start(lua_State *L, int session, const oe_row *row);

/* handle.c */
/* Has the call write into the client's spare buffers: they are its own until it gives them back. */
void oe_call_borrow(oe_call *call);
/* Makes what was written the transfer's. */
void oe_call_hand_over(oe_call *call, oe_transfer *t);
/* Gives the call's buffers back: nothing is to be sent. */
void oe_call_drop(oe_call *call);
void oe_call_register(lua_State *L);
/* Pushes a new call of the session at `session`, with the language and the marker of its arguments. */
oe_call *oe_call_push(lua_State *L, int session, const oe_row *row);
/* Gives the transfer back; the call is over on the wire. */
void oe_call_release(oe_call *call);
/* Decodes the reply of a transfer that any finalizer may take away, as oe_json_decode does. */
bool oe_call_decode(lua_State *L, int decode, oe_transfer *const *owner, bool *marked);

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

/* retry.c */
/* Seconds to wait before the call is sent again, or negative: settle it. */
double oe_retry_delay(const oe_call *call);

/* outcome.c */
/* Pushes what the method returns (value, or nil and err); the number of results. */
int oe_outcome_push(lua_State *L, oe_call *call, int index);
/* Decodes the call's reply with the function at the absolute index `decode`, and gives it back to the transfer if `keep`.
   Pushes a value for OE_READ only. */
enum oe_reading { OE_READ, OE_NOT_JSON, OE_TOO_MANY, OE_ALIKE, OE_GONE };
enum oe_reading oe_outcome_decode(lua_State *L, const oe_call *call, int decode, bool keep, bool *marked);

/* poll.c */
/* Reads { timeout, interval } of a row with OE_POLL at `index`, or the defaults when it is nil; raises. */
void oe_poll_options(lua_State *L, const oe_row *row, int index, double *timeout, double *interval);
/* Replaces a list of sessions, or one session, at the absolute `index` by the newest that is waiting, or false. */
void oe_poll_pick(lua_State *L, int index);
/* Does a row with OE_POLL have to ask again? */
bool oe_poll_still(lua_State *L, const oe_call *call, int session);

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
/* Pops what a callback of that name threw: it is the callback's own affair, but config.debug shows a line of it, without
   the tokens of the session whose table is at `kept`. */
void oe_error_swallow(lua_State *L, const oe_client *client, int kept, const char *callback);

/* Pushes the name of a code; "" for OE_OK. */
void oe_error_push_code(lua_State *L, enum oe_code code);

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

/* hooks.c */
typedef struct oe_hook_event {
    enum oe_verb verb;
    const char *path;
    int attempt;
    bool answered; /* else it is about to be sent, and the rest is 0 */
    enum oe_code result;
    long status;
    double started;
    size_t bytes;
} oe_hook_event;
/* Of a request that is about to be sent; `answer` is NULL or what came. */
oe_hook_event oe_hooks_event(enum oe_verb verb, const char *path, int attempt, const oe_transfer *answer);
/* Tells the client's hooks; they may do anything, close the client included. */
void oe_hooks_run(lua_State *L, const oe_client *client, int session, const oe_hook_event *e);

#pragma GCC visibility pop

#endif
