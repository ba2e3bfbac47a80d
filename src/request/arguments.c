/* Checks the arguments of a call against its row, and fills the absent ones. They are 1..n on the stack. */
#include "request/request.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int arg_count(const oe_row *row)
{
    int n = 0;
    while (n < OE_MAX_ARGS && row->args[n].type != OE_NONE)
        n++;
    return n;
}

int oe_argument_error(lua_State *L, const oe_row *row, int index, const char *problem)
{
    return oe_raise(L, "bad argument #%d to '%s' (%s)", index, row->name, problem);
}

/* Can the number be written as digits, all of them true? An integral double below OE_EXACT is no rounded one. */
static bool is_exact_integer(lua_State *L, int index)
{
#if OE_HAS_INTEGERS
    if (lua_isinteger(L, index))
        return true;
#endif
    double d = (double)lua_tonumber(L, index);
    return d == floor(d) && fabs(d) < OE_EXACT;
}

const char *oe_argument_integer_problem(lua_State *L, int index)
{
    if (lua_type(L, index) == LUA_TSTRING) {
        size_t n;
        const char *s = lua_tolstring(L, index, &n);
        return n > 0 && strspn(s, "0123456789") == n ? NULL : "integer expected, got a string that is not digits";
    }
    if (!is_exact_integer(L, index))
        return "number has no exact integer representation";
    return lua_tonumber(L, index) < 0 ? "integer must not be negative" : NULL;
}

static void check_argument(lua_State *L, const oe_row *row, int index)
{
    const oe_arg *arg = &row->args[index - 1];
    static const char *const names[] = { "",      "string", "string", "integer", "integer",       "boolean",
                                         "table", "table",  "list",   "file",    "string or list" };
    const char *problem = NULL;
    if (arg->type == OE_LANGS && lua_istable(L, index))
        problem = oe_langs_join(L, index);
    if (problem)
        oe_argument_error(L, row, index, lua_pushfstring(L, "%s: %s", arg->name, problem));
    int type = lua_type(L, index);
    if (arg->fallback && (type <= LUA_TNIL || oe_is_null(L, index)))
        return;
    bool fits = (arg->type == OE_BOOLEAN && type == LUA_TBOOLEAN) || (arg->type >= OE_TABLE && type == LUA_TTABLE) ||
                ((arg->type == OE_ITEMS || arg->type == OE_IDS) && oe_lists_is_empty_array(L, index)) ||
                ((arg->type <= OE_ID || arg->type == OE_IDS) && (type == LUA_TSTRING || type == LUA_TNUMBER)) ||
                (arg->type == OE_FILE && (type == LUA_TSTRING || type == LUA_TUSERDATA));
    if (!fits) {
        const char *got = oe_is_null(L, index) ? "null" : lua_typename(L, type);
        lua_pushfstring(L, "%s expected, got %s", names[arg->type], got);
        oe_argument_error(L, row, index, lua_tostring(L, -1));
    }
    if (arg->type == OE_INTEGER || arg->type == OE_ID)
        problem = oe_argument_integer_problem(L, index);
    else if (type == LUA_TNUMBER && !is_exact_integer(L, index))
        problem = "string expected, got a number that is not an integer";
    if (problem)
        oe_argument_error(L, row, index, problem);
    if (arg->choices) {
        size_t n;
        const char *s = type == LUA_TSTRING ? lua_tolstring(L, index, &n) : NULL;
        if (!s || memchr(s, ' ', n) || !oe_text_has_word(arg->choices, s, n)) {
            luaL_gsub(L, arg->choices, " ", "' or '");
            lua_pushfstring(L, "'%s' expected", lua_tostring(L, -1));
            oe_argument_error(L, row, index, lua_tostring(L, -1));
        }
    }
}

void oe_argument_check(lua_State *L, const oe_row *row)
{
    int count = arg_count(row), given = lua_gettop(L) - 1;
    for (int i = count + 1; i <= given; i++) {
        if (!lua_isnil(L, i)) {
            lua_pushfstring(L, "no more than %d expected", count);
            oe_argument_error(L, row, i, lua_tostring(L, -1));
        }
    }
    for (; given < count; given++) {
        lua_pushnil(L);
        lua_insert(L, -2);
    }
    if (given > count) {
        lua_replace(L, count + 1);
        lua_settop(L, count + 1);
    }
    for (int i = 1; i <= count; i++)
        check_argument(L, row, i);
}

int oe_argument_find(const oe_row *row, const char *name, size_t n)
{
    for (int i = 0; i < OE_MAX_ARGS && row->args[i].type != OE_NONE; i++)
        if (strlen(row->args[i].name) == n && memcmp(row->args[i].name, name, n) == 0)
            return i + 1;
    return 0;
}

int oe_argument_find_ids(const oe_row *row)
{
    for (int i = 0; i < OE_MAX_ARGS && row->args[i].type != OE_NONE; i++)
        if (row->args[i].type == OE_IDS)
            return i + 1;
    return 0;
}

oe_text oe_argument_digits(lua_State *L, int index, char digits[OE_DIGITS])
{
#if OE_HAS_INTEGERS
    if (lua_isinteger(L, index))
        snprintf(digits, OE_DIGITS, LUA_INTEGER_FMT, (LUAI_UACINT)lua_tointeger(L, index));
    else
#endif
        snprintf(digits, OE_DIGITS, "%.0f", (double)lua_tonumber(L, index));
    return (oe_text){ digits, strlen(digits) };
}

void oe_argument_fill(lua_State *L, const oe_settings *settings, const oe_row *row)
{
    for (int i = 1; i <= arg_count(row); i++) {
        const oe_arg *arg = &row->args[i - 1];
        const char *fallback = arg->fallback ? arg->fallback : OE_FALLBACK_NIL;
        bool same = fallback[0] == '=', table = arg->type >= OE_TABLE;
        if (!fallback[0] || !(lua_isnil(L, i) || ((same || table) && oe_is_null(L, i))))
            continue;
        if (same)
            oe_argument_push(L, row, fallback + 1);
        else if (strcmp(fallback, OE_FALLBACK_LANG) == 0)
            lua_pushlstring(L, settings->langs, settings->langs_n);
        else if (table)
            lua_newtable(L);
        else if (arg->type == OE_STRING)
            lua_pushstring(L, fallback);
        else if (arg->type == OE_BOOLEAN)
            lua_pushboolean(L, strcmp(fallback, "true") == 0);
        else
            lua_pushinteger(L, atoi(fallback));
        lua_replace(L, i);
    }
}

void oe_argument_push(lua_State *L, const oe_row *row, const char *name)
{
    int position = oe_argument_find(row, name, strlen(name));
    if (position)
        lua_pushvalue(L, position);
    else
        lua_pushnil(L);
}
