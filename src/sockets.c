/* The sockets that libcurl has open. */
#include "oneentry.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

bool oe_sockets_add(oe_sockets *s, int fd)
{
    if (s->n == s->room) {
        size_t room = s->room ? s->room * 2 : 8;
        int *fds = realloc(s->fds, room * sizeof *fds);
        if (!fds)
            return false;
        s->fds = fds;
        s->room = room;
    }
    s->fds[s->n++] = fd;
    return true;
}

void oe_sockets_remove(oe_sockets *s, int fd)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->fds[i] == fd) {
            s->fds[i] = s->fds[--s->n];
            return;
        }
    }
}

/* With an unread byte or error left on it, libcurl would still take the socket for alive. */
static void kill_socket(int fd)
{
    char unread[4096];
    shutdown(fd, SHUT_RDWR);
    while (recv(fd, unread, sizeof unread, MSG_DONTWAIT) > 0) {
    }
}

static bool is_one_of(int fd, const int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fds[i] == fd)
            return true;
    return false;
}

void oe_sockets_shut_stale(const oe_sockets *s, const int *busy, size_t n)
{
    for (size_t i = 0; i < s->n; i++) {
        if (is_one_of(s->fds[i], busy, n))
            continue;
        struct pollfd p = { .fd = s->fds[i], .events = POLLIN };
        if (poll(&p, 1, 0) > 0)
            kill_socket(s->fds[i]);
    }
}

void oe_sockets_close(oe_sockets *s)
{
    for (size_t i = 0; i < s->n; i++)
        close(s->fds[i]);
    s->n = 0;
}

void oe_sockets_free(oe_sockets *s)
{
    free(s->fds);
    *s = (oe_sockets){ 0 };
}
