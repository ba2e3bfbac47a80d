/* A growing byte string. */
#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 256

bool oe_buffer_grow(oe_buffer *b, size_t n)
{
    if (b->failed)
        return false;
    if (n > b->room - b->n) {
        size_t room = b->room ? b->room : FIRST_ROOM;
        while (room - b->n < n && room <= (size_t)-1 / 2)
            room *= 2;
        char *p = room - b->n < n ? NULL : realloc(b->p, room);
        if (!p) {
            b->failed = true;
            return false;
        }
        b->p = p;
        b->room = room;
    }
    return true;
}

bool oe_buffer_add(oe_buffer *b, const void *bytes, size_t n)
{
    if (!oe_buffer_grow(b, n))
        return false;
    if (n)
        memcpy(b->p + b->n, bytes, n);
    b->n += n;
    return true;
}

bool oe_buffer_text(oe_buffer *b, const char *text)
{
    return oe_buffer_add(b, text, strlen(text));
}

bool oe_buffer_byte(oe_buffer *b, char c)
{
    return oe_buffer_add(b, &c, 1);
}

void oe_buffer_reset(oe_buffer *b, size_t keep)
{
    if (b->room > keep)
        oe_buffer_free(b);
    b->n = 0;
    b->failed = false;
}

void oe_buffer_free(oe_buffer *b)
{
    free(b->p);
    *b = (oe_buffer){ 0 };
}
