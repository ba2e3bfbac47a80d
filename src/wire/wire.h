/* Private to the files that know libcurl: wire.c, answer.c, lane.c, engine.c, drive.c, watch.c, sockets.c, holders.c, tls.c,
   origin.c. */
#ifndef ONEENTRY_WIRE_H
#define ONEENTRY_WIRE_H

#include "loop/loop.h"
#include "wire/transfer.h"

#include <curl/curl.h>

/* Requests of one engine go out over two multi handles: before 8.5, libcurl can hand an answer to the wrong request where
   connections of HTTP/1.1 and HTTP/2 to one host share a handle. */
enum { OE_LANE_1, OE_LANE_2, OE_LANES };

typedef struct oe_wire {
    oe_transfer t;                   /* first: a transfer is its wire */
    struct oe_wire *next, *previous; /* of the active ones; next of the idle ones */
    struct oe_wire *next_news;
    bool is_news;                                  /* in the engine's list */
    struct oe_wire *next_parked, *previous_parked; /* in the queue of its lane */
    struct oe_engine *engine;
    CURL *easy;
    CURLU *url;                                   /* kept: parsing one anew costs a tenth of a call */
    struct curl_slist lines[1 + OE_HEADER_LINES]; /* one is the wire's own */
    char error[CURL_ERROR_SIZE];
    double deadline, connect_deadline;
    int lane;
    bool running; /* added to the multi handle of its lane */
    bool parked;  /* waits: for lane 2 to hear whether the server speaks HTTP/2, for lane 1 for a free connection */
    bool astray;  /* on lane 2, and the server chose HTTP/1.1: nothing was sent */
    bool stale;   /* its connection had something to say before it was asked: nothing was sent */
    void *tls;    /* the SSL of its connection, if known */
    int starts;   /* how often libcurl began to send the request */
    size_t header_bytes;
    bool too_large, no_memory, has_retry_after;
    bool head_ended, has_length, malformed; /* of the answer */
    double length;                          /* its content-length, or -1 */
} oe_wire;

/* One open socket of libcurl's. */
typedef struct oe_socket {
    int fd, lane;
    bool connection;     /* to a server; else a resolver's */
    ino_t inode;         /* libcurl closes an attempt to connect without a word; the number may be another's then */
    unsigned wanted;     /* EPOLLIN, EPOLLOUT; 0: idle */
    unsigned registered; /* with the epoll descriptor */
    int port;            /* its own, once somebody has asked for it */
} oe_socket;

typedef struct oe_sockets {
    oe_socket *list;
    size_t n, room;
    int *at; /* by descriptor: position in list, or -1 */
    size_t at_room;
} oe_sockets;

/* One descriptor to wait on, that is readable when some socket has news or the time has come. */
typedef struct oe_watch {
    bool open;
    oe_bell bell;
    double armed; /* when the timer fires; 0: it does not */
    bool blind;   /* some socket could not be registered: look at it, often, and try again */
    oe_sockets sockets;
} oe_watch;

typedef struct oe_lane {
    CURLM *multi;
    struct oe_engine *engine;
    int number;
    double due;                          /* when libcurl wants to be called whatever happens; 0: never */
    size_t running;                      /* requests */
    oe_wire *first_parked, *last_parked; /* the queue of those that wait for it */
    bool doubtful;                       /* connecting has failed: the host's name is looked up anew */
} oe_lane;

enum oe_h2 { OE_H2_NO, OE_H2_UNKNOWN, OE_H2_PROBING, OE_H2_YES };

struct oe_engine {
    oe_options options;
    pid_t pid; /* that opened it: a child of fork never touches the parent's handles */
    oe_lane lanes[OE_LANES];
    oe_wire *active, *idle;
    size_t idle_n;
    size_t parked; /* of the active ones */
    oe_watch watch;
    enum oe_h2 h2;        /* does the server choose it? */
    const oe_wire *probe; /* the request that finds out */
    double expiry;        /* when some request may have had its time; 0: none */
    bool watched;         /* somebody waits on the descriptor: its timer has to be armed */
    size_t waiting;       /* how many of those will tell when they do no more */
    bool closed;          /* for good */
    oe_wire *news;        /* whose transfer has ended and who waits for it */
    bool everyone;        /* all who wait are to be told */
    bool suspect;         /* a TLS failure: it may be of cached authorities that were read without memory */
    char ca_path[256];    /* libcurl's own directory when it is hashed, else empty */
    oe_holders *holders;
    oe_engine *next_holder, *previous_holder; /* while it holds descriptors */
    bool holds;
};

#pragma GCC visibility push(hidden)

/* wire.c */
/* A wire with its handle configured, or NULL without memory. */
oe_wire *oe_wire_new(oe_engine *e);
void oe_wire_free(oe_wire *w);
/* Its owner has it no more. */
void oe_wire_disown(oe_wire *w);
void oe_wire_empty(oe_wire *w);
/* Ready for a request. */
void oe_wire_reset(oe_wire *w);
/* Tells the handle of the request, for the lane. False without memory, or with more headers than there is room for. */
bool oe_wire_prepare(oe_wire *w, double seconds);

/* answer.c */
size_t oe_answer_on_body(char *bytes, size_t size, size_t count, void *wire);
size_t oe_answer_on_header(char *bytes, size_t size, size_t count, void *wire);
/* The request is over: writes the outcome. */
void oe_answer_finish(oe_wire *w, CURLcode result);
void oe_answer_fail(oe_wire *w, enum oe_code code, const char *message);

/* lane.c */
/* False without memory. */
bool oe_lane_open(oe_engine *e, int number);
/* Sends the request on its way: over which lane? */
void oe_lane_route(oe_engine *e, oe_wire *w);
/* Sends the parked requests that have to wait no longer: HTTP/2 is known, or a connection is free. */
void oe_lane_release(oe_engine *e);
/* Is there one? */
bool oe_lane_may_release(const oe_engine *e);
/* The requests that libcurl has. */
size_t oe_lane_running(const oe_engine *e);
/* Has libcurl work: there are events (CURL_CSELECT_*) on a socket, or it is time. */
void oe_lane_act(oe_engine *e, oe_lane *lane, curl_socket_t fd, int events);
/* Takes in what has ended. */
void oe_lane_reap(oe_engine *e, oe_lane *lane);
/* Ends the request without an outcome, if it is under way. */
void oe_lane_stop(oe_wire *w);
/* It has its outcome: who waits for it has news. */
void oe_lane_ended(oe_engine *e, oe_wire *w);
void oe_lane_fail(oe_engine *e, oe_wire *w, enum oe_code code, const char *message);

/* drive.c */
#define OE_FAR 1e6 /* seconds: never */
/* The descriptor is readable in so many seconds at the latest: who waits on it does not call before. */
void oe_engine_arm(oe_engine *e, double seconds);
/* Some request may have had its time then. */
void oe_engine_expect(oe_engine *e, double time);

/* engine.c */
/* False in a child of fork: the handles were the parent's, and are forgotten. */
bool oe_engine_own(oe_engine *e);
/* Does nobody use it, not even to look at an answer? */
bool oe_engine_is_idle(const oe_engine *e);
/* Closes its connections and descriptors; those of an engine that is not closed come back with its next call. */
void oe_engine_release(oe_engine *e);
/* Releases a closed one that nobody waits for any more. */
void oe_engine_settle(oe_engine *e);

/* holders.c */
/* The engine is about to use descriptors: the last to have done so. Others may have to give up theirs. */
void oe_holders_join(oe_engine *e);
/* It holds none any more. */
void oe_holders_leave(oe_engine *e);
/* Where the process has no descriptor left: have other engines given up theirs? */
bool oe_holders_relieve(const oe_engine *e);

/* sockets.c */
/* NULL without memory. */
oe_socket *oe_sockets_add(oe_sockets *s, int fd);
oe_socket *oe_sockets_find(const oe_sockets *s, int fd);
void oe_sockets_remove(oe_sockets *s, int fd);
/* Its own port, or 0. */
int oe_sockets_port(oe_socket *s);
/* Can it be read, or has it ended? */
bool oe_sockets_has_news(const oe_socket *s);
/* Closes the connections without a word on the wire: they are another process's, too. */
void oe_sockets_abandon(oe_sockets *s);
void oe_sockets_free(oe_sockets *s);

/* watch.c */
/* False with errno: no descriptor to be had. */
bool oe_watch_open(oe_watch *w);
void oe_watch_close(oe_watch *w);
/* libcurl opens, watches and closes sockets. */
curl_socket_t oe_watch_on_open(void *watch, curlsocktype purpose, struct curl_sockaddr *address);
int oe_watch_on_close(void *watch, curl_socket_t fd);
int oe_watch_on_socket(CURL *easy, curl_socket_t fd, int what, void *lane, void *nothing);
/* libcurl is through with it for now. A connection stays registered: its end is heard at once, and its next request costs
   no system call here. A resolver closes its sockets by itself. */
void oe_watch_idle(oe_watch *w, oe_socket *s);
/* Tries again to register what could not be. */
void oe_watch_retry(oe_watch *w);
/* An idle socket has been heard. */
void oe_watch_forget(oe_watch *w, oe_socket *s);
/* The timer fires then, or earlier. */
void oe_watch_arm(oe_watch *w, double when);
/* It has fired. */
void oe_watch_disarm(oe_watch *w);

/* tls.c: what libcurl does not tell of its TLS connections */
/* Can it be told at all? Only where libcurl uses OpenSSL. */
bool oe_tls_is_known(void);
/* The SSL of the connection that the handle is using, or NULL. */
void *oe_tls_of(CURL *easy);
/* Does it hold bytes of the connection that nobody has read? A poll does not tell. */
bool oe_tls_has_unread(void *ssl);
bool oe_tls_chose_h2(void *ssl);

#pragma GCC visibility pop

#endif
