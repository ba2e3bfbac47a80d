/* Where a reply's bytes go when they go into a file. A file with a name is written beside it, and gets it when it is whole. */
#include "wire/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 100 /* to get hold of a name that others give away meanwhile */

/* Is the open file still the one of that name? */
static bool has_name(int fd, const char *name)
{
    struct stat own, named;
    return fstat(fd, &own) == 0 && lstat(name, &named) == 0 && own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}

int oe_sink_open(const char *part)
{
    for (int i = 0; i < TRIES; i++) {
        int fd = open(part, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666), problem = 0;
        struct stat s;
        if (fd < 0)
            return -1;
        if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode))
            problem = EEXIST;
        else if (flock(fd, LOCK_EX | LOCK_NB) != 0)
            problem = EBUSY;
        else if (has_name(fd, part) && ftruncate(fd, 0) == 0)
            return fd;
        close(fd);
        errno = problem;
        if (problem)
            return -1;
    }
    errno = EBUSY;
    return -1;
}

oe_sink *oe_sink_new(int fd, long long from, const char *part, const char *path)
{
    oe_sink *s = calloc(1, sizeof *s);
    struct stat file;
    if (!s) {
        close(fd);
        return NULL;
    }
    s->fd = fd;
    s->from = from;
    s->pid = getpid();
    s->grows = fstat(fd, &file) == 0 && (long long)file.st_size <= from;
    if (part) {
        s->part = strdup(part);
        s->path = strdup(path);
        if (!s->part || !s->path) {
            oe_sink_drop(s);
            return NULL;
        }
    }
    return s;
}

bool oe_sink_rewind(const oe_sink *s)
{
    return !s->grows || ftruncate(s->fd, (off_t)s->from) == 0;
}

bool oe_sink_write(const oe_sink *s, long long at, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t written = pwrite(s->fd, bytes, n, (off_t)(s->from + at));
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            bytes += written;
            n -= (size_t)written;
            at += written;
        }
    }
    return true;
}

static void release(oe_sink *s)
{
    close(s->fd);
    free(s->part);
    free(s->path);
    free(s);
}

bool oe_sink_keep(oe_sink *s)
{
    int problem = s->part && rename(s->part, s->path) != 0 ? errno : 0;
    if (problem)
        oe_sink_drop(s);
    else
        release(s);
    errno = problem;
    return !problem;
}

void oe_sink_drop(oe_sink *s)
{
    if (!s)
        return;
    if (s->pid == getpid()) {
        if (s->part)
            unlink(s->part);
        else
            (void)oe_sink_rewind(s);
    }
    release(s);
}
