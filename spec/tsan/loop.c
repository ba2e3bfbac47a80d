#include "loop.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE 60000 /* ms; only a lost byte takes so long */

int passed, failed;
bool good;

void check_at(bool ok, const char *what, int line)
{
    if (!ok)
        printf("line %d: %s\n", line, what);
    good = good && ok;
}

void test(const char *name, void (*f)(void))
{
    good = true;
    f();
    printf("%s: %s\n", good ? "ok" : "FAILED", name);
    fflush(stdout);
    *(good ? &passed : &failed) += 1;
}

static void add(int epoll, int fd)
{
    struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) == 0);
}

void open_sources(loop *l)
{
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    *l = (loop){ .near = pair[0], .far = pair[1], .wire = -1 };
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    add(l->epoll, l->near);
    add(l->epoll, l->timer);
    oe_waker_init(&l->waker);
}

int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

void start(loop *l, double idle)
{
    CHECK(oe_waker_listen(&l->waker));
    l->wire = connect_to(l->waker.path);
    CHECK(l->wire >= 0);
    CHECK(oe_waker_accept(&l->waker, idle));
}

void finish(loop *l)
{
    oe_waker_stop(&l->waker);
    if (l->wire >= 0)
        close(l->wire);
    close(l->epoll);
    close(l->timer);
    close(l->near);
    close(l->far);
}

char hear(const loop *l)
{
    struct pollfd p = { .fd = l->wire, .events = POLLIN };
    char byte = 0;
    if (poll(&p, 1, PATIENCE) != 1)
        return '?';
    if (read(l->wire, &byte, 1) < 0)
        return '?';
    return byte;
}

void say(const loop *l)
{
    CHECK(write(l->far, "x", 1) == 1);
}

void drain(const loop *l)
{
    char bytes[64];
    while (read(l->near, bytes, sizeof bytes) > 0) {
    }
}

void set_timer(const loop *l, long ns)
{
    const struct itimerspec when = { .it_value = { .tv_nsec = ns } };
    CHECK(timerfd_settime(l->timer, 0, &when, NULL) == 0);
}

static int count_entries(const char *directory)
{
    DIR *d = opendir(directory);
    int n = 0;
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

int count_descriptors(void)
{
    return count_entries("/proc/self/fd");
}

int count_inheritable(void)
{
    int n = 0;
    for (int fd = 0; fd < 256; fd++) {
        int flags = fcntl(fd, F_GETFD);
        n += flags >= 0 && !(flags & FD_CLOEXEC);
    }
    return n;
}
