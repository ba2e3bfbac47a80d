/* A thread for event loops that cannot watch a foreign descriptor, but can read a socket: waits on epoll descriptors and
   sends a byte when one can be read. */
#include "loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define STACK (64 * 1024)

/* ---- the thread ----------------------------------------------------------------------------------- */

/* Sends the byte, or drops it: a peer that does not read has one to come already, and a peer that is gone needs none. */
static void tell(int wire, char what)
{
    (void)send(wire, &what, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The thread. It reads only members that were set before its start. `quit` ends it; the owner joins it before closing any. */
static void *run(void *context)
{
    const oe_waker *w = context;
    for (;;) {
        struct epoll_event events[2];
        int n = epoll_wait(w->outer, events, 2, w->idle);
        for (int i = 0; i < n; i++)
            if (events[i].data.fd == w->quit)
                return NULL;
        if (n >= 0) /* else EINTR: a debugger's */
            tell(w->wire, n ? 'w' : 'i');
    }
}

static int create_thread(oe_waker *w)
{
    size_t stack = STACK;
    if (PTHREAD_STACK_MIN > STACK)
        stack = (size_t)PTHREAD_STACK_MIN;
    pthread_attr_t attributes;
    int failure = pthread_attr_init(&attributes);
    if (failure)
        return failure;
    pthread_attr_setstacksize(&attributes, stack);
    failure = pthread_create(&w->thread, &attributes, run, w);
    pthread_attr_destroy(&attributes);
    /* Thread-local data of the host takes its room from the stack. */
    return failure == EINVAL ? pthread_create(&w->thread, NULL, run, w) : failure;
}

/* Starts the thread without signals: they stay with the host's threads. Returns 0, or an errno. */
static int start_thread(oe_waker *w)
{
    sigset_t all, before;
    sigfillset(&all);
    int failure = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (failure)
        return failure;
    failure = create_thread(w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    w->running = failure == 0;
    return failure;
}

/* ---- the owner's side ----------------------------------------------------------------------------- */

void oe_waker_init(oe_waker *w)
{
    memset(w, 0, sizeof *w);
    w->outer = w->quit = w->listener = w->wire = -1;
}

/* Undoes the steps so far and writes the reason. */
static bool fail(oe_waker *w, const char *what, int error)
{
    oe_waker_stop(w);
    snprintf(w->reason, sizeof w->reason, "cannot %s: %s", what, strerror(error));
    return false;
}

static bool make_directory(oe_waker *w)
{
    const char *parent = getenv("TMPDIR");
    if (!parent || !*parent)
        parent = "/tmp";
    int n = snprintf(w->directory, sizeof w->directory, "%s/oneentry-XXXXXX", parent);
    bool made = false;
    if (n < (int)sizeof w->directory)
        made = mkdtemp(w->directory) != NULL;
    else
        errno = ENAMETOOLONG;
    if (!made)
        w->directory[0] = '\0';
    return made;
}

static void remove_directory(oe_waker *w)
{
    if (w->path[0])
        unlink(w->path);
    if (w->directory[0])
        rmdir(w->directory);
    w->path[0] = w->directory[0] = '\0';
}

bool oe_waker_listen(oe_waker *w)
{
    oe_waker_stop(w);
    w->pid = getpid();
    if (!make_directory(w))
        return fail(w, "make a temporary directory", errno);
    w->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (w->listener < 0)
        return fail(w, "open a socket", errno);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(w->path, sizeof w->path, "%s/socket", w->directory);
    memcpy(address.sun_path, w->path, sizeof w->path);
    if (bind(w->listener, (const struct sockaddr *)&address, sizeof address) || listen(w->listener, 1))
        return fail(w, "listen on a socket", errno);
    return true;
}

static bool is_own(int fd)
{
    struct ucred peer;
    socklen_t n = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && peer.pid == getpid();
}

/* Accepts this process's own connection. Other processes of this user may have connected: sends them away. */
static int accept_own(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    while (fd >= 0 && !is_own(fd)) {
        close(fd);
        fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    }
    return fd;
}

bool oe_waker_accept(oe_waker *w, double idle)
{
    w->wire = accept_own(w->listener);
    if (w->wire < 0)
        return fail(w, "accept a connection", errno);
    remove_directory(w);
    close(w->listener);
    w->listener = -1;
    w->idle = idle < INT_MAX / 1000 ? (int)(idle * 1000) : INT_MAX;
    w->quit = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    w->outer = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event e = { .events = EPOLLIN, .data.fd = w->quit };
    if (w->quit < 0 || w->outer < 0 || epoll_ctl(w->outer, EPOLL_CTL_ADD, w->quit, &e))
        return fail(w, "watch a descriptor", errno);
    int failure = start_thread(w);
    return failure ? fail(w, "start a thread", failure) : true;
}

static bool is_running(const oe_waker *w)
{
    return w->running && w->pid == getpid();
}

/* Arms for one shot, not for edges: an edge of a nested epoll can get lost while its last event is still queued. */
bool oe_waker_arm(oe_waker *w, int epoll)
{
    struct epoll_event e = { .events = EPOLLIN | EPOLLONESHOT, .data.fd = epoll };
    errno = ESRCH; /* without its thread, it would change the parent's */
    if (is_running(w) && (epoll_ctl(w->outer, EPOLL_CTL_MOD, epoll, &e) == 0 ||
                          (errno == ENOENT && epoll_ctl(w->outer, EPOLL_CTL_ADD, epoll, &e) == 0)))
        return true;
    snprintf(w->reason, sizeof w->reason, "cannot watch a descriptor: %s", strerror(errno));
    return false;
}

void oe_waker_wake(const oe_waker *w)
{
    if (is_running(w))
        tell(w->wire, 'w');
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void oe_waker_stop(oe_waker *w)
{
    if (is_running(w)) {
        const uint64_t one = 1;
        while (write(w->quit, &one, sizeof one) < 0 && errno == EINTR) {
        }
        pthread_join(w->thread, NULL);
    }
    w->running = false;
    if (w->pid == getpid())
        remove_directory(w);
    w->directory[0] = w->path[0] = '\0';
    close_one(&w->listener);
    close_one(&w->wire);
    close_one(&w->outer);
    close_one(&w->quit);
}
