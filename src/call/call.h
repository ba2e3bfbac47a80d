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
   that the pointers below point into, and what is a Lua value: customErrors, reports,
   errands, spent, ... */
typedef struct oe_client {
    oe_engine *engine;
    oe_options options;
    oe_buffer spare_url, spare_body; /* empty: lent to the call that writes its request, see request.c */
    oe_settings settings;
    struct oe_call *errands; /* calls that it brings to their end, see errand.c */
    unsigned calls;          /* how many it has had: the number of the last */
    unsigned runs;           /* of oe_errand_run */
    unsigned orphans;        /* reports that no call tells, see report.c */
    unsigned spent;          /* refresh tokens noted since spent_at, see spent.c */
    double spent_at;
    int max_retries;
    bool closed;
    bool shell; /* errors are returned; else raised */
    bool raw, custom_auth;
    bool trafic_limit; /* no child calls */
    bool driven;       /* waits the way of the driver in its table; else blocks */
    bool hooks, debug;
} oe_client;

/* Userdata "oneentry.session": one user. Its table holds accessToken, refreshToken, providerMarker,
   device (a table), deviceHeader, spentToken, saveFunction and family, the client and the client's table (session.c). */
typedef struct oe_session {
    oe_client *client;
    unsigned epoch;  /* grows whenever the tokens change */
    unsigned orders; /* logins, refreshes and logouts sent so far, and tokens set by hand */
    unsigned user;   /* number of the last login, logout or setting that took effect: whose tokens these are */
} oe_session;

/* A call goes no further while callbacks are to be called for it, whatever its phase: see report.c. Errands do. */
enum oe_phase { OE_READY, OE_ANNOUNCED, OE_SENDING, OE_ANSWERED, OE_REFRESHING, OE_PAUSED, OE_GATHERING, OE_SETTLED };

/* The result is none yet, a value, an err, or something that is raised. */
enum oe_outcome { OE_NOTHING, OE_VALUE, OE_ERR, OE_RAISED };

/* Userdata OE_CALL: one call on its way. Its table holds what follows. */
enum oe_slot {
    OE_SLOT_SESSION = 1,
    OE_SLOT_LANG,
    OE_SLOT_RESULT,
    OE_SLOT_REFRESH,
    OE_SLOT_MARKER,
    OE_SLOT_TOKEN,
    OE_SLOT_FAMILY,
    OE_SLOT_ARGUMENTS, /* by name, of a row with child calls */
    OE_SLOT_CHILDREN,  /* see gather.c */
    OE_SLOT_FILES,     /* the table of oe_files_open, or the list of the files of a body, see uploads.c */
    OE_SLOT_PARTS      /* see parts.c */
};
#define OE_WIDTH 6 /* child calls at a time: more trip the API's rate limiter */
typedef struct oe_gathering {
    struct oe_call
        *children[OE_WIDTH]; /* those under way, in the table of OE_SLOT_CHILDREN; NULL: none is in this place */
    int serves[OE_WIDTH];    /* the item of each */
    const oe_follow *follow; /* the stage: this one, and those beside it; NULL: the children are uploads */
    int items, next;         /* of the stage; the next one to be started */
    int failed;              /* the first item that has failed, 0: none; less: of an earlier stage */
    bool planned, running;
    bool holes; /* a result that was to take an object's place is missing */
} oe_gathering;
typedef struct oe_call {
    const oe_row *row;
    oe_client *client;
    oe_session *session;
    oe_buffer url, body; /* of the request until the transfer has it: nobody else sees it half written; `body` then of a
                              reply while it is read */
    oe_language language;
    oe_files files;          /* that it has opened, until the transfer has them */
    oe_transfer *transfer;   /* NULL again once anything that ran Lua has cancelled the call or closed the client */
    struct oe_call *refresh; /* the one it waits for, in its table; NULL: none */
    struct oe_call *asker;   /* of a refresh: the call that started it and tells of it, as long as it waits */
    struct oe_call *next_errand;
    struct oe_call *parent;  /* of a child call; its waiter is this one's, too */
    oe_gathering *gathering; /* of child calls under way */
    enum oe_phase phase;
    enum oe_outcome outcome; /* what its result is */
    enum oe_outcome read;    /* what its answer was read as */
    double deadline, resume; /* monotonic seconds */
    double interval;         /* seconds between two looks of a row that polls */
    double telling;          /* when a callback began to be told of it, 0: none is */
    double ended;            /* when its answer came */
    double look;             /* when its progress is looked at next */
    long long told;          /* bytes of files that its progress callback has heard of */
    unsigned number;         /* among the client's calls */
    int errand_place;        /* in the client's table of errands */
    unsigned run;            /* the last that has looked at it */
    unsigned reports;        /* that it has to tell */
    unsigned order;          /* of a login or logout: when it was sent */
    unsigned epoch, user;    /* of the session when it was sent */
    unsigned ticket;         /* of who waits for it, 0: nobody */
    int attempts, retries;
    unsigned steps;       /* taken so far, also by a finalizer that waits for it */
    bool sent;            /* any attempt may have reached the server */
    bool waited, last;    /* a row that polls: it was told to wait; it has one look left */
    bool refreshed;       /* and sent again */
    bool progress;        /* it has a progress callback */
    bool automatic;       /* a refresh that calls have asked for */
    bool urgent;          /* others than its asker wait for it: it waits for no callback */
    bool errand;          /* its client brings it to its end */
    bool listed;          /* its client takes it forward */
    bool childless;       /* has no child calls, whatever its row says: it is one */
    bool may_be_gone;     /* of a child: a 404 is no failure */
    bool parts;           /* it is asked for a list of ids, maybe in several parts */
    bool gathered;        /* its child calls have ended; the result is in its table, `read` says what it is */
    bool concluded;       /* its answer is read, or being read */
    enum oe_code failure; /* settled without an answer: closed, timeout, cancelled */
} oe_call;

#pragma GCC visibility push(hidden)

/* call.c */
/* Takes the call at the absolute `index`, which is of the session at `session`, as far as it goes without waiting. True: it
   has its result, or C further up the stack is reading it, and this is a finalizer. */
bool oe_call_advance(lua_State *L, oe_call *call, int index, int session);
/* Raises where waiting for it has no end: it waits for a refresh whose answer is read further up the stack, and this is a finalizer. */
void oe_call_check_wait(lua_State *L, const oe_call *call);
/* Seconds until it wants to be looked at even if nothing happens on the wire. */
double oe_call_patience(const oe_call *call);
/* Has those who wait for it look again. */
void oe_call_tell_everyone(const oe_call *call);
/* Has it end without an answer; an errand goes on without anybody. */
void oe_call_cancel(lua_State *L, int index);
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
/* Pushes a new call of the session at `session`, with what its row needs of the arguments. */
oe_call *oe_call_push(lua_State *L, int session, const oe_row *row);
/* Gives the transfer back; the call is over on the wire. */
void oe_call_release(oe_call *call);
/* Pushes what the call at `index` has in a slot of its table, or sets it to the value on top of the stack, and pops that. */
void oe_call_get(lua_State *L, int index, enum oe_slot slot);
void oe_call_set(lua_State *L, int index, enum oe_slot slot);

/* moving.c */
/* Opens the files of the call at `index`, whose row moves files. */
void oe_moving_open(lua_State *L, oe_call *call, int index);
/* Has the progress of the call at `index` told, if there is any, and somebody to tell it. `last`: whenever the last time was. */
void oe_moving_report(lua_State *L, oe_call *call, int index, int session, bool last);
/* Pushes the result of a whole reply that is a file. `problem`: NULL, or why the file cannot get its name, and nothing is pushed. */
void oe_moving_push(lua_State *L, oe_call *call, int index, const oe_step *step, const char **problem);

/* errand.c */
/* Has the client of the session at `session` take the future at `index` forward while nobody awaits it. */
void oe_errand_watch(lua_State *L, int index, int session);
/* Has it bring the call at `index` to its end, whoever else still wants it. */
void oe_errand_begin(lua_State *L, int index, int session);
void oe_errand_end(lua_State *L, int index, int session);
/* The call is being collected. */
void oe_errand_forget(oe_call *call);
/* Takes those forward that can go on. Ask whenever the engine has worked, and somebody is there to run Lua. */
void oe_errand_run(lua_State *L, int client);

/* report.c */
/* Has the function and the argument on top of the stack, which it pops, called by whoever tells of the call: `call` is NULL
   where nobody does. `where` names the callback. */
void oe_report_add(lua_State *L, int session, oe_call *call, const char *where);
/* The same of a function and two arguments. */
void oe_report_add_pair(lua_State *L, int session, oe_call *call, const char *where);
/* Pushes function, argument, name, the session's table and a second argument or nil of the next report of the call with that number, 0: of none. */
#define OE_REPORT 5
bool oe_report_take(lua_State *L, int client, unsigned number);
/* Takes the next report of the call at `index` likewise. The call's time stands still until it is asked for another, by the one
   who is `going_on`; others are told that there is none. */
bool oe_report_next(lua_State *L, int index, bool going_on);
/* Makes orphans of the reports of the call with that number, or of calls that waited with that ticket. */
void oe_report_abandon(lua_State *L, int client, unsigned number);
void oe_report_abandon_ticket(lua_State *L, int client, unsigned ticket);
/* Makes orphans of the reports of the call at `index`. */
void oe_report_leave(lua_State *L, int index);
/* Calls the callbacks of the call at `index`, and the orphans' callbacks, from C: they cannot wait. */
void oe_report_tell(lua_State *L, int index);
void oe_report_tell_orphans(lua_State *L, int client);
/* Logs what the callback named at `where` threw: the value at `problem`, without the tokens of the session's table at `kept`. */
void oe_report_complain(lua_State *L, int client, int problem, int where, int kept);

/* session.c */
void oe_session_register(lua_State *L);
/* Pushes a new session of the client at `client` from the checked table at `saved`, which it keeps. */
void oe_session_push(lua_State *L, int client, int saved);
/* Pushes the client of the session at `session`, or its table. */
void oe_session_push_client(lua_State *L, int session);
void oe_session_push_client_table(lua_State *L, int session);
/* Pushes what the table of that client has under the name. */
void oe_session_push_of_client(lua_State *L, int session, const char *name);
/* The session's part of a successful reply to the call at `index`: takes or drops tokens. NULL, or why the reply cannot be right. */
const char *oe_session_settle(lua_State *L, int index, int session, int value);
/* Makes the tokens of the table at `tokens`, which a refresh of the session's own has brought, the session's, and has them
   saved. */
void oe_session_renew(lua_State *L, int session, oe_call *call, int tokens);
/* Pushes the family of the tokens in the session's table at `kept`: it ends when they are logged out. */
void oe_session_push_family(lua_State *L, int kept);
/* Pushes what api.getSession returns of the session at `index`. */
void oe_session_push_saved(lua_State *L, int index);
int oe_session_set_token(lua_State *L);

/* refresh.c */
/* Is the answer a 401 that new tokens may turn into another? */
bool oe_refresh_may_help(const oe_call *call);
/* Then: starts a refresh, or joins the one in flight. Ask until it is not OE_REFRESH_WAIT. */
enum oe_refresh { OE_REFRESH_WAIT, OE_REFRESH_DONE, OE_REFRESH_FAILED };
enum oe_refresh oe_refresh_poll(lua_State *L, int index, int session);
/* The call waits for none any more. */
void oe_refresh_leave(lua_State *L, int index);
/* After a refresh: a logout that carried the token just spent carries the new one. Look at call->transfer again. */
void oe_refresh_renew_body(lua_State *L, int index, int session);
/* Gives the session at `session` the tokens that a refresh of its own has brought to another session, if it has. */
void oe_refresh_adopt(lua_State *L, int session);

/* spent.c: what has become of refresh tokens, for the sessions that hold them still */
/* Pushes the key of the token on top of the stack, which it pops, of the provider below it, likewise, and of the device of the
   session's table at `kept`. False, and nothing pushed: one of them is no text. */
bool oe_spent_push_key(lua_State *L, int kept);
/* Pushes the record of the key at `key`, or returns false: { call = } in flight or failed, or { accessToken =, refreshToken =,
   at =, family = }. */
bool oe_spent_find(lua_State *L, int session, int key);
/* Makes room for a record. That can run a finalizer; setting it afterwards cannot. */
void oe_spent_make_room(lua_State *L, int session);
/* Sets it to the table on top of the stack, and pops that. */
void oe_spent_set(lua_State *L, int session, int key);

/* gather.c */
/* The stack of what runs protected, in follow.c and uploads.c, too: TABLE is that of OE_SLOT_CHILDREN. */
enum { OE_GATHER_CALL = 1, OE_GATHER_SESSION, OE_GATHER_TABLE };
/* Gives the call at `index` child calls: those of `follow`, or one for each item of the list on top of the stack. Pops that; the table of
   the child calls has it under the name. */
void oe_gather_begin(lua_State *L, int index, const oe_follow *follow, const char *name);
/* Pushes a new child call of the method and the n arguments on top of the stack, which it pops; or what was raised, and returns false. */
bool oe_gather_push(lua_State *L, int n, int session, const char *method);
/* Takes the child calls forward. True: they have ended. The call's table has the result, unless call->read says that there is none yet. */
bool oe_gather_poll(lua_State *L, int index, int session);
/* Cancels those that are under way. */
void oe_gather_leave(lua_State *L, int index);
/* The call is being collected. */
void oe_gather_forget(oe_call *call);

/* follow.c */
/* Has the call at `index`, whose reply came to the value at that index, go on with its child calls, if it has any; raises. */
void oe_follow_begin(lua_State *L, int index, int value);
/* Plans the stage that begins with g->follow. */
void oe_follow_plan(lua_State *L, oe_gathering *g);
/* Pushes a new call for the item on top of the stack; false: its argument, of a reply, is none, which the server has to answer for. */
bool oe_follow_push(lua_State *L, const oe_gathering *g);
/* Takes the child's result, on top of the stack, for the item of that number, at TABLE + 2. */
void oe_follow_take(lua_State *L, oe_gathering *g, const oe_call *child, int number);
/* Goes to the next stage. False: there is none. */
bool oe_follow_next(lua_State *L, oe_gathering *g);
/* Pushes the value, or the error with it as `partial`. */
enum oe_outcome oe_follow_finish(lua_State *L);

/* uploads.c */
/* Opens the files of the body of the call at `index`, and has it upload them first, if there are any; raises. */
void oe_uploads_begin(lua_State *L, int index, int session);
/* Pushes the call of the item on top of the stack. */
bool oe_uploads_push(lua_State *L);
/* Takes the child's result, on top of the stack, for the item at TABLE + 2. */
void oe_uploads_take(lua_State *L, oe_call *call, oe_gathering *g, const oe_call *child);
/* Completes the body, or pushes the error of an upload. */
enum oe_outcome oe_uploads_finish(lua_State *L, oe_call *call);
/* Cancels those that are not under way. */
void oe_uploads_leave(lua_State *L, int table);

/* parts.c */
/* Replaces a list of ids among the arguments by the text of its first part, and keeps the rest. An empty list gives the call at
   `index` its result. Raises. */
void oe_parts_split(lua_State *L, oe_call *call, int index);
/* Returns in how many requests the call at `index` asks. */
int oe_parts_count(lua_State *L, const oe_call *call, int index);
/* Pushes the value for oe_follow_begin: a list of the parts that are to be asked for; the first one's reply came to the value at
   `value`. */
void oe_parts_push(lua_State *L, int index, int value);
/* Replaces that value on top of the stack, with the other parts' results, by the list of all items. */
void oe_parts_join(lua_State *L);

/* retry.c */
/* Seconds to wait before the call is sent again, or negative: settle it. */
double oe_retry_delay(const oe_call *call);
/* Has a call whose language the API refuses ask for its next one. No document says how the API does that: a 400 that names the
   language, or speaks of languages, is taken for it. */
bool oe_retry_language(oe_call *call);

/* outcome.c */
/* Pushes what the call at `index`, which is of the session at `session`, came to: its answer, or `failure` without one. What is
   raised meanwhile is the result, too. */
enum oe_outcome oe_outcome_push(lua_State *L, oe_call *call, int index, int session, enum oe_code failure);
/* Pushes what the method of the call with its result returns, and returns how many values, or raises it. */
int oe_outcome_return(lua_State *L, const oe_call *call, int index);
/* The same, for the last time: a call, which has a finalizer, would keep a large value for one more cycle of the collector. */
int oe_outcome_take(lua_State *L, const oe_call *call, int index);

/* poll.c */
/* Reads { timeout, interval } of a row that polls at `index`, or the defaults when it is nil; raises. */
void oe_poll_options(lua_State *L, const oe_row *row, int index, double *timeout, double *interval);

/* error.c */
void oe_error_register(lua_State *L);
/* The facts of a failed call, noted before anything of it can be finalized. */
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
/* Appends the text at the index without the tokens of the session's table at `kept` and of its client. */
void oe_error_add_masked(lua_State *L, int text, const oe_client *client, int kept, oe_buffer *out);

/* Pushes the text of the error at `index`, or returns false: it is none of ours. */
bool oe_error_push_text(lua_State *L, int index);
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
/* Has the client's hooks told of a request of the call at `index` that is about to be sent, or was answered. */
void oe_hooks_report(lua_State *L, oe_call *call, int session, bool answered);

#pragma GCC visibility pop

#endif
