/* Requests over libcurl, as seen from above: a transfer is taken, started, driven and given back. Never touches Lua. */
#ifndef ONEENTRY_TRANSFER_H
#define ONEENTRY_TRANSFER_H

#include "api/api.h"
#include "base/base.h"

#include <signal.h>

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

#define OE_HEADER_LINES 4 /* content type, app token, access token, device */

/* One HTTP exchange. The engine owns it; a call borrows it. */
typedef struct oe_transfer {
    /* written by request.c */
    enum oe_verb verb;
    oe_buffer url, body;
    oe_buffer headers; /* at most OE_HEADER_LINES "name: value", each ended by NUL */
    bool has_body;
    bool reads; /* changes nothing: may be sent more than once */
    /* written by the engine */
    struct oe_transfer **owner; /* set to NULL when the engine goes away first */
    bool *owner_sent;           /* or NULL: then set to true if the request had been sent */
    unsigned ticket;            /* of who waits for it, 0: nobody; oe_engine_next_news tells it once */
    bool done;
    bool sent;             /* the request may have reached the server */
    enum oe_code result;   /* of the transport: OE_OK when a whole reply came */
    char message[200];     /* why result is not OE_OK */
    double started, ended; /* oe_clock_now() */
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

#pragma GCC visibility push(hidden)

/* engine.c: its life and its transfers; drive.c: its work. wire.h names the files that know libcurl */
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

#pragma GCC visibility pop

#endif
