/* The rows of src/api as Lua data: documentation, types and coverage checks are made from it. */
#include "oneentry.h"

#include <string.h>

static void set(lua_State *L, const char *name, const char *value)
{
    if (!value)
        return;
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

/* Pushes the words of a text as a list. */
static void push_words(lua_State *L, const char *text, size_t n, char separator)
{
    lua_newtable(L);
    for (int i = 1; n > 0; i++) {
        const char *end = memchr(text, separator, n);
        size_t length = end ? (size_t)(end - text) : n;
        lua_pushlstring(L, text, length);
        lua_rawseti(L, -2, i);
        length += end != NULL;
        text += length;
        n -= length;
    }
}

static void push_argument(lua_State *L, const oe_arg *arg)
{
    static const char *const types[] = { "", "string", "integer", "id", "boolean", "table" };
    lua_newtable(L);
    set(L, "name", arg->name);
    set(L, "type", types[arg->type]);
    lua_pushboolean(L, arg->fallback != NULL);
    lua_setfield(L, -2, "optional");
    if (arg->fallback && *arg->fallback)
        set(L, "default", arg->fallback);
    if (arg->choices) {
        push_words(L, arg->choices, strlen(arg->choices), ' ');
        lua_setfield(L, -2, "choices");
    }
}

static void push_flags(lua_State *L, unsigned does)
{
    static const char *const names[] = { "user",      "normalize",   "login",       "logout",       "final401",
                                         "wrapForm",  "bodyLang",    "bodyLangAdd", "dropEmptySMS", "rotate",
                                         "extension", "pickWaiting", "poll" };
    lua_newtable(L);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (does & (1u << i)) {
            lua_pushboolean(L, 1);
            lua_setfield(L, -2, names[i]);
        }
    }
}

void oe_rows_push_path(lua_State *L, const char *path)
{
    const char *query = strstr(path, "{?");
    lua_pushlstring(L, path, query ? (size_t)(query - path) : strlen(path));
}

static void push_row(lua_State *L, const char *module, const oe_row *row)
{
    const char *query = strstr(row->path, "{?");
    lua_newtable(L);
    set(L, "module", module);
    set(L, "name", row->name);
    set(L, "verb", oe_verb_names[row->verb]);
    oe_rows_push_path(L, row->path);
    lua_setfield(L, -2, "path");
    push_words(L, query ? query + 2 : "", query ? strlen(query) - 3 : 0, ',');
    lua_setfield(L, -2, "query");
    set(L, "body", row->body);
    if (row->fields) {
        push_words(L, row->fields, strlen(row->fields), ' ');
        lua_setfield(L, -2, "fields");
    }
    if (row->lists) {
        push_words(L, row->lists, strlen(row->lists), ' ');
        lua_setfield(L, -2, "lists");
    }
    set(L, "schema", row->schema);
    push_flags(L, row->does);
    lua_setfield(L, -2, "does");
    lua_newtable(L);
    for (int i = 0; i < OE_MAX_ARGS && row->args[i].type != OE_NONE; i++) {
        push_argument(L, &row->args[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "args");
}

/***
Every method as data.
@function oneentry.rows
@return table[]  { module, name, args = { { name, type, optional, default?, choices? }, ... }, verb, path,
  query = { name, ... }, body?, fields? = { "member" or "member:argument", ... }, lists?, schema?, does = { [flag] = true } }
*/
int oe_rows(lua_State *L)
{
    int n = 0;
    lua_settop(L, 0);
    lua_newtable(L);
    for (const oe_module *m = oe_modules; m->name; m++) {
        for (const oe_row *row = m->rows; row->name; row++) {
            push_row(L, m->name, row);
            lua_rawseti(L, 1, ++n);
        }
    }
    return 1;
}
