/* Errors of wrong use, with the place where the user called the method. */
#include "base/base.h"

#include <stdarg.h>
#include <string.h>

/* Is the function at that level of a file that stands between a method and its C function? */
static bool is_between(lua_State *L, int level)
{
    static const char *const files[] = { "oneentry/await.lua", "oneentry/each.lua" };
    lua_Debug caller;
    if (!lua_getstack(L, level, &caller) || !lua_getinfo(L, "S", &caller))
        return false;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t n = strlen(caller.source), size = strlen(files[i]);
        if (n > size && strcmp(caller.source + n - size, files[i]) == 0)
            return true;
    }
    return false;
}

int oe_raise(lua_State *L, const char *format, ...)
{
    int level = 1;
    while (is_between(L, level))
        level++;
    luaL_where(L, level);
    va_list values;
    va_start(values, format);
    lua_pushvfstring(L, format, values);
    va_end(values);
    lua_concat(L, 2);
    return lua_error(L);
}

int oe_raise_colon(lua_State *L, const char *name)
{
    return oe_raise(L, "'%s' is a function, not a method: call it with a dot, not with a colon", name);
}
