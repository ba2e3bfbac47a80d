/* Counts texts that a Lua cannot tell apart quickly, before it has to. Some Luas hash only some bytes of a long string:
   strings that differ elsewhere all end up in one chain, and making n of them takes time in proportion to n * n. */
#include "reply/reply.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(LUAJIT_VERSION_NUM)
#define WAYS 3         /* guesses: which bytes are hashed is a secret of the process */
#define MIN_LENGTH 128 /* bytes; shorter strings are hashed whole */
#define BUDGET 20e6    /* comparisons: some tenths of a second */
#elif LUA_VERSION_NUM < 504
#define WAYS 1
#define MIN_LENGTH 32
#define MAX_SHORT 40 /* 5.2, 5.3: longer strings are hashed as keys only */
#define BUDGET 2e6
#endif

#ifdef WAYS

#define SMALL (128 * 1024) /* bytes; a shorter text cannot hold enough of them */
#define COUNTERS (1u << 16)
#define SEEN (1u << 23) /* bits */
#define GUESSES 4

typedef struct counter {
    uint32_t count[WAYS][COUNTERS];
    unsigned char seen[SEEN / 8]; /* by hash of all bytes: a string that has been seen costs nothing */
    double cost[WAYS];
    uint32_t guess[WAYS * GUESSES]; /* places of the hashed bytes, in parts of 2^32 */
} counter;

/* Hashes all bytes. */
static uint64_t hash_all(const char *s, size_t n)
{
    uint64_t h = n * 0x9e3779b97f4a7c15u, word;
    for (; n >= 8; s += 8, n -= 8) {
        memcpy(&word, s, 8);
        h = (h ^ word) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    for (; n > 0; n--)
        h = (h ^ (unsigned char)*s++) * 0x100000001b3u;
    return h ^ h >> 32;
}

/* Hashes the bytes that this Lua hashes, or a guess at them. */
static uint32_t hash_some(const counter *c, int way, const char *s, size_t n)
{
    uint32_t h = (uint32_t)n;
#if defined(LUAJIT_VERSION_NUM)
    for (int i = 0; i < GUESSES; i++)
        h = (h ^ (unsigned char)s[(uint64_t)n * c->guess[way * GUESSES + i] >> 32]) * 0x9e3779b1u;
    return h ^ h >> 16;
#else
    (void)c, (void)way;
    for (size_t step = (n >> 5) + 1; n >= step; n -= step)
        h ^= (h << 5) + (h >> 2) + (unsigned char)s[n - 1];
    return h ^ h >> 16;
#endif
}

/* Counts the string; returns whether all of them are cheap so far. */
static bool count_string(counter *c, const char *s, size_t n, bool is_key)
{
#if !defined(LUAJIT_VERSION_NUM) && LUA_VERSION_NUM > 501
    if (n > MAX_SHORT && !is_key)
        return true;
#endif
    (void)is_key;
    uint32_t all = (uint32_t)hash_all(s, n) % SEEN;
    if (c->seen[all / 8] >> (all % 8) & 1)
        return true;
    c->seen[all / 8] |= (unsigned char)(1u << (all % 8));
    for (int way = 0; way < WAYS; way++) {
        c->cost[way] += c->count[way][hash_some(c, way, s, n) % COUNTERS]++ * (1 + (double)n / 512);
        if (c->cost[way] > BUDGET)
            return false;
    }
    return true;
}

/* Counts a string as it stands in JSON, escapes included. */
static bool count_escaped(counter *c, const char *s, size_t n, bool is_key)
{
    if (n < MIN_LENGTH)
        return true;
    if (!memchr(s, '\\', n))
        return count_string(c, s, n, is_key);
    char *plain = malloc(n);
    if (!plain)
        return true; /* nor will Lua have memory for it */
    size_t size = oe_escape_unescape_json(plain, s, n);
    bool cheap = size < MIN_LENGTH || count_string(c, plain, size, is_key);
    free(plain);
    return cheap;
}

static bool count_all(counter *c, const char *text, size_t n)
{
    const char *end = text + n, *open;
    bool cheap = true;
    for (const char *p = text; cheap && (open = memchr(p, '"', (size_t)(end - p)));) {
        size_t after = oe_json_skip_string(text, n, (size_t)(open + 1 - text));
        p = text + after;
        const char *next = p;
        while (next < end && strchr(" \t\r\n", *next))
            next++;
        cheap = count_escaped(c, open + 1, (size_t)(p - open - 1) - (p > open + 1), next < end && *next == ':');
    }
    return cheap;
}

bool oe_alike_is_cheap(const char *text, size_t n)
{
    if (n < SMALL)
        return true;
    counter *c = calloc(1, sizeof *c);
    if (!c)
        return true;
    oe_random_bytes(c->guess, sizeof c->guess);
    bool cheap = count_all(c, text, n);
    free(c);
    return cheap;
}

#else

bool oe_alike_is_cheap(const char *text, size_t n)
{
    (void)text, (void)n;
    return true;
}

#endif
