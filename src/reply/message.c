/* Makes the readable text of an error of the server's `message`, in any form that servers send. */
#include "reply/reply.h"

#include <stdio.h>
#include <string.h>

#define MAX_REST 64    /* bytes of "; ..., and 79,990 more" */
#define MAX_TEXT 32768 /* bytes that are read: more than are shown, so that masking sees a secret at the end whole */
#define MAX_DEPTH 8
#define SORTED 16 /* names of one object that are told in their order; others are counted */

typedef struct reader {
    lua_State *L;
    const oe_text *langs; /* the best first; NULL ends them */
    oe_buffer *out;
    long told, more;
} reader;

static void add_text(reader *r, int index)
{
    size_t n;
    const char *text = lua_tolstring(r->L, index, &n);
    if (n == 0)
        return;
    if (r->told > 0 && r->out->n + 2 + n > OE_MAX_MESSAGE - MAX_REST) {
        r->more++;
        return;
    }
    if (r->told++ > 0)
        oe_buffer_text(r->out, "; ");
    oe_buffer_add(r->out, text, oe_text_cut(text, n, MAX_TEXT));
}

/* "en_US", "de", "zh-Hant_TW" */
static bool is_locale(const char *name, size_t n)
{
    size_t letters = 0;
    while (letters < n && name[letters] >= 'a' && name[letters] <= 'z')
        letters++;
    return letters >= 2 && letters <= 3 && (n == letters || name[letters] == '_' || name[letters] == '-');
}

/* Lists the names of the texts in the object on top of the stack, the first in their order, and counts the others. The
   object keeps the names alive. */
static int sort_names(reader *r, bool locales, const char *names[SORTED], long *others)
{
    lua_State *L = r->L;
    int n = 0, object = lua_gettop(L);
    *others = 0;
    for (lua_pushnil(L); lua_next(L, object); lua_pop(L, 1)) {
        size_t length;
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &length) : NULL;
        if (!name || lua_type(L, -1) != LUA_TSTRING || (locales && !is_locale(name, length)))
            continue;
        int i = n;
        while (i > 0 && strcmp(names[i - 1], name) > 0)
            i--;
        *others += n == SORTED;
        if (i == SORTED)
            continue;
        n += n < SORTED;
        memmove(names + i + 1, names + i, (size_t)(n - 1 - i) * sizeof *names);
        names[i] = name;
    }
    return n;
}

/* Pushes the member of the object on top of the stack. */
static int push_member(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    return lua_type(L, -1);
}

/* Reads { en_US = text, ... }: the text in the call's language, else the client's. */
static bool read_language(reader *r)
{
    lua_State *L = r->L;
    for (int i = 0; r->langs[i].p; i++) {
        if (push_member(L, r->langs[i].p) == LUA_TSTRING) {
            add_text(r, -1);
            lua_pop(L, 1);
            return true;
        }
        lua_pop(L, 1);
    }
    return false;
}

static void read_any_language(reader *r)
{
    const char *names[SORTED];
    long others;
    if (sort_names(r, true, names, &others) == 0)
        return;
    push_member(r->L, names[0]);
    add_text(r, -1);
    lua_pop(r->L, 1);
}

/* Reads { property, constraints = { isEmail = text, ... } }, NestJS's list of a body's faults. */
static void read_constraints(reader *r)
{
    lua_State *L = r->L;
    const char *names[SORTED];
    long others;
    int n = sort_names(r, false, names, &others);
    r->more += others;
    for (int i = 0; i < n; i++) {
        push_member(L, names[i]);
        add_text(r, -1);
        lua_pop(L, 1);
    }
}

static void read_value(reader *r, int depth);

static void read_object(reader *r, int depth)
{
    lua_State *L = r->L;
    long before = r->told + r->more;
    if (read_language(r))
        return;
    if (push_member(L, "message") != LUA_TNIL)
        read_value(r, depth + 1);
    lua_pop(L, 1);
    if (push_member(L, "constraints") == LUA_TTABLE)
        read_constraints(r);
    lua_pop(L, 1);
    if (push_member(L, "children") == LUA_TTABLE)
        read_value(r, depth + 1);
    lua_pop(L, 1);
    if (r->told + r->more == before)
        read_any_language(r);
}

/* Reads the value on top of the stack. */
static void read_value(reader *r, int depth)
{
    lua_State *L = r->L;
    if (lua_type(L, -1) == LUA_TSTRING)
        add_text(r, -1);
    if (!lua_istable(L, -1) || depth > MAX_DEPTH)
        return;
    luaL_checkstack(L, 10, "not enough memory for a message");
    int n = (int)lua_rawlen(L, -1);
    if (n == 0)
        read_object(r, depth);
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, i);
        read_value(r, depth + 1);
        lua_pop(L, 1);
    }
}

long oe_message_read(lua_State *L, int body, const oe_text *langs, oe_buffer *out)
{
    reader r = { .L = L, .langs = langs, .out = out };
    if (!body || !lua_istable(L, body))
        return 0;
    lua_pushvalue(L, body);
    if (push_member(L, "message") != LUA_TNIL)
        read_value(&r, 0);
    lua_pop(L, 2);
    return r.more;
}

/* "1,234,567" */
static void add_count(oe_buffer *out, long count)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%ld", count);
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            oe_buffer_byte(out, ',');
        oe_buffer_byte(out, digits[i]);
    }
}

void oe_message_finish(oe_buffer *text, long more)
{
    size_t room = OE_MAX_MESSAGE - MAX_REST;
    if (text->n > room) {
        text->n = oe_text_cut(text->p, text->n, room);
        oe_buffer_text(text, "...");
    }
    if (more == 0)
        return;
    oe_buffer_text(text, "; ..., and ");
    add_count(text, more);
    oe_buffer_text(text, " more");
}
