/* One descriptor for all that libcurl waits for: an epoll set of its sockets, and a timer. */
#include "wire/wire.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

bool oe_watch_open(oe_watch *w)
{
    if (w->open)
        return true;
    w->armed = 0;
    w->blind = false;
    w->open = oe_bell_open(&w->bell);
    return w->open;
}

void oe_watch_close(oe_watch *w)
{
    if (w->open)
        oe_bell_close(&w->bell);
    w->open = false;
}

/* Registers the socket for those events; 0: for none. */
static void set_events(oe_watch *w, oe_socket *s, unsigned events)
{
    if (s->registered == events)
        return;
    struct epoll_event event = { .events = events, .data = { .fd = s->fd } };
    int how = !events ? EPOLL_CTL_DEL : s->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (w->open && epoll_ctl(w->bell.epoll, how, s->fd, &event) == 0)
        s->registered = events;
    else
        w->blind = w->blind || events;
}

curl_socket_t oe_watch_on_open(void *watch, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    oe_watch *w = watch;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
    if (fd < 0)
        return CURL_SOCKET_BAD;
    oe_socket *s = oe_sockets_add(&w->sockets, fd);
    if (!s) {
        close(fd);
        return CURL_SOCKET_BAD;
    }
    s->connection = true;
    return fd;
}

int oe_watch_on_close(void *watch, curl_socket_t fd)
{
    oe_watch *w = watch;
    oe_socket *s = oe_sockets_find(&w->sockets, fd);
    if (s) /* close() alone would not do: a child of fork may hold the same socket open */
        set_events(w, s, 0);
    oe_sockets_remove(&w->sockets, fd);
    return close(fd);
}

void oe_watch_idle(oe_watch *w, oe_socket *s)
{
    s->wanted = 0;
    set_events(w, s, s->connection ? EPOLLIN : 0);
    if (!s->connection)
        oe_sockets_remove(&w->sockets, s->fd);
}

int oe_watch_on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *nothing)
{
    (void)easy, (void)nothing;
    const oe_lane *lane = context;
    oe_watch *w = &lane->engine->watch;
    oe_socket *s = oe_sockets_find(&w->sockets, fd);
    if (what == CURL_POLL_REMOVE) {
        if (s)
            oe_watch_idle(w, s);
        return 0;
    }
    if (!s)
        s = oe_sockets_add(&w->sockets, fd);
    if (!s)
        return -1; /* no memory: the lane is lost */
    s->lane = lane->number;
    s->wanted = (what & CURL_POLL_IN ? (unsigned)EPOLLIN : 0) | (what & CURL_POLL_OUT ? (unsigned)EPOLLOUT : 0);
    set_events(w, s, s->wanted);
    return 0;
}

void oe_watch_retry(oe_watch *w)
{
    w->blind = false;
    for (size_t i = 0; i < w->sockets.n; i++)
        if (w->sockets.list[i].wanted)
            set_events(w, &w->sockets.list[i], w->sockets.list[i].wanted);
}

void oe_watch_forget(oe_watch *w, oe_socket *s)
{
    set_events(w, s, 0);
}

void oe_watch_arm(oe_watch *w, double when)
{
    if (!w->open || (w->armed > 0 && w->armed <= when))
        return;
    if (oe_bell_set(&w->bell, when > OE_BELL_SOONEST ? when : OE_BELL_SOONEST, TFD_TIMER_ABSTIME))
        w->armed = when;
}

void oe_watch_disarm(oe_watch *w)
{
    unsigned long long fired;
    if (read(w->bell.timer, &fired, sizeof fired) < 0) {
        /* it was armed anew meanwhile, and has not fired since */
    }
    w->armed = 0;
}
