/* The engines of one Lua state that hold descriptors, the one used last at the end. Unused engines give theirs up when there
   are many, or when the process has none left; they open new ones with their next call. So a client that is dropped without
   close() costs nothing scarce, however late the collector comes. */
#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define HOLDERS "oneentry.holders"
#define SHARE 16      /* descriptors of the process's limit for each engine that holds some */
#define MIN_HOLDERS 4 /* however low that limit is */
#define RESERVE 8     /* descriptors that a call may need */

oe_holders *oe_holders_of(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, HOLDERS);
    oe_holders *h = lua_touserdata(L, -1);
    lua_pop(L, 1);
    if (h)
        return h;
    h = lua_newuserdata(L, sizeof *h);
    *h = (oe_holders){ 0 };
    lua_setfield(L, LUA_REGISTRYINDEX, HOLDERS);
    return h;
}

void oe_holders_leave(oe_engine *e)
{
    oe_holders *h = e->holders;
    if (!e->holds)
        return;
    if (e->previous_holder)
        e->previous_holder->next_holder = e->next_holder;
    else
        h->first = e->next_holder;
    if (e->next_holder)
        e->next_holder->previous_holder = e->previous_holder;
    else
        h->last = e->previous_holder;
    e->next_holder = e->previous_holder = NULL;
    e->holds = false;
    h->n--;
}

static void append(oe_engine *e)
{
    oe_holders *h = e->holders;
    e->previous_holder = h->last;
    if (h->last)
        h->last->next_holder = e;
    else
        h->first = e;
    h->last = e;
    e->holds = true;
    h->n++;
}

/* Returns how many engines may hold descriptors. */
static size_t most(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / SHARE < MIN_HOLDERS)
        return MIN_HOLDERS;
    return limit.rlim_cur / SHARE;
}

/* Has unused engines give up their descriptors, the one used longest ago first, until only `left` hold some. False: none
   has. */
static bool reduce(oe_holders *h, const oe_engine *but, size_t left)
{
    size_t before = h->n;
    for (oe_engine *e = h->first; e && h->n > left;) {
        oe_engine *next = e->next_holder;
        if (e != but && oe_engine_is_idle(e))
            oe_engine_release(e);
        e = next;
    }
    return h->n < before;
}

void oe_holders_join(oe_engine *e)
{
    oe_holders *h = e->holders;
    bool is_new = !e->holds;
    if (!is_new && h->last == e)
        return;
    oe_holders_leave(e);
    append(e);
    if (is_new && h->n > MIN_HOLDERS && h->n > most())
        (void)reduce(h, e, most() / 2);
}

/* Has the process no room for the descriptors that a call needs? */
static bool is_short(void)
{
    int fds[RESERVE], n = 0;
    while (n < RESERVE && (fds[n] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
        n++;
    bool found = n < RESERVE && (errno == EMFILE || errno == ENFILE);
    while (n-- > 0)
        close(fds[n]);
    return found;
}

bool oe_holders_relieve(const oe_engine *e)
{
    return e->holders->n > 1 && is_short() && reduce(e->holders, e, 1);
}

void oe_holders_collect(lua_State *L)
{
    oe_holders *h = oe_holders_of(L);
    if (h->n < MIN_HOLDERS || h->n < most() || h->n < h->collect_at)
        return;
    lua_gc(L, LUA_GCCOLLECT, 0);
    h->collect_at = 2 * h->n;
}
