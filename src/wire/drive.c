/* Drives the transfers: waits for their sockets and their time, and calls libcurl for either. */
#include "wire/wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#define MAX_EVENTS 16   /* taken at once */
#define MAX_ROUNDS 256  /* of such, before other work has its turn */
#define MAX_TIMERS 64   /* of libcurl that are due at once */
#define GRACE 0.005     /* seconds for libcurl to end a request in time */
#define BLIND_LOOK 0.01 /* seconds between looks at sockets that could not be registered */

/* An idle connection can be read: it has ended, or has frames of HTTP/2. In HTTP/1.1 it is of no use any more. */
static void on_idle(oe_engine *e, oe_socket *s)
{
    oe_watch_forget(&e->watch, s);
    if (s->lane == OE_LANE_1)
        shutdown(s->fd, SHUT_RDWR);
}

static void on_event(oe_engine *e, int fd, unsigned events)
{
    oe_socket *s = oe_sockets_find(&e->watch.sockets, fd);
    if (fd == e->watch.bell.timer) {
        oe_watch_disarm(&e->watch);
    } else if (s && s->wanted) {
        int what = (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        oe_lane_act(e, &e->lanes[s->lane], fd, what);
    } else if (s) {
        on_idle(e, s);
    }
}

/* Has libcurl look at all sockets that it waits for, or only at those that the descriptor does not tell of. */
static void look_around(oe_engine *e, bool all)
{
    const oe_sockets *sockets = &e->watch.sockets;
    for (size_t i = sockets->n; i-- > 0;) { /* the last takes the place of one that is closed meanwhile */
        if (i >= sockets->n)
            continue;
        const oe_socket *s = &sockets->list[i];
        if (all ? s->wanted : s->wanted & ~s->registered)
            oe_lane_act(e, &e->lanes[s->lane], s->fd, 0);
    }
}

void oe_engine_expect(oe_engine *e, double time)
{
    if (e->expiry == 0 || time + GRACE < e->expiry)
        e->expiry = time + GRACE;
}

/* Ends requests whose time is over. libcurl does so, too, but forgets a connection whose timer fires a moment early, and
   requests that wait for a connection. */
static void expire(oe_engine *e)
{
    double now = oe_clock_now();
    bool look = false;
    e->expiry = 0;
    for (oe_wire *w = e->active; w; w = w->next) {
        if (!w->running && !w->parked)
            continue;
        if (now >= w->deadline + GRACE) {
            oe_lane_stop(w);
            oe_answer_finish(w, CURLE_OPERATION_TIMEDOUT);
            oe_lane_ended(e, w);
            continue;
        }
        oe_engine_expect(e, w->deadline);
        if (w->t.sent || w->parked)
            continue;
        if (now < w->connect_deadline + GRACE)
            oe_engine_expect(e, w->connect_deadline);
        else
            look = true;
    }
    if (look)
        look_around(e, true);
}

static bool is_due(const oe_engine *e)
{
    double now = oe_clock_now();
    for (int i = 0; i < OE_LANES; i++)
        if (e->lanes[i].due > 0 && e->lanes[i].due <= now)
            return true;
    return false;
}

/* Has libcurl work on the events and on all timers that are due. */
static void work(oe_engine *e, const struct epoll_event *events, int n)
{
    oe_sigpipe guard = { 0 };
    if (e->options.tls)
        oe_sigpipe_block(&guard);
    for (int i = 0; i < n; i++)
        on_event(e, events[i].data.fd, events[i].events);
    if (e->watch.blind) {
        oe_watch_retry(&e->watch);
        look_around(e, false);
    }
    if (e->expiry > 0 && e->expiry <= oe_clock_now())
        expire(e);
    for (int round = 0; round < MAX_TIMERS; round++) {
        double now = oe_clock_now();
        for (int i = 0; i < OE_LANES; i++) {
            oe_lane *lane = &e->lanes[i];
            if (lane->due > 0 && lane->due <= now) {
                lane->due = 0;
                oe_lane_act(e, lane, CURL_SOCKET_TIMEOUT, 0);
            }
            if (lane->multi)
                oe_lane_reap(e, lane);
        }
        oe_lane_release(e);
        if (!is_due(e))
            break;
    }
    oe_sigpipe_restore(&guard);
}

/* Returns the seconds until something has to be done, at most so many. */
static double until_due(const oe_engine *e, double seconds)
{
    double now = oe_clock_now(), first = now + seconds;
    for (int i = 0; i < OE_LANES; i++)
        if (e->lanes[i].due > 0 && e->lanes[i].due < first)
            first = e->lanes[i].due;
    if (e->expiry > 0 && e->expiry < first)
        first = e->expiry;
    if (oe_lane_may_release(e)) /* the probe, or a request with a connection, was cancelled */
        return 0;
    if (e->watch.blind && first > now + BLIND_LOOK)
        first = now + BLIND_LOOK;
    return first > now ? first - now : 0;
}

void oe_engine_arm(oe_engine *e, double seconds)
{
    double due = e->watched && e->watch.open ? e->rung ? 0 : until_due(e, seconds) : OE_FAR;
    if (due < OE_FAR)
        oe_watch_arm(&e->watch, oe_clock_now() + due);
}

/* Waits for events, at most so long, and works on them, in so many rounds at most. */
static void drive(oe_engine *e, double seconds, int rounds)
{
    struct epoll_event events[MAX_EVENTS];
    int n = MAX_EVENTS;
    seconds = until_due(e, seconds);
    for (int round = 0; n == MAX_EVENTS && round < rounds; round++) {
        double ms = round ? 0 : seconds * 1e3;
        n = epoll_wait(e->watch.bell.epoll, events, MAX_EVENTS, ms <= 0 ? 0 : ms < 1e6 ? (int)ms + 1 : 1000000);
        work(e, events, n > 0 ? n : 0);
    }
}

/* False with errno. */
static bool open_watch(oe_engine *e)
{
    if (e->watch.open)
        return true;
    if (e->closed) {
        errno = EBADF;
        return false;
    }
    oe_holders_join(e);
    return oe_watch_open(&e->watch) || (oe_holders_relieve(e) && oe_watch_open(&e->watch));
}

void oe_engine_start(oe_engine *e, oe_transfer *t, double seconds)
{
    oe_wire *w = (oe_wire *)(void *)t;
    if (!oe_engine_own(e)) /* forked since it was taken */
        return;
    oe_wire_reset(w);
    w->deadline = t->started + seconds;
    if (!open_watch(e)) {
        oe_lane_fail(e, w, OE_CONNECT, strerror(errno));
        return;
    }
    if (t->sink && !oe_sink_rewind(t->sink)) {
        oe_lane_fail(e, w, OE_LOCAL, strerror(errno));
        return;
    }
    const char *problem = t->foreign ? oe_foreign_problem(w) : NULL;
    t->final = problem != NULL;
    if (problem) {
        oe_lane_fail(e, w, OE_CONNECT, problem);
        return;
    }
    e->options.tls = e->options.tls || t->foreign;
    oe_lane_route(e, w);
    oe_engine_expect(e, w->deadline);
    work(e, NULL, 0);
    oe_engine_arm(e, OE_FAR);
}

void oe_engine_wait(oe_engine *e, double seconds)
{
    if (!oe_engine_own(e))
        return;
    if (!e->watch.open) { /* no descriptor was to be had: the caller tries again; or a finalizer has closed it */
        if (!e->closed)
            (void)poll(NULL, 0, seconds <= 0 ? 0 : seconds < 1e3 ? (int)(seconds * 1e3) + 1 : 1000000);
        return;
    }
    if (e->rung) /* that is for another one: it ends no wait here */
        oe_watch_disarm(&e->watch);
    drive(e, seconds, MAX_ROUNDS);
    oe_engine_settle(e);
    oe_engine_arm(e, OE_FAR);
}

void oe_engine_step(oe_engine *e)
{
    if (e->watch.open && oe_engine_own(e))
        drive(e, 0, 1);
    oe_engine_settle(e);
    if (e->rung)
        oe_engine_arm(e, 0);
}

int oe_engine_fd(oe_engine *e)
{
    oe_engine_own(e);
    if (!open_watch(e))
        return -1;
    e->watched = true;
    e->rung = false;
    oe_engine_arm(e, oe_engine_has_news(e) ? 0 : OE_FAR);
    return e->watch.bell.epoll;
}

int oe_engine_watch(oe_engine *e)
{
    int fd = oe_engine_fd(e);
    if (fd >= 0)
        e->waiting++;
    return fd;
}

void oe_engine_ring(oe_engine *e)
{
    if (!oe_engine_own(e))
        return;
    e->rung = true;
    oe_engine_arm(e, 0);
}

void oe_engine_unwatch(oe_engine *e)
{
    if (oe_engine_own(e) && e->waiting > 0)
        e->waiting--;
    e->rung = false;
    oe_engine_settle(e);
}
