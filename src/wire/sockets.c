/* The sockets that libcurl has open, found by their descriptor. */
#include "wire/wire.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes room for `need` elements; the new bytes are 0xff. */
static bool grow(void *array, size_t *room, size_t need, size_t size)
{
    void *old;
    size_t more = *room ? *room : 16;
    memcpy(&old, array, sizeof old);
    while (more < need)
        more *= 2;
    if (more == *room)
        return true;
    char *new = realloc(old, more * size);
    if (!new)
        return false;
    memset(new + *room *size, 0xff, (more - *room) * size);
    memcpy(array, &new, sizeof new);
    *room = more;
    return true;
}

/* Returns the inode of a socket, or 0. */
static ino_t inode_of(int fd)
{
    struct stat what;
    return fstat(fd, &what) == 0 && S_ISSOCK(what.st_mode) ? what.st_ino : 0;
}

oe_socket *oe_sockets_add(oe_sockets *s, int fd)
{
    oe_sockets_remove(s, fd); /* of an attempt to connect that came to nothing */
    if (!grow(&s->list, &s->room, s->n + 1, sizeof *s->list) ||
        !grow(&s->at, &s->at_room, (size_t)fd + 1, sizeof *s->at))
        return NULL;
    s->at[fd] = (int)s->n;
    oe_socket *new = &s->list[s->n++];
    memset(new, 0, sizeof *new);
    new->fd = fd;
    new->inode = inode_of(fd);
    return new;
}

oe_socket *oe_sockets_find(const oe_sockets *s, int fd)
{
    if (fd < 0 || (size_t)fd >= s->at_room || s->at[fd] < 0)
        return NULL;
    return &s->list[s->at[fd]];
}

void oe_sockets_remove(oe_sockets *s, int fd)
{
    oe_socket *gone = oe_sockets_find(s, fd);
    if (!gone)
        return;
    *gone = s->list[--s->n];
    s->at[gone->fd] = (int)(gone - s->list);
    s->at[fd] = -1;
}

int oe_sockets_port(oe_socket *s)
{
    struct sockaddr_storage own = { 0 };
    socklen_t n = sizeof own;
    if (s->port == 0 && getsockname(s->fd, (struct sockaddr *)&own, &n) == 0) {
        if (own.ss_family == AF_INET)
            s->port = ntohs(((struct sockaddr_in *)&own)->sin_port);
        else if (own.ss_family == AF_INET6)
            s->port = ntohs(((struct sockaddr_in6 *)&own)->sin6_port);
    }
    return s->port;
}

bool oe_sockets_has_news(const oe_socket *s)
{
    struct pollfd news = { .fd = s->fd, .events = POLLIN };
    return poll(&news, 1, 0) != 0;
}

void oe_sockets_abandon(oe_sockets *s)
{
    for (size_t i = 0; i < s->n; i++) {
        s->at[s->list[i].fd] = -1;
        if (s->list[i].connection && s->list[i].inode == inode_of(s->list[i].fd))
            close(s->list[i].fd);
    }
    s->n = 0;
}

void oe_sockets_free(oe_sockets *s)
{
    free(s->list);
    free(s->at);
    *s = (oe_sockets){ 0 };
}
