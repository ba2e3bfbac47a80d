/* A growing byte string. A failed allocation sets `failed` and drops the bytes; check `failed` once at the end. */
#ifndef ONEENTRY_BUFFER_H
#define ONEENTRY_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

#define OE_KEEP_BYTES (64 * 1024) /* of a buffer, from one call to the next */

typedef struct oe_buffer {
    char *p;
    size_t n, room;
    bool failed;
} oe_buffer;

/* Makes room for n more bytes. */
bool oe_buffer_grow(oe_buffer *b, size_t n);
bool oe_buffer_add(oe_buffer *b, const void *bytes, size_t n);
bool oe_buffer_text(oe_buffer *b, const char *text);
bool oe_buffer_byte(oe_buffer *b, char c);
/* Empties the buffer for its next use; gives back memory beyond `keep` bytes. */
void oe_buffer_reset(oe_buffer *b, size_t keep);
void oe_buffer_free(oe_buffer *b);

#pragma GCC visibility pop

#endif
