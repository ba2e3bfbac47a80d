/* The files of an upload: libcurl asks for their bytes piece by piece. A file is read where it stood when the call began, through a
   descriptor of its own: nobody else moves it or closes it. */
#include "wire/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

oe_upload *oe_upload_new(size_t n, const char *field)
{
    oe_upload *u = calloc(1, sizeof *u + n * sizeof u->parts[0]);
    if (!u)
        return NULL;
    u->field = field;
    u->n = n;
    for (size_t i = 0; i < n; i++)
        u->parts[i].fd = -1;
    return u;
}

void oe_upload_free(oe_upload *u)
{
    for (size_t i = 0; u && i < u->n; i++) {
        if (u->parts[i].fd >= 0)
            close(u->parts[i].fd);
        free(u->parts[i].name);
        free(u->parts[i].type);
    }
    free(u);
}

bool oe_upload_name(oe_part *p, const char *name, const char *type)
{
    p->name = strdup(name);
    p->type = strdup(type);
    return p->name && p->type;
}

const char *oe_upload_take(oe_part *p, int fd, long long from)
{
    struct stat s;
    p->fd = fd;
    p->from = from;
    if (fstat(fd, &s) != 0)
        return strerror(errno);
    if (!S_ISREG(s.st_mode))
        return "a regular file expected";
    p->file_size = (long long)s.st_size;
    p->size = p->file_size > from ? p->file_size - from : 0;
    return NULL;
}

/* Is the file as long as it was? The length is promised to the server before the first byte. */
static bool is_as_long(const oe_part *p)
{
    struct stat s;
    return p->fd < 0 || (fstat(p->fd, &s) == 0 && (long long)s.st_size == p->file_size);
}

/* Copies the next bytes, at most n. False: they are not to be had. */
static bool read_bytes(const oe_part *p, char *buffer, size_t n)
{
    if (p->fd < 0)
        memcpy(buffer, p->bytes + p->at, n);
    for (size_t done = 0; p->fd >= 0 && done < n;) {
        ssize_t got = pread(p->fd, buffer + done, n - done, (off_t)(p->from + p->at + (long long)done));
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}

/* libcurl asks for bytes. */
static size_t on_read(char *buffer, size_t size, size_t count, void *part)
{
    oe_part *p = part;
    oe_wire *w = (oe_wire *)(void *)p->transfer;
    long long left = p->size - p->at;
    size_t n = size * count;
    if (left < (long long)n)
        n = (size_t)left;
    if (!is_as_long(p) || !read_bytes(p, buffer, n)) {
        w->file_problem = "a file has changed while it was sent";
        return CURL_READFUNC_ABORT;
    }
    p->at += (long long)n;
    p->transfer->moved += (long long)n;
    return n;
}

/* libcurl begins anew. */
static int on_seek(void *part, curl_off_t offset, int origin)
{
    oe_part *p = part;
    if (origin != SEEK_SET || offset < 0 || offset > p->size)
        return CURL_SEEKFUNC_CANTSEEK;
    p->transfer->moved += (long long)offset - p->at;
    p->at = (long long)offset;
    return CURL_SEEKFUNC_OK;
}

bool oe_upload_prepare(oe_wire *w)
{
    oe_upload *u = w->t.upload;
    bool ok = true;
    curl_mime_free(w->mime);
    w->mime = curl_mime_init(w->easy);
    w->t.moved = w->t.total = 0;
    for (size_t i = 0; w->mime && ok && i < u->n; i++) {
        oe_part *p = &u->parts[i];
        p->at = 0;
        p->transfer = &w->t;
        w->t.total += p->size;
        curl_mimepart *m = curl_mime_addpart(w->mime);
        ok = m && curl_mime_name(m, u->field) == CURLE_OK && curl_mime_filename(m, p->name) == CURLE_OK &&
             curl_mime_type(m, p->type) == CURLE_OK &&
             curl_mime_data_cb(m, (curl_off_t)p->size, on_read, on_seek, NULL, p) == CURLE_OK;
    }
    return w->mime && ok && curl_easy_setopt(w->easy, CURLOPT_MIMEPOST, w->mime) == CURLE_OK;
}
