/* Private to the files that know libcurl: wire.c, answer.c, lane.c, engine.c, drive.c, watch.c, sockets.c, holders.c, tls.c,
   origin.c, upload.c, foreign.c. Their words:
     ticket   the number of a waiting coroutine; a transfer has the ticket of the one that waits for it
     news     transfers that have ended, and whose ticket has not been told yet
     lane     one of two multi handles of libcurl: one for HTTP/1.1, one for HTTP/2
     parked   waits for its lane: for a free connection, or to hear whether the server speaks HTTP/2
     astray   a request on the lane of HTTP/2 whose server chose HTTP/1.1; nothing was sent
     stale    a request on a kept connection that has died or said something unasked; nothing was sent
     blind    a socket could not be registered with epoll; the watch looks at it often
     suspect  TLS or memory has failed; cached authorities may be incomplete and are read anew */
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
    bool is_news;                                  /* is in the engine's list */
    struct oe_wire *next_parked, *previous_parked; /* in the queue of its lane */
    struct oe_engine *engine;
    CURL *easy;
    CURLU *url;                                   /* kept: parsing one anew costs a tenth of a call */
    curl_mime *mime;                              /* NULL, or the body that is being sent */
    struct curl_slist lines[1 + OE_HEADER_LINES]; /* one is the wire's own */
    char error[CURL_ERROR_SIZE];
    bool plain; /* asks for files as they are, not compressed */
    double deadline, connect_deadline;
    int lane;
    bool running; /* added to the multi handle of its lane */
    bool parked, astray, stale;
    void *tls;  /* the SSL of its connection, if known */
    int starts; /* times that libcurl began to send the request */
    size_t header_bytes;
    bool too_large, no_memory, has_retry_after;
    bool head_ended, has_length, malformed; /* of the answer */
    double length;                          /* content-length of the answer, or -1 */
    const char *file_problem;               /* why a file could not be read or written */
    const char *refused;                    /* why no connection may be opened */
    long head_status;                       /* of the answer whose body comes; 0: not asked for yet */
} oe_wire;

/* An open socket of libcurl's. */
typedef struct oe_socket {
    int fd, lane;
    bool connection; /* to a server; else a resolver's */
    ino_t inode;     /* libcurl closes failed attempts to connect without a word: another file may have the number */
    unsigned wanted; /* EPOLLIN, EPOLLOUT; 0: idle */
    unsigned registered; /* with the epoll descriptor */
    int port;            /* the local one, once somebody has asked for it */
} oe_socket;

typedef struct oe_sockets {
    oe_socket *list;
    size_t n, room;
    int *at; /* by descriptor: its position in list, or -1 */
    size_t at_room;
} oe_sockets;

/* A descriptor to wait on: readable when some socket has news or the time has come. */
typedef struct oe_watch {
    bool open;
    oe_bell bell;
    double armed; /* when the timer fires; 0: never */
    bool blind;
    oe_sockets sockets;
} oe_watch;

typedef struct oe_lane {
    CURLM *multi;
    struct oe_engine *engine;
    int number;
    double due;                          /* when libcurl has to be called, whatever happens; 0: never */
    size_t running;                      /* requests */
    oe_wire *first_parked, *last_parked; /* a queue */
    bool doubtful;                       /* connecting has failed: the host's name is looked up anew */
} oe_lane;

enum oe_h2 { OE_H2_NO, OE_H2_UNKNOWN, OE_H2_PROBING, OE_H2_YES };

struct oe_engine {
    oe_options options;
    pid_t pid; /* of its process: a child of fork never touches the parent's handles */
    oe_lane lanes[OE_LANES];
    oe_wire *active, *idle;
    size_t idle_n;
    size_t parked; /* of the active ones */
    oe_watch watch;
    enum oe_h2 h2;        /* does the server choose HTTP/2? */
    const oe_wire *probe; /* the request that finds out */
    double expiry;        /* when some request may have had its time; 0: none */
    bool watched;         /* somebody waits on the descriptor: its timer has to be armed */
    size_t waiting;       /* of those, the ones that will say when they stop waiting */
    bool rung;            /* the one that waits on the descriptor is to wake */
    bool closed;          /* for good */
    oe_wire *news;        /* a list */
    bool everyone;        /* every waiting coroutine has to be told */
    bool suspect;
    char ca_path[256]; /* libcurl's own directory when it is hashed, else empty */
    oe_holders *holders;
    oe_engine *next_holder, *previous_holder; /* while it holds descriptors */
    bool holds;
};

#pragma GCC visibility push(hidden)

/* wire.c */
/* Returns a wire whose handle is configured, or NULL without memory. */
oe_wire *oe_wire_new(oe_engine *e);
void oe_wire_free(oe_wire *w);
/* Clears the owner's pointer. */
void oe_wire_disown(oe_wire *w);
/* Empties its buffers. */
void oe_wire_empty(oe_wire *w);
/* Makes it ready for a request. */
void oe_wire_reset(oe_wire *w);
/* Tells the handle of the request, for the lane. False without memory, or with more headers than there is room for. */
bool oe_wire_prepare(oe_wire *w, double seconds);

/* upload.c */
/* Makes the body anew, of each file from its beginning. False without memory. */
bool oe_upload_prepare(oe_wire *w);

/* foreign.c */
/* Tells the handle of a request that gets nothing of the project's. False without memory. */
bool oe_foreign_prepare(oe_wire *w);
/* Returns why such a request may not be sent at all, or NULL. */
const char *oe_foreign_problem(const oe_wire *w);
bool oe_foreign_is_private(const struct sockaddr *address);
curl_socket_t oe_foreign_on_open(void *wire, curlsocktype purpose, struct curl_sockaddr *address);

/* answer.c */
size_t oe_answer_on_body(char *bytes, size_t size, size_t count, void *wire);
size_t oe_answer_on_header(char *bytes, size_t size, size_t count, void *wire);
/* Ends the request: writes its outcome. */
void oe_answer_finish(oe_wire *w, CURLcode result);
void oe_answer_fail(oe_wire *w, enum oe_code code, const char *message);

/* lane.c */
/* False without memory. */
bool oe_lane_open(oe_engine *e, int number);
/* Chooses the request's lane, and sends it or parks it there. */
void oe_lane_route(oe_engine *e, oe_wire *w);
/* Sends the parked requests whose wait is over: HTTP/2 is known, or a connection is free. */
void oe_lane_release(oe_engine *e);
/* Is there such a request? */
bool oe_lane_may_release(const oe_engine *e);
/* Counts the requests that libcurl has. */
size_t oe_lane_running(const oe_engine *e);
/* Calls libcurl: about events (CURL_CSELECT_*) on a socket, or because it is time. */
void oe_lane_act(oe_engine *e, oe_lane *lane, curl_socket_t fd, int events);
/* Takes in the requests that have ended. */
void oe_lane_reap(oe_engine *e, oe_lane *lane);
/* Ends the request without an outcome, if it is under way. */
void oe_lane_stop(oe_wire *w);
/* The request has its outcome: makes it news. */
void oe_lane_ended(oe_engine *e, oe_wire *w);
void oe_lane_fail(oe_engine *e, oe_wire *w, enum oe_code code, const char *message);

/* drive.c */
#define OE_FAR 1e6 /* seconds: never */
/* Makes the descriptor readable in so many seconds at the latest. A program that waits on it does not call before. */
void oe_engine_arm(oe_engine *e, double seconds);
/* Some request's time may be over then: looks at the deadlines again. */
void oe_engine_expect(oe_engine *e, double time);

/* engine.c */
/* Returns false in a child of fork, after it has forgotten the parent's handles. */
bool oe_engine_own(oe_engine *e);
/* Is it unused, even by a call that still looks at its answer? */
bool oe_engine_is_idle(const oe_engine *e);
/* Closes its connections and descriptors. An engine that is not closed opens new ones with its next call. */
void oe_engine_release(oe_engine *e);
/* Releases a closed engine once nobody waits for it any more. */
void oe_engine_settle(oe_engine *e);

/* holders.c */
/* Call before the engine uses descriptors. Makes it the one used last; others may have to give up theirs. */
void oe_holders_join(oe_engine *e);
/* Call when the engine holds no descriptor any more. */
void oe_holders_leave(oe_engine *e);
/* When the process has no descriptor left, has other engines give up theirs. False: none has. */
bool oe_holders_relieve(const oe_engine *e);

/* sockets.c */
/* NULL without memory. */
oe_socket *oe_sockets_add(oe_sockets *s, int fd);
oe_socket *oe_sockets_find(const oe_sockets *s, int fd);
void oe_sockets_remove(oe_sockets *s, int fd);
/* Returns the local port, or 0. */
int oe_sockets_port(oe_socket *s);
/* Can the socket be read, or has it ended? */
bool oe_sockets_has_news(const oe_socket *s);
/* Closes the connections without a word on the wire: the parent process has them, too. */
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
/* libcurl does not watch the socket any more. A connection stays registered: its end is heard at once, and its next request
   costs no system call here. A resolver closes its sockets by itself. */
void oe_watch_idle(oe_watch *w, oe_socket *s);
/* Tries again to register the sockets that could not be. */
void oe_watch_retry(oe_watch *w);
/* Unregisters an idle socket that has been heard. */
void oe_watch_forget(oe_watch *w, oe_socket *s);
/* Has the timer fire then, or earlier. */
void oe_watch_arm(oe_watch *w, double when);
/* Call when the timer has fired. */
void oe_watch_disarm(oe_watch *w);

/* tls.c: facts about TLS connections that libcurl does not tell */
/* Can anything be told at all? Only where libcurl uses OpenSSL. */
bool oe_tls_is_known(void);
/* Returns the SSL of the connection that the handle is using, or NULL. */
void *oe_tls_of(CURL *easy);
/* Does the SSL hold bytes of the connection that nobody has read? A poll does not tell. */
bool oe_tls_has_unread(void *ssl);
bool oe_tls_chose_h2(void *ssl);

#pragma GCC visibility pop

#endif
