/* Transfers over libcurl's multi interface: which are under way, on which connections, and what happens next. */
#include "wire.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define MAX_IDLE 256        /* easy handles kept */
#define MAX_CONNECTIONS 256 /* idle ones kept, unless the client is allowed fewer */
#define MAX_EVENTS 64       /* taken at once */
#define MAX_ROUNDS 64       /* of that, before others have their turn */
#define FAR 1e6             /* seconds: never */
#define GRACE 0.005         /* seconds for libcurl to end a request in time */
#define BLIND_LOOK 0.01     /* seconds between looks at sockets that could not be registered */

double oe_engine_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool is_own_process(const oe_engine *e)
{
    return e->pid == getpid();
}

/* ---- multi handles ------------------------------------------------------------------------------ */

static int on_timer(CURLM *multi, long ms, void *context)
{
    (void)multi;
    oe_lane *lane = context;
    lane->due = ms < 0 ? 0 : oe_engine_now() + (double)ms / 1e3;
    return 0;
}

/* One of HTTP/2 carries many requests. */
static long connections(const oe_engine *e, int number)
{
    long most = e->options.max_connections;
    if (!most || e->h2 == OE_H2_NO)
        return most;
    return number == OE_LANE_2 ? 1 : most - 1;
}

#define SET_MULTI(option, value) (ok = ok && curl_multi_setopt(lane->multi, option, value) == CURLM_OK)

static bool open_lane(oe_engine *e, int number)
{
    oe_lane *lane = &e->lanes[number];
    long most = connections(e, number);
    if (lane->multi)
        return true;
    *lane = (oe_lane){ .engine = e, .number = number, .multi = curl_multi_init() };
    if (!lane->multi)
        return false;
    bool ok = true;
    SET_MULTI(CURLMOPT_PIPELINING, number == OE_LANE_2 ? (long)CURLPIPE_MULTIPLEX : (long)CURLPIPE_NOTHING);
    SET_MULTI(CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
    SET_MULTI(CURLMOPT_MAXCONNECTS, most ? most : (long)MAX_CONNECTIONS);
    SET_MULTI(CURLMOPT_SOCKETFUNCTION, oe_watch_on_socket);
    SET_MULTI(CURLMOPT_SOCKETDATA, lane);
    SET_MULTI(CURLMOPT_TIMERFUNCTION, on_timer);
    SET_MULTI(CURLMOPT_TIMERDATA, lane);
    return ok;
}

/* In a child of fork: the handles and sockets are the parent's. Forget them, without a word on the wire. */
static void abandon(oe_engine *e)
{
    for (oe_wire *w = e->active; w; w = w->next) {
        w->running = w->parked = false;
        oe_wire_disown(w);
    }
    oe_sockets_abandon(&e->watch.sockets);
    oe_watch_close(&e->watch);
    for (int i = 0; i < OE_LANES; i++)
        e->lanes[i] = (oe_lane){ 0 };
    e->active = e->idle = NULL;
    e->running = e->parked = 0;
    e->probe = NULL;
    if (e->h2 == OE_H2_PROBING)
        e->h2 = OE_H2_UNKNOWN;
    e->watched = e->everyone = false;
    e->news = NULL;
    e->idle_n = 0;
    e->pid = getpid();
}

static bool open_lanes(oe_engine *e)
{
    if (!is_own_process(e))
        abandon(e);
    if (e->suspect && !e->active) {
        oe_engine_stop(e);
        e->suspect = false;
    }
    return open_lane(e, OE_LANE_1);
}

/* ---- starting and ending ------------------------------------------------------------------------ */

static void park(oe_engine *e, oe_wire *w, bool parked)
{
    e->parked += parked ? 1 : 0;
    e->parked -= w->parked ? 1 : 0;
    w->parked = parked;
}

static void ended(oe_engine *e, oe_wire *w)
{
    if (w->t.ticket && !w->is_news) {
        w->is_news = true;
        w->next_news = e->news;
        e->news = w;
    }
    if (e->probe == w) {
        e->probe = NULL;
        if (e->h2 == OE_H2_PROBING)
            e->h2 = OE_H2_UNKNOWN;
    }
}

static void fail(oe_engine *e, oe_wire *w, enum oe_code code, const char *message)
{
    oe_wire_fail(w, code, message);
    ended(e, w);
}

static void launch(oe_engine *e, oe_wire *w, int lane)
{
    double seconds = w->deadline - oe_engine_now();
    w->lane = lane;
    if (seconds <= 0) {
        fail(e, w, OE_TIMEOUT, "the time for the call was over");
        return;
    }
    if (!open_lane(e, lane) || !oe_wire_prepare(w, seconds) ||
        curl_multi_add_handle(e->lanes[lane].multi, w->easy) != CURLM_OK) {
        fail(e, w, OE_NO_MEMORY, "not enough memory");
        return;
    }
    w->running = true;
    e->running++;
}

static void stop(oe_wire *w)
{
    oe_engine *e = w->engine;
    oe_sigpipe guard = { 0 };
    park(e, w, false);
    if (w->running) {
        if (e->options.tls)
            oe_sigpipe_block(&guard);
        curl_multi_remove_handle(e->lanes[w->lane].multi, w->easy);
        oe_sigpipe_restore(&guard);
        w->running = false;
        e->running--;
    }
    if (e->probe == w)
        ended(e, w);
}

/* Where the request goes. One call after another is cheaper in HTTP/1.1; several reads at once share a connection of
   HTTP/2, once the server has been seen to choose it: the first of them finds out, and the others wait for that. What
   must not be sent twice stays with HTTP/1.1: when a server ends a connection of HTTP/2 (after so many requests, say),
   libcurl does not tell the requests that it has not looked at from the others. */
static void route(oe_engine *e, oe_wire *w)
{
    bool together = e->running + e->parked > 0;
    if (!together || e->h2 == OE_H2_NO || w->t.verb != OE_GET) {
        launch(e, w, OE_LANE_1);
    } else if (e->h2 == OE_H2_PROBING) {
        park(e, w, true);
    } else {
        if (e->h2 == OE_H2_UNKNOWN) {
            e->h2 = OE_H2_PROBING;
            e->probe = w;
        }
        launch(e, w, OE_LANE_2);
    }
}

/* Only now libcurl tells which socket it was; it may never have asked to watch it. */
static void note_socket(oe_engine *e, const oe_wire *w)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    curl_easy_getinfo(w->easy, CURLINFO_ACTIVESOCKET, &fd);
    oe_socket *s = oe_sockets_find(&e->watch.sockets, fd);
    if (!s)
        return;
    s->tls = w->tls;
    s->fresh = w->tls != NULL;
    if (!s->wanted)
        oe_watch_idle(&e->watch, s);
}

static void reap(oe_engine *e, const oe_lane *lane)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(lane->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode result = message->data.result;
        char *context = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &context);
        oe_wire *w = (oe_wire *)(void *)context;
        note_socket(e, w);
        curl_multi_remove_handle(lane->multi, w->easy);
        w->running = false;
        e->running--;
        if (w->astray) { /* from now on all go where HTTP/1.1 is spoken */
            e->h2 = OE_H2_NO;
            curl_multi_setopt(e->lanes[OE_LANE_1].multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, e->options.max_connections);
            oe_wire_reset(w);
            launch(e, w, OE_LANE_1);
        } else {
            oe_wire_finish(w, result);
            ended(e, w);
        }
    }
}

/* What waited for the probe goes on. */
static void release_parked(oe_engine *e)
{
    if (e->h2 == OE_H2_PROBING)
        return;
    for (oe_wire *w = e->active; w && e->parked > 0; w = w->next) {
        if (w->parked) {
            park(e, w, false);
            launch(e, w, e->h2 == OE_H2_YES ? OE_LANE_2 : OE_LANE_1);
        }
    }
}

/* ---- driving ------------------------------------------------------------------------------------ */

/* libcurl has run out of memory between two transfers, and would divide by zero if the handle were used on. */
static void drop_lane(oe_engine *e, oe_lane *lane)
{
    for (oe_wire *w = e->active; w; w = w->next) {
        if (!w->running || w->lane != lane->number)
            continue;
        stop(w);
        w->no_memory = true;
        oe_wire_finish(w, CURLE_OUT_OF_MEMORY);
        ended(e, w);
    }
    curl_multi_cleanup(lane->multi);
    lane->multi = NULL;
    lane->due = 0;
}

static void act(oe_engine *e, oe_lane *lane, curl_socket_t fd, int events)
{
    int running;
    if (lane->multi && curl_multi_socket_action(lane->multi, fd, events, &running) != CURLM_OK)
        drop_lane(e, lane);
}

/* A connection that nobody is using has news. Frames of HTTP/2 name their request; a word too much in HTTP/1.1 would be
   the answer to the next. */
static void on_idle(oe_engine *e, oe_socket *s)
{
    oe_watch_forget(&e->watch, s);
    if (s->lane == OE_LANE_1)
        oe_sockets_shut(s);
}

static void on_event(oe_engine *e, int fd, unsigned events)
{
    oe_socket *s = oe_sockets_find(&e->watch.sockets, fd);
    if (fd == e->watch.timer) {
        oe_watch_disarm(&e->watch);
    } else if (s && s->wanted) {
        int what = (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        act(e, &e->lanes[s->lane], fd, what);
    } else if (s) {
        on_idle(e, s);
    }
}

/* Has libcurl look for itself at the sockets it waits for, or only at those that the descriptor does not tell of. */
static void look_around(oe_engine *e, bool all)
{
    const oe_sockets *sockets = &e->watch.sockets;
    for (size_t i = 0; i < sockets->n; i++) {
        const oe_socket *s = &sockets->list[i];
        if (all ? s->wanted : s->wanted & ~s->registered)
            act(e, &e->lanes[s->lane], s->fd, 0);
    }
}

static void expect(oe_engine *e, double time)
{
    if (e->expiry == 0 || time < e->expiry)
        e->expiry = time;
}

/* libcurl keeps the time; but it forgets a connection whose timer fires a moment early, and requests that wait for a
   connection. */
static void expire(oe_engine *e)
{
    double now = oe_engine_now();
    bool look = false;
    e->expiry = 0;
    for (oe_wire *w = e->active; w; w = w->next) {
        if (!w->running && !w->parked)
            continue;
        if (now >= w->deadline + GRACE) {
            stop(w);
            oe_wire_finish(w, CURLE_OPERATION_TIMEDOUT);
            ended(e, w);
            continue;
        }
        expect(e, w->deadline + GRACE);
        if (w->t.sent || w->parked)
            continue;
        if (now < w->connect_deadline + GRACE)
            expect(e, w->connect_deadline + GRACE);
        else
            look = true;
    }
    if (look)
        look_around(e, true);
}

/* What TLS has decrypted of a connection that has just become idle, nobody would hear of. */
static void check_fresh(oe_engine *e)
{
    oe_sockets *all = &e->watch.sockets;
    for (size_t i = 0; e->options.tls && i < all->n; i++) {
        oe_socket *s = &all->list[i];
        if (s->fresh && !s->wanted && s->tls && s->lane == OE_LANE_1 && oe_tls_drop_unread(s->tls))
            oe_sockets_shut(s);
        s->fresh = false;
    }
}

static bool is_due(const oe_engine *e)
{
    double now = oe_engine_now();
    for (int i = 0; i < OE_LANES; i++)
        if (e->lanes[i].due > 0 && e->lanes[i].due <= now)
            return true;
    return false;
}

/* Has libcurl work on what has come, and on what it is time for, until nothing is. */
static void work(oe_engine *e, const struct epoll_event *events, int n)
{
    oe_sigpipe guard = { 0 };
    if (e->options.tls)
        oe_sigpipe_block(&guard);
    for (int i = 0; i < n; i++)
        on_event(e, events[i].data.fd, events[i].events);
    if (e->watch.blind)
        look_around(e, false);
    if (e->expiry > 0 && e->expiry <= oe_engine_now())
        expire(e);
    for (int round = 0; round < MAX_ROUNDS; round++) {
        double now = oe_engine_now();
        for (int i = 0; i < OE_LANES; i++) {
            oe_lane *lane = &e->lanes[i];
            if (lane->due > 0 && lane->due <= now) {
                lane->due = 0;
                act(e, lane, CURL_SOCKET_TIMEOUT, 0);
            }
            if (lane->multi)
                reap(e, lane);
        }
        release_parked(e);
        if (!is_due(e))
            break;
    }
    check_fresh(e);
    oe_sigpipe_restore(&guard);
}

/* Seconds until something has to be done, at most so many. */
static double until_due(const oe_engine *e, double seconds)
{
    double now = oe_engine_now(), first = now + seconds;
    for (int i = 0; i < OE_LANES; i++)
        if (e->lanes[i].due > 0 && e->lanes[i].due < first)
            first = e->lanes[i].due;
    if (e->expiry > 0 && e->expiry < first)
        first = e->expiry;
    if (e->parked && e->h2 != OE_H2_PROBING) /* the probe was cancelled */
        return 0;
    if (e->watch.blind && first > now + BLIND_LOOK)
        first = now + BLIND_LOOK;
    return first > now ? first - now : 0;
}

/* Those who wait on the descriptor do not call before it is readable. */
static void arm(oe_engine *e, double seconds)
{
    double due = e->watched && e->watch.open ? until_due(e, seconds) : FAR;
    if (due < FAR)
        oe_watch_arm(&e->watch, oe_engine_now() + due);
}

/* Waits for events, the first time so long, and works on them. */
static void drive(oe_engine *e, double seconds)
{
    struct epoll_event events[MAX_EVENTS];
    int n = MAX_EVENTS;
    seconds = until_due(e, seconds);
    for (int round = 0; n == MAX_EVENTS && round < MAX_ROUNDS; round++) {
        double ms = round ? 0 : seconds * 1e3;
        n = epoll_wait(e->watch.epoll, events, MAX_EVENTS, ms <= 0 ? 0 : ms < 1e6 ? (int)ms + 1 : 1000000);
        work(e, events, n > 0 ? n : 0);
    }
}

void oe_engine_start(oe_engine *e, oe_transfer *t, double seconds)
{
    oe_wire *w = (oe_wire *)(void *)t;
    if (!is_own_process(e)) { /* forked since it was taken */
        abandon(e);
        return;
    }
    oe_wire_reset(w);
    w->deadline = t->started + seconds;
    if (!oe_watch_open(&e->watch)) {
        fail(e, w, OE_CONNECT, strerror(errno));
        return;
    }
    w->connect_deadline = t->started + e->options.connect_timeout;
    drive(e, 0); /* idle connections that have died are known before one is used */
    route(e, w);
    expect(e, w->connect_deadline < w->deadline ? w->connect_deadline + GRACE : w->deadline + GRACE);
    work(e, NULL, 0);
    arm(e, FAR);
}

void oe_engine_wait(oe_engine *e, double seconds)
{
    if (!is_own_process(e)) {
        abandon(e);
        return;
    }
    if (!e->watch.open) { /* there was no descriptor to be had: whoever waits will try again */
        (void)poll(NULL, 0, seconds <= 0 ? 0 : seconds < 1e3 ? (int)(seconds * 1e3) + 1 : 1000000);
        return;
    }
    drive(e, seconds);
    arm(e, FAR);
}

void oe_engine_step(oe_engine *e)
{
    if (e->watch.open && is_own_process(e))
        drive(e, 0);
}

int oe_engine_fd(oe_engine *e)
{
    if (!is_own_process(e))
        abandon(e);
    if (!oe_watch_open(&e->watch))
        return -1;
    e->watched = true;
    arm(e, FAR);
    return e->watch.epoll;
}

size_t oe_engine_flight(const oe_engine *e)
{
    return is_own_process(e) ? e->running + e->parked : 0;
}

void oe_engine_tell_everyone(oe_engine *e)
{
    e->everyone = true;
    arm(e, 0);
}

bool oe_engine_has_news(const oe_engine *e)
{
    return e->everyone || e->news;
}

bool oe_engine_next_news(oe_engine *e, unsigned *ticket)
{
    if (e->everyone) {
        e->everyone = false;
        *ticket = OE_EVERYONE;
        return true;
    }
    oe_wire *w = e->news;
    if (!w)
        return false;
    e->news = w->next_news;
    w->is_news = false;
    *ticket = w->t.ticket;
    w->t.ticket = 0;
    return true;
}

/* ---- taking and giving -------------------------------------------------------------------------- */

static void add_active(oe_engine *e, oe_wire *w)
{
    w->previous = NULL;
    w->next = e->active;
    if (w->next)
        w->next->previous = w;
    e->active = w;
}

static void remove_active(oe_engine *e, oe_wire *w)
{
    if (w->previous)
        w->previous->next = w->next;
    else
        e->active = w->next;
    if (w->next)
        w->next->previous = w->previous;
}

oe_transfer *oe_engine_take(oe_engine *e, oe_transfer **owner)
{
    if (!open_lanes(e))
        return NULL;
    oe_wire *w = e->idle;
    if (w) {
        e->idle = w->next;
        e->idle_n--;
    } else {
        w = oe_wire_new(e);
    }
    if (!w)
        return NULL;
    add_active(e, w);
    oe_transfer *t = &w->t;
    t->done = t->sent = false;
    t->result = OE_OK;
    t->status = 0;
    t->ticket = 0;
    t->owner = owner;
    t->owner_sent = NULL;
    *owner = t;
    return t;
}

static void forget_news(oe_engine *e, oe_wire *w)
{
    oe_wire **link = &e->news;
    while (w->is_news && *link != w)
        link = &(*link)->next_news;
    if (w->is_news)
        *link = w->next_news;
    w->is_news = false;
}

void oe_engine_give(oe_engine *e, oe_transfer *t)
{
    oe_wire *w = (oe_wire *)(void *)t;
    if (!is_own_process(e)) {
        abandon(e);
        return;
    }
    stop(w);
    forget_news(e, w);
    oe_wire_disown(w);
    remove_active(e, w);
    if (e->idle_n >= MAX_IDLE || !e->lanes[OE_LANE_1].multi) {
        oe_wire_free(w);
    } else {
        oe_wire_empty(w);
        w->next = e->idle;
        e->idle = w;
        e->idle_n++;
    }
    arm(e, FAR);
}

static void free_list(oe_wire *list)
{
    while (list) {
        oe_wire *next = list->next;
        stop(list);
        oe_wire_free(list);
        list = next;
    }
}

/* Frees the transfers but those whose answer is there: they stay their owners'. */
static void free_active(oe_engine *e)
{
    oe_wire *next = e->active;
    e->active = e->news = NULL;
    while (next) {
        oe_wire *w = next;
        next = w->next;
        w->is_news = false;
        if (w->t.done && w->t.owner) {
            add_active(e, w);
        } else {
            stop(w);
            oe_wire_free(w);
        }
    }
    e->news = NULL;
}

void oe_engine_stop(oe_engine *e)
{
    if (!is_own_process(e))
        abandon(e);
    oe_sigpipe guard;
    oe_sigpipe_block(&guard);
    free_active(e);
    free_list(e->idle);
    for (int i = 0; i < OE_LANES; i++) {
        curl_multi_cleanup(e->lanes[i].multi);
        e->lanes[i] = (oe_lane){ 0 };
    }
    oe_sigpipe_restore(&guard);
    e->idle = NULL;
    e->idle_n = 0;
    oe_engine_tell_everyone(e);
}

/* ---- life --------------------------------------------------------------------------------------- */

static void global_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* libcurl's default directory of certificates, if it is hashed as OpenSSL wants it: names like 4042bcee.0. */
static void find_ca_path(oe_engine *e)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    if (info->age < CURLVERSION_SEVENTH || !info->capath || strlen(info->capath) >= sizeof e->ca_path)
        return;
    DIR *directory = opendir(info->capath);
    const struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        if (strspn(entry->d_name, "0123456789abcdef") == 8 && strcmp(entry->d_name + 8, ".0") == 0) {
            strcpy(e->ca_path, info->capath);
            break;
        }
    }
    if (directory)
        closedir(directory);
}

/* HTTP/2 is spoken over TLS, and only where it can be known, before anything is sent, that the server has chosen it. */
static bool may_speak_h2(const oe_options *options)
{
    return options->https && options->max_connections != 1 &&
           (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2) && oe_tls_is_known();
}

oe_engine *oe_engine_new(const oe_options *options)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, global_init);
    oe_engine *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->options = *options;
    e->pid = getpid();
    e->h2 = may_speak_h2(options) ? OE_H2_UNKNOWN : OE_H2_NO;
    find_ca_path(e);
    return e;
}

void oe_engine_free(oe_engine *e)
{
    oe_engine_stop(e);
    free_list(e->active);
    oe_watch_close(&e->watch);
    oe_sockets_free(&e->watch.sockets);
    free(e);
}
