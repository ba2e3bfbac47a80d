/* Errors of wrong use, with the place where the user called the method. */
#include "base/base.h"

#include <stdarg.h>
#include <string.h>

int oe_raise(lua_State *L, const char *format, ...)
{
    static const char await[] = "oneentry/await.lua"; /* stands between a method and its C function */
    lua_Debug caller;
    int level = 1;
    if (lua_getstack(L, 1, &caller) && lua_getinfo(L, "S", &caller)) {
        size_t n = strlen(caller.source), size = sizeof await - 1;
        level += n > size && strcmp(caller.source + n - size, await) == 0;
    }
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
