/* Checks of lists before they are written: a row names that of its method, and body.c calls it. */
#include "request/request.h"

#include <stdio.h>
#include <string.h>

#define FILTER_MEMBERS "attributeMarker conditionMarker conditionValue pageUrl pageUrls statusMarker title isNested"
#define CONDITIONS "in nin eq neq mth lth exs nexs"

static bool fail(oe_json *w, size_t item, const char *member, const char *problem)
{
    snprintf(w->where, sizeof w->where, "[%zu]%s%.80s", item, member ? "." : "", member ? member : "");
    w->problem = problem;
    return false;
}

/* Is the member on top of the stack, above its name, one that filters have? */
static bool check_member(lua_State *L, size_t item, const char *name, oe_json *w)
{
    if (!oe_text_has_word(FILTER_MEMBERS, name, lua_rawlen(L, -2)))
        return fail(w, item, name, oe_nearest_push(L, "member", FILTER_MEMBERS, name));
    if (strcmp(name, "conditionMarker") != 0 || oe_is_null(L, -1))
        return true;
    if (lua_type(L, -1) != LUA_TSTRING)
        return fail(w, item, name, lua_pushfstring(L, "string expected, got %s", luaL_typename(L, -1)));
    const char *marker = lua_tostring(L, -1);
    if (!oe_text_has_word(CONDITIONS, marker, lua_rawlen(L, -1)))
        return fail(w, item, name, oe_nearest_push(L, "condition marker", CONDITIONS, marker));
    return true;
}

/* The filter is at the absolute index. */
static bool check_filter(lua_State *L, size_t item, int index, oe_json *w)
{
    if (!lua_istable(L, index))
        return fail(w, item, NULL, lua_pushfstring(L, "a filter, a table, expected, got %s", luaL_typename(L, index)));
    if (!oe_json_read(L, index, w))
        return fail(w, item, NULL, w->problem);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            return fail(w, item, NULL, "a member name expected, got a list item");
        if (!check_member(L, item, lua_tostring(L, -2), w))
            return false;
    }
    return true;
}

/* The list is copied: a filter that answers through its metatable is read once, and written as it was checked. */
static bool check_filters(lua_State *L, int index, oe_json *w)
{
    luaL_checkstack(L, 12, "not enough memory for filters");
    double n = (double)lua_rawlen(L, index);
    lua_newtable(L);
    int copy = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, index); lua_settop(L, copy + 1)) {
        double key = lua_type(L, copy + 1) == LUA_TNUMBER ? (double)lua_tonumber(L, copy + 1) : 0;
        if (key >= 1 && key <= n && !check_filter(L, (size_t)key, copy + 2, w))
            return false;
        lua_pushvalue(L, copy + 1);
        lua_pushvalue(L, copy + 2);
        lua_rawset(L, copy);
    }
    lua_pushvalue(L, copy);
    lua_replace(L, index);
    lua_settop(L, copy - 1);
    return true;
}

const oe_check oe_check_filters = { "filters", "filter", check_filters };
