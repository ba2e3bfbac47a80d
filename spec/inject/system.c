/* System calls that fail on demand, and a clock that runs fast: backoff and deadlines take a tenth of their time. */
#include "inject.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SPEED 10

enum { SHORT = -1, END = -2, EARLY = -3 };

static struct {
    char call[16];
    int how; /* errno, or one of the above */
} chosen;

static const struct {
    const char *name;
    int how;
} ways[] = {
    { "EINTR", EINTR },
    { "ECONNRESET", ECONNRESET },
    { "EPIPE", EPIPE },
    { "ENOMEM", ENOMEM },
    { "ENOBUFS", ENOBUFS },
    { "EMFILE", EMFILE },
    { "ENFILE", ENFILE },
    { "EAGAIN", EAGAIN },
    { "EINVAL", EINVAL },
    { "ECONNREFUSED", ECONNREFUSED },
    { "ENETUNREACH", ENETUNREACH },
    { "ETIMEDOUT", ETIMEDOUT },
    { "EADDRNOTAVAIL", EADDRNOTAVAIL },
    { "ENOSYS", ENOSYS },
    { "EIO", EIO },
    { "EACCES", EACCES },
    { "EBADF", EBADF },
    { "short", SHORT },
    { "end", END },
    { "early", EARLY },
};

static const char *const calls[] = { "send",          "recv",           "connect",         "socket",     "poll",
                                     "socketpair",    "fcntl",          "getsockopt",      "setsockopt", "opendir",
                                     "getsockname",   "getpeername",    "getentropy",      "epoll_wait", "epoll_ctl",
                                     "epoll_create1", "timerfd_create", "timerfd_settime", "eventfd" };

bool inject_system_choose(const char *kind)
{
    const char *colon = strchr(kind, ':');
    chosen.call[0] = 0;
    if (!colon)
        return false;
    size_t n = (size_t)(colon - kind);
    for (size_t c = 0; c < sizeof calls / sizeof *calls; c++) {
        if (strlen(calls[c]) != n || memcmp(calls[c], kind, n) != 0)
            continue;
        for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
            if (strcmp(ways[w].name, colon + 1) == 0) {
                strcpy(chosen.call, calls[c]);
                chosen.how = ways[w].how;
                return true;
            }
        }
    }
    return false;
}

/* Returns 0: go on; else the way to fail, with errno set where that is an errno. */
static int due(const char *call)
{
    if (strcmp(call, chosen.call) != 0 || !inject_is_due())
        return 0;
    if (chosen.how > 0)
        errno = chosen.how;
    return chosen.how;
}

ssize_t send(int fd, const void *bytes, size_t n, int flags)
{
    int how = due("send");
    if (how > 0)
        return -1;
    return syscall(SYS_sendto, fd, bytes, how == SHORT && n > 1 ? 1 : n, flags, NULL, 0);
}

ssize_t recv(int fd, void *bytes, size_t n, int flags)
{
    int how = due("recv");
    if (how > 0)
        return -1;
    if (how == END)
        return 0;
    return syscall(SYS_recvfrom, fd, bytes, how == SHORT && n > 1 ? 1 : n, flags, NULL, NULL);
}

int connect(int fd, const struct sockaddr *address, socklen_t n)
{
    return due("connect") ? -1 : (int)syscall(SYS_connect, fd, address, n);
}

int socket(int domain, int type, int protocol)
{
    return due("socket") ? -1 : (int)syscall(SYS_socket, domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int fds[2])
{
    return due("socketpair") ? -1 : (int)syscall(SYS_socketpair, domain, type, protocol, fds);
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *n)
{
    return due("getsockopt") ? -1 : (int)syscall(SYS_getsockopt, fd, level, name, value, n);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t n)
{
    return due("setsockopt") ? -1 : (int)syscall(SYS_setsockopt, fd, level, name, value, n);
}

int getsockname(int fd, struct sockaddr *address, socklen_t *n)
{
    return due("getsockname") ? -1 : (int)syscall(SYS_getsockname, fd, address, n);
}

int getpeername(int fd, struct sockaddr *address, socklen_t *n)
{
    return due("getpeername") ? -1 : (int)syscall(SYS_getpeername, fd, address, n);
}

int fcntl(int fd, int command, ...)
{
    va_list more;
    va_start(more, command);
    long argument = va_arg(more, long);
    va_end(more);
    return due("fcntl") ? -1 : (int)syscall(SYS_fcntl, fd, command, argument);
}

int getentropy(void *bytes, size_t n)
{
    if (due("getentropy"))
        return -1;
    return syscall(SYS_getrandom, bytes, n, 0) == (long)n ? 0 : -1;
}

DIR *opendir(const char *path)
{
    static DIR *(*real)(const char *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "opendir");
    return due("opendir") ? NULL : real(path);
}

int poll(struct pollfd *fds, nfds_t n, int ms)
{
    int how = due("poll");
    if (how > 0)
        return -1;
    for (nfds_t i = 0; i < n && how == EARLY; i++)
        fds[i].revents = 0;
    if (how == EARLY)
        return 0;
    return (int)syscall(SYS_poll, fds, n, ms > 0 ? (ms + SPEED - 1) / SPEED : ms);
}

int epoll_wait(int epoll, struct epoll_event *events, int n, int ms)
{
    static int (*real)(int, struct epoll_event *, int, int);
    int how = due("epoll_wait");
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "epoll_wait");
    if (how)
        return how == EARLY ? 0 : -1;
    return real(epoll, events, n, ms > 0 ? (ms + SPEED - 1) / SPEED : ms);
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    static int (*real)(int, int, int, struct epoll_event *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "epoll_ctl");
    return due("epoll_ctl") ? -1 : real(epoll, operation, fd, event);
}

int epoll_create1(int options)
{
    static int (*real)(int);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "epoll_create1");
    return due("epoll_create1") ? -1 : real(options);
}

int timerfd_create(int clock, int options)
{
    static int (*real)(int, int);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "timerfd_create");
    return due("timerfd_create") ? -1 : real(clock, options);
}

int eventfd(unsigned value, int options)
{
    return due("eventfd") ? -1 : (int)syscall(SYS_eventfd2, value, options);
}

/* The time is one of the fast clock, and absolute: nothing here sets another. */
int timerfd_settime(int timer, int options, const struct itimerspec *time, struct itimerspec *before)
{
    struct itimerspec slow = *time;
    if (due("timerfd_settime"))
        return -1;
    long long ns = ((long long)time->it_value.tv_sec * 1000000000 + time->it_value.tv_nsec + SPEED - 1) / SPEED;
    slow.it_value.tv_sec = (time_t)(ns / 1000000000);
    slow.it_value.tv_nsec = (long)(ns % 1000000000);
    return (int)syscall(SYS_timerfd_settime, timer, options, &slow, before);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW) {
        long long ns = ((long long)now->tv_sec * 1000000000 + now->tv_nsec) * SPEED;
        now->tv_sec = (time_t)(ns / 1000000000);
        now->tv_nsec = (long)(ns % 1000000000);
    }
    return result;
}
