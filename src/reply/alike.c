/* Counts texts that a Lua cannot tell apart quickly, before it has to. Some Luas hash only some bytes of a long string:
   strings that differ elsewhere all end up in one chain, and making n of them takes time in proportion to n * n. */
#include "reply/reply.h"

#include <stdint.h>
#include <string.h>

#if defined(LUA_JITLIBNAME)
#define WAYS 3      /* guesses: which bytes are hashed is a secret of the process */
#define BUDGET 20e6 /* comparisons: some tenths of a second */
#else
#define WAYS 1
#define MAX_SHORT 40 /* 5.2, 5.3: longer strings are hashed as keys only */
#define BUDGET 2e6
#endif

#define SMALL (128 * 1024) /* bytes of long strings; fewer cannot hold enough of them */
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
#if defined(LUA_JITLIBNAME)
    for (int i = 0; i < GUESSES; i++)
        h = (h ^ (unsigned char)s[(uint64_t)n * c->guess[way * GUESSES + i] >> 32]) * 0x9e3779b1u;
#else
    (void)c, (void)way;
    for (size_t step = (n >> 5) + 1; n >= step; n -= step)
        h ^= (h << 5) + (h >> 2) + (unsigned char)s[n - 1];
#endif
    return h ^ h >> 16;
}

/* Returns the counter at `place`; NULL while too few bytes have been seen for one. */
static counter *counter_at(lua_State *L, int place, size_t n)
{
    if (lua_isuserdata(L, place))
        return lua_touserdata(L, place);
    lua_Number bytes = lua_tonumber(L, place) + (lua_Number)n;
    if (bytes < SMALL) {
        lua_pushnumber(L, bytes);
        lua_replace(L, place);
        return NULL;
    }
    counter *c = lua_newuserdata(L, sizeof *c);
    memset(c, 0, sizeof *c);
    oe_random_bytes(c->guess, sizeof c->guess);
    lua_replace(L, place);
    return c;
}

bool oe_alike_add(lua_State *L, int place, const char *s, size_t n, bool is_name)
{
#if !defined(LUA_JITLIBNAME) && LUA_VERSION_NUM > 501
    if (n > MAX_SHORT && !is_name)
        return true;
#endif
    (void)is_name;
    counter *c = counter_at(L, place, n);
    if (!c)
        return true;
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
