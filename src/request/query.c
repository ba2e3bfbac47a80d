/* Writes tables that are spread into the query. Their names are sorted, so that equal tables make equal requests. */
#include "request/request.h"

#include <stdlib.h>
#include <string.h>

#define SCALAR "a string, number or boolean"

/* A table argument, and where its parts are. */
typedef struct spread {
    lua_State *L;
    const oe_row *row;
    int argument, table; /* stack indices: of the argument, of its plain copy */
    int names;           /* of the list that holds the names */
    oe_buffer *out;
} spread;

static int compare(const void *a, const void *b)
{
    const oe_text *x = a, *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    int order = memcmp(x->p, y->p, n);
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

/* item: 0, or that of a list */
static void refuse(const spread *s, const char *name, int item, const char *problem)
{
    lua_State *L = s->L;
    const char *argument = s->row->args[s->argument - 1].name;
    if (item)
        lua_pushfstring(L, "%s.%s[%d]: %s", argument, name, item, problem);
    else
        lua_pushfstring(L, "%s%s%s: %s", argument, name ? "." : "", name ? name : "", problem);
    oe_argument_error(L, s->row, s->argument, lua_tostring(L, -1));
}

/* Is the name that of another parameter of the row, which has a value? */
static bool is_overruled(const spread *s, oe_text name)
{
    const char *list = s->row->path + oe_uri_path_n(s->row->path) + 2;
    oe_parameter p;
    while ((list = oe_uri_parameter(list, &p)) != NULL) {
        int of = oe_argument_find(s->row, p.of.p, p.of.n);
        if (!p.spread && p.name.n == name.n && memcmp(p.name.p, name.p, name.n) == 0)
            return !lua_isnil(s->L, of) && !oe_is_null(s->L, of);
    }
    return false;
}

/* Appends the text, number or boolean at the absolute index. */
static void add_scalar(const spread *s, const char *name, int item, int index)
{
    lua_State *L = s->L;
    oe_text text = { NULL, 0 };
    if (lua_type(L, index) == LUA_TSTRING) {
        text.p = lua_tolstring(L, index, &text.n);
    } else if (lua_type(L, index) == LUA_TNUMBER || lua_isboolean(L, index)) {
        oe_buffer *digits = oe_held_push(L);
        oe_json w = { .out = digits };
        if (!oe_json_write(L, index, &w, 1))
            refuse(s, name, item, "a finite number expected");
        oe_held_push_text(L, digits);
        text.p = lua_tolstring(L, -1, &text.n);
    } else {
        const char *got = oe_is_null(L, index) ? "null" : luaL_typename(L, index);
        refuse(s, name, item, lua_pushfstring(L, SCALAR "%s expected, got %s", item ? "" : ", or a list of them", got));
    }
    oe_uri_encode(s->out, text);
}

/* Appends the items of the list at the absolute index, with commas between them. */
static void add_list(const spread *s, const char *name, int index)
{
    lua_State *L = s->L;
    oe_json w = { .out = s->out };
    if (!oe_json_read(L, index, &w))
        refuse(s, name, 0, w.problem);
    int n = (int)lua_rawlen(L, index), top = lua_gettop(L), seen = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
        seen++;
    if (n == 0 && seen > 0)
        refuse(s, name, 0, SCALAR ", or a list of them expected, got a table");
    if (seen != n)
        refuse(s, name, 0, "a list with holes, or with other keys, cannot be sent");
    for (int i = 1; i <= n; i++) {
        if (i > 1)
            oe_buffer_text(s->out, "%2C");
        lua_rawgeti(L, index, i);
        add_scalar(s, name, i, top + 1);
        lua_settop(L, top);
    }
}

/* Appends the member unless it is nil or null. */
static void add_member(const spread *s, const char *name, size_t n)
{
    lua_State *L = s->L;
    int top = lua_gettop(L);
    lua_pushlstring(L, name, n);
    lua_rawget(L, s->table);
    if (lua_isnil(L, -1) || oe_is_null(L, -1))
        return;
    if (s->out->n > 0)
        oe_buffer_byte(s->out, '&');
    oe_uri_encode(s->out, (oe_text){ name, n });
    oe_buffer_byte(s->out, '=');
    if (oe_lists_is_empty_array(L, top + 1) || lua_istable(L, top + 1))
        add_list(s, name, top + 1);
    else
        add_scalar(s, name, 0, top + 1);
}

/* Lists the members' names at `names`; returns how many there are. */
static size_t list_names(const spread *s)
{
    lua_State *L = s->L;
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, s->table); lua_pop(L, 1)) {
        oe_text name = { "", 0 };
        if (lua_type(L, -2) == LUA_TSTRING)
            name.p = lua_tolstring(L, -2, &name.n);
        else
            refuse(s, NULL, 0, "a member name expected, got a list item");
        if (name.n == 0)
            refuse(s, NULL, 0, "a member without a name");
        if (is_overruled(s, name))
            continue;
        lua_pushvalue(L, -2);
        lua_rawseti(L, s->names, (int)++count);
    }
    return count;
}

/* Adds the row's own values of members that the table does not have: "name=value", separated by blanks. */
static void add_defaults(lua_State *L, const char *defaults, int table)
{
    for (const char *p = defaults; p && *p; p += strspn(p, " ")) {
        size_t name_n = strcspn(p, "="), n = strcspn(p, " ");
        lua_pushlstring(L, p, name_n);
        lua_pushvalue(L, -1);
        lua_rawget(L, table);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            lua_pushlstring(L, p + name_n + 1, n - name_n - 1);
            lua_rawset(L, table);
        } else {
            lua_pop(L, 2);
        }
        p += n;
    }
}

/* Replaces the plain table on top of the stack by a copy. */
static void copy_members(lua_State *L)
{
    int from = lua_gettop(L);
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, from); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, from + 1);
    }
    lua_replace(L, from);
}

/* Pushes a plain copy of the argument, which may be absent. */
static void push_copy(spread *s)
{
    lua_State *L = s->L;
    oe_json w = { .out = NULL };
    lua_pushvalue(L, s->argument);
    s->table = lua_gettop(L);
    if (!lua_istable(L, s->table)) {
        lua_newtable(L);
        lua_replace(L, s->table);
    } else if (!oe_json_read(L, s->table, &w)) {
        refuse(s, NULL, 0, w.problem);
    }
    lua_settop(L, s->table);
    copy_members(L);
    add_defaults(L, s->row->args[s->argument - 1].fallback, s->table);
}

static void write_spread(lua_State *L, const oe_row *row, int argument)
{
    int top = lua_gettop(L);
    luaL_checkstack(L, 30, "not enough memory for a query");
    spread s = { .L = L, .row = row, .argument = argument };
    push_copy(&s);
    lua_newtable(L);
    s.names = lua_gettop(L);
    size_t count = list_names(&s);
    oe_text *names = lua_newuserdata(L, (count + 1) * sizeof *names);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, s.names, (int)i + 1);
        names[i].p = lua_tolstring(L, -1, &names[i].n);
        lua_pop(L, 1);
    }
    qsort(names, count, sizeof *names, compare);
    s.out = oe_held_push(L);
    int base = lua_gettop(L);
    for (size_t i = 0; i < count; i++) {
        add_member(&s, names[i].p, names[i].n);
        lua_settop(L, base);
    }
    oe_held_push_text(L, s.out);
    lua_replace(L, argument);
    lua_settop(L, top);
}

void oe_query_push_copy(lua_State *L, int index)
{
    oe_json w = { .out = NULL };
    lua_pushvalue(L, index);
    int from = lua_gettop(L);
    bool good = lua_istable(L, from) && oe_json_read(L, from, &w);
    lua_settop(L, from);
    if (good)
        copy_members(L);
}

void oe_query_write(lua_State *L, const oe_row *row)
{
    for (int i = 0; i < OE_MAX_ARGS && row->args[i].type != OE_NONE; i++)
        if (row->args[i].type == OE_QUERY)
            write_spread(L, row, i + 1);
}
