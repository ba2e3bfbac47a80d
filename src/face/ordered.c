/* oneentry.ordered: a Lua table has no order, attributes have a position. */
#include "face/face.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    double position;  /* infinite: missing */
    double number;    /* the key, if it is one */
    const char *text; /* the key, if it is one; the list of keys keeps it */
    size_t n;
    int key; /* its place in the list of keys */
} entry;

static int compare_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

/* By position, then by key, numbers before strings. */
static int compare_entries(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->position != y->position)
        return compare_numbers(x->position, y->position);
    if (!x->text || !y->text)
        return x->text || y->text ? (x->text ? 1 : -1) : compare_numbers(x->number, y->number);
    int order = memcmp(x->text, y->text, x->n < y->n ? x->n : y->n);
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

/* The position of the attribute on top of the stack. */
static double get_position(lua_State *L)
{
    double position = HUGE_VAL;
    if (lua_istable(L, -1)) {
        lua_pushliteral(L, "position");
        lua_rawget(L, -2);
        if (lua_isnumber(L, -1))
            position = (double)lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    return isnan(position) ? HUGE_VAL : position;
}

/* Describes the key below the attribute on top of the stack. */
static void describe(lua_State *L, entry *e)
{
    memset(e, 0, sizeof *e);
    e->position = get_position(L);
    if (lua_type(L, -2) == LUA_TSTRING)
        e->text = lua_tolstring(L, -2, &e->n);
    else if (lua_type(L, -2) == LUA_TNUMBER)
        e->number = (double)lua_tonumber(L, -2);
}

/* upvalues: map, keys, entries, how many there are, how many are done */
static int next_entry(lua_State *L)
{
    const entry *entries = lua_touserdata(L, lua_upvalueindex(3));
    lua_Integer n = lua_tointeger(L, lua_upvalueindex(4)), done = lua_tointeger(L, lua_upvalueindex(5));
    lua_settop(L, 0);
    while (done < n) {
        lua_rawgeti(L, lua_upvalueindex(2), entries[done++].key);
        lua_pushvalue(L, 1);
        lua_rawget(L, lua_upvalueindex(1));
        if (!lua_isnil(L, 2)) /* still there */
            break;
        lua_settop(L, 0);
    }
    lua_pushinteger(L, done);
    lua_replace(L, lua_upvalueindex(5));
    return lua_gettop(L);
}

/***
Iterates the attributes of an entity in the order that the project's editors gave them. What is set to nil meanwhile is left out.
@function oneentry.ordered
@param map table  attributes by marker (attributeValues), or a list of them
@return function  yields marker (or index) and attribute by ascending position; those without a position last, equal ones by marker
@usage for marker, attribute in oneentry.ordered(product.attributeValues) do print(marker, attribute.value) end
*/
int oe_ordered(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    long reads = 0;
    const char *problem = oe_table_read_members(L, 1, &reads);
    if (problem)
        return luaL_error(L, "bad argument #1 to 'ordered' (%s)", problem);
    int n = 0, i = 0;
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_rawseti(L, 2, ++n);
    }
    entry *entries = lua_newuserdata(L, ((size_t)n + 1) * sizeof *entries);
    for (i = 0; i < n; i++) {
        lua_rawgeti(L, 2, i + 1);
        lua_pushvalue(L, -1);
        lua_rawget(L, 1);
        describe(L, &entries[i]);
        entries[i].key = i + 1;
        lua_pop(L, 2);
    }
    qsort(entries, (size_t)n, sizeof *entries, compare_entries);
    lua_pushinteger(L, n);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_entry, 5);
    return 1;
}
