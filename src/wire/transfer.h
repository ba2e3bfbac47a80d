/* Requests over libcurl, as seen from above: a transfer is taken, started, driven and given back. Never touches Lua. */
#ifndef ONEENTRY_TRANSFER_H
#define ONEENTRY_TRANSFER_H

#include "api/api.h"
#include "base/base.h"

#include <signal.h>
#include <sys/types.h>

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
    OE_LOCAL,    /* a file of this machine cannot be read or written, or has changed meanwhile */
    OE_NO_MEMORY /* raised as Lua's own memory error, never in err.code */
};

#define OE_HEADER_LINES 4 /* content type or accept, app token, access token, device */

/* One file of an upload: `size` bytes of the descriptor, which is the part's own, or of `bytes`, which the caller keeps. */
typedef struct oe_part {
    int fd; /* of a regular file, or -1 */
    const char *bytes;
    long long from, size; /* the first byte's place in the file; how many are sent */
    long long file_size;  /* of the whole file when the call began */
    char *name, *type;    /* type: a media type */
    long long at;         /* of the bytes, the next to be sent */
    struct oe_transfer *transfer;
} oe_part;

/* A body of files. */
typedef struct oe_upload {
    const char *field; /* the form's, of each file */
    size_t n;
    oe_part parts[];
} oe_upload;

/* Where a reply's bytes go instead of into memory. */
typedef struct oe_sink {
    int fd;            /* its own, of a regular file */
    long long from;    /* the first byte's place in it */
    bool grows;        /* the file ends there: it is cut there when the transfer fails */
    char *part, *path; /* NULL, or the names of the file while it is written, and when it is whole */
    pid_t pid;         /* of its process: a child of fork removes nothing */
} oe_sink;

/* One HTTP exchange. The engine owns it; a call borrows it. */
typedef struct oe_transfer {
    /* written by request.c */
    enum oe_verb verb;
    oe_buffer url, body;
    oe_buffer headers; /* at most OE_HEADER_LINES "name: value", each ended by NUL */
    bool has_body;
    bool reads;         /* changes nothing: may be sent more than once */
    bool raw;           /* the reply is any bytes, not JSON */
    bool foreign;       /* the url is of any server: it gets nothing of the project's or the configuration's */
    bool allow_private; /* and may have an address of a private network */
    oe_upload *upload;  /* NULL, or the body */
    oe_sink *sink;      /* NULL, or where the bytes of a successful reply go */
    /* written by the engine */
    struct oe_transfer **owner; /* set to NULL when the engine goes away first */
    bool *owner_sent;           /* or NULL: then set to true if the request had been sent */
    unsigned ticket;            /* of the coroutine that waits, 0: none; oe_engine_next_news tells it once */
    bool done;
    bool final;             /* sent again it would end the same way */
    bool sent;              /* the request may have reached the server */
    enum oe_code result;    /* of the transport: OE_OK when a whole reply came */
    char message[200];      /* why result is not OE_OK */
    double started, ended;  /* oe_clock_now() */
    long status;            /* final HTTP status, 0 when none came */
    double retry_after;     /* seconds, 0 when the server named none */
    long long moved, total; /* bytes of files sent or received so far, and of all; total is -1 when nobody knows */
    char type[128];         /* media type of a raw reply, or "" */
    oe_buffer reply;
} oe_transfer;

/* The engine's part of the configuration. Strings belong to the client; NULL is absent. */
typedef struct oe_options {
    double timeout, connect_timeout; /* seconds; timeout is of the whole call */
    double max_age;                  /* seconds, of a connection that is used again */
    size_t max_response;             /* decoded bytes */
    size_t max_values;               /* of a reply */
    long max_connections;            /* 0 no limit */
    bool https;                      /* the project's connections are encrypted */
    bool tls;                        /* they are, or those to a proxy may be */
    const char *ca_file, *ca_path, *cert_file, *key_file, *key_password;
    const char *proxy; /* "" none, NULL as the environment says */
    const char *user_agent;
} oe_options;

typedef struct oe_engine oe_engine;

/* The engines of one Lua state that hold descriptors. The registry has the list. */
typedef struct oe_holders {
    oe_engine *first, *last; /* in the order of their use */
    size_t n;
    size_t collect_at; /* as many engines are a reason to collect garbage */
} oe_holders;

#pragma GCC visibility push(hidden)

/* engine.c: its life and its transfers; drive.c: its work. wire.h names the files that know libcurl */
oe_engine *oe_engine_new(const oe_options *options, oe_holders *holders);
/* Cancels every transfer and closes every connection. Owners become NULL; one whose answer is there keeps it. */
void oe_engine_stop(oe_engine *e);
/* Stops the engine for good. Closes its descriptors at once, or as soon as every coroutine that waits on them has been told. */
void oe_engine_close(oe_engine *e);
/* Stops and frees the engine. An owner that keeps an answer gives it back without an engine. */
void oe_engine_free(oe_engine *e);
/* Returns a transfer with empty buffers, or NULL without memory. *owner holds it from now on. */
oe_transfer *oe_engine_take(oe_engine *e, oe_transfer **owner);
/* Cancels a transfer that runs, and takes it back. Clears *owner. `e` is NULL once the engine is freed. */
void oe_engine_give(oe_engine *e, oe_transfer *t);
/* Sends the request; the transfer may be done on return. `seconds` are left of the call. */
void oe_engine_start(oe_engine *e, oe_transfer *t, double seconds);
/* Drives all transfers, waiting at most so long. */
void oe_engine_wait(oe_engine *e, double seconds);
/* Drives all transfers a little, without waiting; the descriptor stays readable while there is more to do. Ask for the news
   then, and for the descriptor before waiting on it: asking arms its timer, which costs less once the news are told. */
void oe_engine_step(oe_engine *e);
/* Returns a descriptor that is readable whenever oe_engine_wait has something to do, or -1 with errno. The engine owns it,
   and keeps the same one while a request is under way or somebody waits on it. */
int oe_engine_fd(oe_engine *e);
/* Returns that descriptor, and keeps it open until oe_engine_unwatch. */
int oe_engine_watch(oe_engine *e);
void oe_engine_unwatch(oe_engine *e);
/* Makes the descriptor readable, whoever drives meanwhile, until the one that waits on it has woken. */
void oe_engine_ring(oe_engine *e);
/* Counts the transfers under way. */
size_t oe_engine_flight(const oe_engine *e);
#define OE_EVERYONE (~0u) /* a ticket that stands for every waiting coroutine */
/* Has every waiting coroutine told. */
void oe_engine_tell_everyone(oe_engine *e);
bool oe_engine_has_news(const oe_engine *e);
/* Takes the ticket of the next transfer that has ended. False: there is none. */
bool oe_engine_next_news(oe_engine *e, unsigned *ticket);

/* holders.c */
/* Returns the list of this state; raises without memory. */
oe_holders *oe_holders_of(lua_State *L);
/* Collects garbage when many engines hold descriptors: a client may have been dropped while its calls were under way. */
void oe_holders_collect(lua_State *L);

/* origin.c */
/* A project url, taken apart. Its first `scheme_n` bytes end with "://"; the host follows; `rest_n` bytes from `rest` on are
   port and path, without slashes at the end. `host` is in ASCII. */
#define OE_HOST_SIZE 256
typedef struct oe_origin {
    char host[OE_HOST_SIZE];
    size_t scheme_n, rest, rest_n;
} oe_origin;
/* Returns NULL, or the problem of a project url. */
const char *oe_origin_read(const char *url, oe_origin *o);
/* Can the url be a proxy's? */
bool oe_origin_is_proxy(const char *url);

/* upload.c */
/* Returns an upload with room for n files, or NULL without memory. */
oe_upload *oe_upload_new(size_t n, const char *field);
void oe_upload_free(oe_upload *u);
/* Copies name and media type. False without memory. */
bool oe_upload_name(oe_part *p, const char *name, const char *type);
/* Has the file's bytes be those of `fd`, which becomes the part's, from `from` to the end. NULL, or the problem. */
const char *oe_upload_take(oe_part *p, int fd, long long from);

/* sink.c */
/* Takes `fd`, also when it fails, and copies the names. NULL without memory. */
oe_sink *oe_sink_new(int fd, long long from, const char *part, const char *path);
/* Opens the file of that name and locks it, empty. -1 with errno; EBUSY: another sink has it. */
int oe_sink_open(const char *part);
/* Begins anew. False with errno. */
bool oe_sink_rewind(const oe_sink *s);
/* Writes n bytes, `at` bytes behind the first. False with errno. */
bool oe_sink_write(const oe_sink *s, long long at, const char *bytes, size_t n);
/* Gives the whole file its name, and frees the sink. False with errno. */
bool oe_sink_keep(oe_sink *s);
/* Takes back what was written, and frees the sink. */
void oe_sink_drop(oe_sink *s);

/* sigpipe.c: blocks SIGPIPE for this thread, and swallows one that comes meanwhile */
typedef struct oe_sigpipe {
    sigset_t before;
    bool blocked, was_pending;
} oe_sigpipe;
void oe_sigpipe_block(oe_sigpipe *s);
void oe_sigpipe_restore(const oe_sigpipe *s);

#pragma GCC visibility pop

#endif
