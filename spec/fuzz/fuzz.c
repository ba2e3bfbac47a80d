#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int luaopen_oneentry(lua_State *L);

#define COLLECT_EVERY 64 /* inputs */
#define VALUES 400       /* of one input */

unsigned fuzz_byte(fuzz_input *in)
{
    if (in->n == 0)
        return 0;
    in->n--;
    return *in->p++;
}

void fuzz_bytes(fuzz_input *in, void *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)out)[i] = (unsigned char)fuzz_byte(in);
}

oe_text fuzz_text(fuzz_input *in)
{
    size_t n = fuzz_byte(in);
    if (n > in->n)
        n = in->n;
    oe_text text = { (const char *)in->p, n };
    in->p += n;
    in->n -= n;
    return text;
}

void fuzz_fail(const char *promise, const char *details)
{
    fprintf(stderr, "broken: %s: %s\n", promise, details ? details : "");
    abort();
}

lua_State *fuzz_lua(void)
{
    static lua_State *L;
    static unsigned long inputs;
    if (!L) {
        L = luaL_newstate();
        luaL_openlibs(L);
        lua_pushcfunction(L, luaopen_oneentry);
        lua_call(L, 0, 1);
        lua_setfield(L, LUA_REGISTRYINDEX, "fuzz.module");
    }
    lua_settop(L, 0);
    if (++inputs % COLLECT_EVERY == 0)
        lua_gc(L, LUA_GCCOLLECT, 0);
    return L;
}

void fuzz_push_module(lua_State *L, const char *name)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "fuzz.module");
    lua_getfield(L, -1, name);
    lua_remove(L, -2);
}

bool fuzz_protected(lua_State *L, lua_CFunction f, void *context)
{
    lua_pushcfunction(L, f);
    lua_pushlightuserdata(L, context);
    return lua_pcall(L, 1, 0, 0) == LUA_OK;
}

/* ---- values ------------------------------------------------------------------------------------- */

fuzz_maker fuzz_maker_new(lua_State *L, fuzz_input *in, const char *const *names)
{
    fuzz_maker m = { .in = in, .budget = VALUES, .names = names };
    while (names[m.name_count])
        m.name_count++;
    lua_newtable(L);
    m.tables = lua_gettop(L);
    return m;
}

void fuzz_push_string(lua_State *L, fuzz_maker *m)
{
    unsigned choice = fuzz_byte(m->in);
    if (choice < 128 && m->name_count > 0) {
        lua_pushstring(L, m->names[choice % m->name_count]);
    } else {
        oe_text text = fuzz_text(m->in);
        lua_pushlstring(L, text.p, text.n);
    }
}

static void push_number(lua_State *L, fuzz_maker *m)
{
    lua_Integer i;
    double d;
    switch (fuzz_byte(m->in) % 4) {
    case 0:
        lua_pushinteger(L, (lua_Integer)fuzz_byte(m->in) - 128);
        break;
    case 1:
        fuzz_bytes(m->in, &i, sizeof i);
        lua_pushinteger(L, i);
        break;
    case 2:
        fuzz_bytes(m->in, &d, sizeof d);
        lua_pushnumber(L, d);
        break;
    default:
        lua_pushnumber(L, ((double)fuzz_byte(m->in) - 128) / 8);
    }
}

static int do_nothing(lua_State *L)
{
    (void)L;
    return 0;
}

static void push_odd(lua_State *L, fuzz_maker *m)
{
    switch (fuzz_byte(m->in) % 4) {
    case 0:
        lua_pushcfunction(L, do_nothing);
        break;
    case 1:
        lua_newthread(L);
        break;
    case 2:
        (void)lua_newuserdatauv(L, 1, 0);
        break;
    default:
        lua_pushlightuserdata(L, m);
    }
}

/* An earlier table once more: the same twice, or a cycle. */
static void push_again(lua_State *L, fuzz_maker *m)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, m->tables);
    lua_rawgeti(L, m->tables, n > 0 ? (int)(1 + fuzz_byte(m->in) % n) : 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_newtable(L);
    }
}

static void push_new_table(lua_State *L, fuzz_maker *m)
{
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, m->tables, (int)lua_rawlen(L, m->tables) + 1);
}

static void push_list(lua_State *L, fuzz_maker *m, int depth)
{
    push_new_table(L, m);
    unsigned shape = fuzz_byte(m->in);
    int n = (int)(shape & 15);
    if (shape & 16) {
        fuzz_push_module(L, "array");
        lua_pushvalue(L, -2);
        lua_call(L, 1, 0);
    }
    for (int i = 1; i <= n && m->budget > 0; i++) {
        fuzz_push_value(L, m, depth + 1);
        lua_rawseti(L, -2, shape & 32 && i == n ? i + 1 : i); /* sometimes with a hole */
    }
}

static void push_object(lua_State *L, fuzz_maker *m, int depth)
{
    push_new_table(L, m);
    unsigned shape = fuzz_byte(m->in);
    for (unsigned i = 0; i < (shape & 15) && m->budget > 0; i++) {
        if (shape >= 0xe0 && i == 0)
            lua_pushinteger(L, (lua_Integer)fuzz_byte(m->in) - 3);
        else
            fuzz_push_string(L, m);
        fuzz_push_value(L, m, depth + 1);
        lua_rawset(L, -3);
    }
}

/* Nests `more` lists and objects, one in the other. */
static void push_nest(lua_State *L, fuzz_maker *m, int depth)
{
    int more = (int)fuzz_byte(m->in) % 110;
    fuzz_push_value(L, m, depth + 1);
    for (int i = 0; i < more; i++) {
        lua_createtable(L, 0, 0);
        lua_insert(L, -2);
        if (i % 2)
            lua_rawseti(L, -2, 1);
        else
            lua_setfield(L, -2, "in");
    }
}

void fuzz_push_value(lua_State *L, fuzz_maker *m, int depth)
{
    luaL_checkstack(L, 20, "values nested too deeply");
    unsigned what = fuzz_byte(m->in);
    if (--m->budget <= 0 || depth > 60)
        what = 0;
    switch (what % 16) {
    case 0:
        lua_pushboolean(L, what & 16);
        break;
    case 1:
        lua_pushlightuserdata(L, NULL);
        break;
    case 2:
    case 3:
    case 4:
        push_number(L, m);
        break;
    case 5:
    case 6:
    case 7:
        fuzz_push_string(L, m);
        break;
    case 8:
    case 9:
    case 10:
        push_object(L, m, depth);
        break;
    case 11:
    case 12:
        push_list(L, m, depth);
        break;
    case 13:
        push_nest(L, m, depth);
        break;
    case 14:
        push_again(L, m);
        break;
    default:
        if (what < 0x80)
            fuzz_push_string(L, m);
        else
            push_odd(L, m);
    }
}

bool fuzz_equal(lua_State *L, int want, int got, bool exact)
{
    luaL_checkstack(L, 10, "too deep");
    int type = lua_type(L, want);
    if (type != lua_type(L, got))
        return false;
    if (type == LUA_TNUMBER && exact && lua_isinteger(L, want))
        return lua_isinteger(L, got) && lua_tointeger(L, want) == lua_tointeger(L, got);
    if (type == LUA_TNUMBER)
        return lua_tonumber(L, want) == lua_tonumber(L, got);
    if (type != LUA_TTABLE)
        return lua_rawequal(L, want, got);
    int count = 0, top = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, got); lua_pop(L, 1))
        count++;
    for (lua_pushnil(L); lua_next(L, want); lua_settop(L, top + 1), count--) {
        lua_pushvalue(L, top + 1);
        lua_rawget(L, got);
        if (!fuzz_equal(L, top + 2, top + 3, exact))
            return false;
    }
    return count == 0;
}
