/* An epoll descriptor and a timer in it. */
#include "loop/loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

bool oe_bell_open(oe_bell *b)
{
    b->timer = -1;
    b->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (b->epoll >= 0)
        b->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (b->timer >= 0 && oe_bell_add(b, b->timer))
        return true;
    int reason = errno;
    oe_bell_close(b);
    errno = reason;
    return false;
}

void oe_bell_close(oe_bell *b)
{
    if (b->epoll >= 0)
        close(b->epoll);
    if (b->timer >= 0)
        close(b->timer);
    b->epoll = b->timer = -1;
}

bool oe_bell_add(const oe_bell *b, int fd)
{
    struct epoll_event event = { .events = EPOLLIN, .data = { .fd = fd } };
    return epoll_ctl(b->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool oe_bell_set(const oe_bell *b, double seconds, int how)
{
    struct itimerspec time = { 0 };
    time.it_value.tv_sec = (time_t)seconds;
    time.it_value.tv_nsec = (long)((seconds - (double)time.it_value.tv_sec) * 1e9);
    return timerfd_settime(b->timer, how, &time, NULL) == 0;
}
