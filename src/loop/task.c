/* Finds out which coroutine has resumed the running one: what this one yields goes there, to the loop or to a program that
   waits for something else, the next value of an iterator for example. Lua does not tell; the way is found from the main
   thread on. */
#include "loop/loop.h"

#include <string.h>

#if defined(LUA_RIDX_MAINTHREAD)

void oe_task_see(lua_State *L)
{
    (void)L;
}

static lua_State *push_root(lua_State *L)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    return lua_tothread(L, -1);
}

#else

#define ROOT "oneentry.root"

static lua_State *push_root(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, ROOT);
    return lua_tothread(L, -1);
}

/* Lua 5.1 shows the main thread only to code that runs in it. Until then this keeps the coroutine that has loaded the
   module: its iterators, at least, are known. */
void oe_task_see(lua_State *L)
{
    bool is_main = lua_pushthread(L) != 0, first = !push_root(L);
    lua_pop(L, 1);
    if (is_main || first)
        lua_setfield(L, LUA_REGISTRYINDEX, ROOT);
    else
        lua_pop(L, 1);
}

#endif

static bool is_main(lua_State *thread)
{
    bool is = lua_pushthread(thread) != 0;
    lua_pop(thread, 1);
    return is;
}

/* Returns the coroutine that the thread has resumed and waits for, or NULL. Each C function has room for two values. */
static lua_State *resumed_by(lua_State *thread)
{
    lua_Debug top;
    lua_State *next = NULL;
    if (!lua_getstack(thread, 0, &top))
        return NULL;
    if (lua_getlocal(thread, &top, 1)) { /* of coroutine.resume */
        next = lua_tothread(thread, -1);
        lua_pop(thread, 1);
    }
    if (!next && lua_getinfo(thread, "f", &top)) {
        if (lua_iscfunction(thread, -1) && lua_getupvalue(thread, -1, 1)) { /* of a function of coroutine.wrap */
            next = lua_tothread(thread, -1);
            lua_pop(thread, 1);
        }
        lua_pop(thread, 1);
    }
    return next;
}

/* Returns the thread that has resumed this one, or NULL: no thread below the root has. */
static lua_State *resumer_of(lua_State *root, lua_State *thread)
{
    lua_State *at = root;
    while (at) {
        lua_State *next = resumed_by(at);
        if (next == thread)
            return at;
        at = next == root ? NULL : next;
    }
    return NULL;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), size = strlen(end);
    return n >= size && strcmp(text + n - size, end) == 0;
}

/* Is the function on top of the thread called by a for loop, for its next values? */
static bool is_iterator(lua_State *thread)
{
    lua_Debug top;
    if (!lua_getstack(thread, 0, &top) || !lua_getinfo(thread, "n", &top) || !top.name)
        return false;
    return strcmp(top.name, "for iterator") == 0 || strcmp(top.name, "(for generator)") == 0;
}

enum answer { NO, YES, UNKNOWN };

/* `source`: the file that has to have resumed it, or NULL. */
static enum answer is_task(lua_State *root, lua_State *thread, const char *source)
{
    bool complete = is_main(root);
    while (thread != root) {
        lua_Debug caller;
        lua_State *resumer = resumer_of(root, thread);
        if (!resumer)
            return complete ? NO : UNKNOWN;
        bool known = lua_getstack(resumer, 1, &caller) && lua_getinfo(resumer, "S", &caller);
        if (known && ends_with(caller.source, "coxpcall.lua"))
            thread = resumer; /* Lua 5.1's pcall that can yield: passes on yielded values */
        else if (source)
            return known && strcmp(caller.source, source) == 0 ? YES : NO;
        else
            return is_main(resumer) && !is_iterator(resumer) ? YES : NO;
    }
    return complete ? NO : UNKNOWN;
}

/***
May the running coroutine yield to its event loop? True, if the main program or a callback of the loop has resumed it; false
in an iterator, which yields to its caller. For the `ready` of a driver.
@function oneentry.is_task
@param by function?  one of the event loop, if that is written in Lua: then what its file has resumed may, and nothing else
@return boolean?  nil: it cannot be told, because all that used this module has been in coroutines (Lua 5.1, LuaJIT)
*/
int oe_task_is(lua_State *L)
{
    lua_Debug by = { .source = NULL };
    bool given = !lua_isnoneornil(L, 1);
    if (given && !lua_isfunction(L, 1))
        return luaL_error(L, "bad argument #1 to 'is_task' (function expected, got %s)", luaL_typename(L, 1));
    lua_settop(L, 1);
    oe_task_see(L);
    lua_State *root = push_root(L);
    if (given) {
        lua_pushvalue(L, 1);
        lua_getinfo(L, ">S", &by);
    }
    enum answer answer = is_task(root, L, by.source);
    if (answer == UNKNOWN)
        return 0;
    lua_pushboolean(L, answer == YES);
    return 1;
}
