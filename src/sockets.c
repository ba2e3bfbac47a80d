/* The sockets that libcurl has open, found by their descriptor. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for `need` elements; the new bytes are 0xff. */
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

oe_socket *oe_sockets_add(oe_sockets *s, int fd)
{
    if (!grow(&s->list, &s->room, s->n + 1, sizeof *s->list) ||
        !grow(&s->at, &s->at_room, (size_t)fd + 1, sizeof *s->at))
        return NULL;
    s->at[fd] = (int)s->n;
    oe_socket *new = &s->list[s->n++];
    memset(new, 0, sizeof *new);
    new->fd = fd;
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

void oe_sockets_shut(const oe_socket *s)
{
    char unread[4096];
    shutdown(s->fd, SHUT_RDWR);
    /* With an unread byte or error left on it, libcurl would still take the socket for alive. */
    while (recv(s->fd, unread, sizeof unread, MSG_DONTWAIT) > 0) {
    }
}

void oe_sockets_abandon(oe_sockets *s)
{
    for (size_t i = 0; i < s->n; i++) {
        s->at[s->list[i].fd] = -1;
        if (s->list[i].connection)
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
