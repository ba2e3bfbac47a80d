/* Tables whose members are known by name. Checks every member, refuses unknown ones. */
#include "base/members.h"

#include <math.h>
#include <string.h>

int oe_members_refuse(const oe_reader *r, const char *where, const char *name, const char *problem)
{
    return oe_raise(r->L, "bad argument #%d to '%s' (%s%s%s: %s)", r->position, r->function, where, name ? "." : "",
                    name ? name : "", problem);
}

/* ---- names -------------------------------------------------------------------------------------- */

static const oe_member *find_member(const oe_member *members, const char *name)
{
    for (; members->name; members++)
        if (strcmp(members->name, name) == 0)
            return members;
    return NULL;
}

static int refuse_unknown(const oe_reader *r, const char *where, const oe_member *members, const char *name)
{
    luaL_Buffer words;
    luaL_buffinit(r->L, &words);
    for (const oe_member *m = members; m->name; m++) {
        luaL_addstring(&words, m == members ? "" : " ");
        luaL_addstring(&words, m->name);
    }
    luaL_pushresult(&words);
    return oe_members_refuse(r, where, name, oe_nearest_push(r->L, "member", lua_tostring(r->L, -1), name));
}

/* ---- values ------------------------------------------------------------------------------------- */

#define DIGITS_OF(n) #n
#define DIGITS(n) DIGITS_OF(n)

static const char *text_problem(lua_State *L, enum oe_kind kind)
{
    size_t n;
    if (lua_type(L, -1) != LUA_TSTRING)
        return "string expected";
    const char *text = lua_tolstring(L, -1, &n);
    if (n == 0 && kind != OE_IS_LANGS && kind != OE_IS_TOKEN)
        return "a string that is not empty expected";
    if ((kind == OE_IS_HEADER || kind == OE_IS_LABEL || kind == OE_IS_TOKEN) && !oe_text_is_header_value(text, n))
        return "printable ASCII expected (it goes into a header)";
    if (n > (kind == OE_IS_LABEL ? OE_MAX_LABEL : OE_MAX_TOKEN))
        return kind == OE_IS_LABEL ? "longer than " DIGITS(OE_MAX_LABEL) " bytes"
                                   : "longer than " DIGITS(OE_MAX_TOKEN) " bytes";
    return strlen(text) == n ? NULL : "a string without NUL expected";
}

static const char *number_problem(lua_State *L, enum oe_kind kind)
{
    if (lua_type(L, -1) != LUA_TNUMBER)
        return "number expected";
    double d = (double)lua_tonumber(L, -1);
    if (kind == OE_IS_SECONDS)
        return d > 0 && d <= 86400 ? NULL : "more than 0 and at most 86400 seconds expected";
    if (kind == OE_IS_COUNT)
        return d == floor(d) && d >= 0 && d <= 1000 ? NULL : "integer from 0 to 1000 expected";
    return d == floor(d) && d >= 1 && d <= OE_EXACT ? NULL : "integer from 1 to 2^53 expected";
}

static const char *value_problem(lua_State *L, enum oe_kind kind)
{
    switch (kind) {
    case OE_IS_TEXT:
    case OE_IS_HEADER:
    case OE_IS_LABEL:
    case OE_IS_TOKEN:
        return text_problem(L, kind);
    case OE_IS_LANGS:
        return lua_istable(L, -1) ? oe_langs_join(L, lua_gettop(L)) : text_problem(L, kind);
    case OE_IS_SECONDS:
    case OE_IS_COUNT:
    case OE_IS_SIZE:
        return number_problem(L, kind);
    case OE_IS_FLAG:
        return lua_isboolean(L, -1) ? NULL : "boolean expected";
    case OE_IS_TABLE:
        return lua_istable(L, -1) ? NULL : "table expected";
    case OE_IS_FUNCTION:
        return lua_isfunction(L, -1) ? NULL : "function expected";
    case OE_IS_ANY: /* its user looks at it */
        break;
    }
    return NULL;
}

static void check_names(const oe_reader *r, int index, const char *where, const oe_member *members)
{
    lua_State *L = r->L;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            oe_members_refuse(r, where, NULL, "a member name expected, got a list item");
        else if (!find_member(members, lua_tostring(L, -2)))
            refuse_unknown(r, where, members, lua_tostring(L, -2));
    }
}

static void check_value(const oe_reader *r, const char *where, const oe_member *m)
{
    lua_State *L = r->L;
    const int value = lua_gettop(L);
    const char *problem = lua_isnil(L, -1) ? NULL : value_problem(L, m->kind);
    if (!problem)
        return;
    bool number = m->kind == OE_IS_SECONDS || m->kind == OE_IS_COUNT || m->kind == OE_IS_SIZE;
    bool empty = lua_type(L, value) == LUA_TSTRING && lua_rawlen(L, value) == 0;
    const char *got = number && lua_type(L, value) == LUA_TNUMBER ? lua_tostring(L, value) : luaL_typename(L, value);
    if (empty)
        got = "an empty string";
    lua_pushfstring(L, "%s, got %s", problem, got);
    bool says_type = strstr(problem, "expected") == problem + strlen(problem) - strlen("expected");
    oe_members_refuse(r, where, m->name, says_type ? lua_tostring(L, -1) : problem);
}

/* Pushes the member of the table at `listed`, or else the answer of __index of the one at `index`. */
static void push_member(lua_State *L, int index, int listed, const char *name)
{
    lua_getfield(L, listed, name);
    if (lua_isnil(L, -1) && listed != index) {
        lua_pop(L, 1);
        lua_getfield(L, index, name);
    }
}

int oe_members_copy(const oe_reader *r, int index, const char *where, const oe_member *members)
{
    lua_State *L = r->L;
    long reads = 0;
    lua_pushvalue(L, index);
    int listed = lua_gettop(L);
    const char *problem = oe_table_read_members(L, listed, &reads);
    if (problem)
        oe_members_refuse(r, where, NULL, problem);
    check_names(r, listed, where, members);
    lua_newtable(L);
    int copy = lua_gettop(L);
    for (const oe_member *m = members; m->name; m++) {
        push_member(L, index, listed, m->name);
        check_value(r, where, m);
        lua_setfield(L, copy, m->name);
    }
    lua_replace(L, listed);
    return listed;
}

int oe_members_of(const oe_reader *r, int index, const char *name, const char *where, const oe_member *members)
{
    lua_State *L = r->L;
    lua_getfield(L, index, name);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_newtable(L);
    }
    return oe_members_copy(r, lua_gettop(L), where, members);
}
