/* The requests of all methods. Whatever the arguments are: a call is refused by the number of one of them, or its url has nothing but what
   a url may have, and its body is JSON. Nothing is sent, and no file is opened. */
#include "fuzz.h"

#include <string.h>

static const char *const names[] = { "formData",
                                     "type",
                                     "value",
                                     "fileQuery",
                                     "path",
                                     "handle",
                                     "data",
                                     "name",
                                     "contentType",
                                     "file",
                                     "image",
                                     "button",
                                     "en_US",
                                     "de",
                                     "notificationData",
                                     "phoneSMS",
                                     "attributeMarker",
                                     "conditionMarker",
                                     "in",
                                     "pageUrls",
                                     "products",
                                     "id",
                                     "langCode",
                                     NULL };

/* Pushes a file, or what an upload has returned, or any value. */
static void push_file(lua_State *L, fuzz_maker *m)
{
    static const char *const members[] = { "path", "handle", "data", "filename", "contentType" };
    unsigned choice = fuzz_byte(m->in);
    if (choice >= 128) {
        fuzz_push_value(L, m, 3);
        return;
    }
    lua_newtable(L);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (choice & 1u << i) {
            fuzz_push_string(L, m);
            lua_setfield(L, -2, members[i]);
        }
    }
}

/* Pushes a field of a form. */
static void push_field(lua_State *L, fuzz_maker *m)
{
    static const char *const types[] = { "file", "image", "groupOfImages", "button", "string" };
    unsigned choice = fuzz_byte(m->in), n = choice / 32;
    lua_newtable(L);
    lua_pushstring(L, types[choice % (sizeof types / sizeof *types)]);
    lua_setfield(L, -2, "type");
    lua_newtable(L);
    for (unsigned i = 1; i <= n; i++) {
        push_file(L, m);
        lua_rawseti(L, -2, (int)i);
    }
    if (n == 7) /* one file */
        lua_rawgeti(L, -1, 1);
    lua_setfield(L, n == 7 ? -3 : -2, "value");
    lua_settop(L, lua_gettop(L) - (n == 7));
    if (choice & 1) {
        fuzz_push_string(L, m);
        fuzz_push_value(L, m, 2);
        lua_rawset(L, -3);
    }
}

/* Pushes a form: a list of fields, or one, or those of a locale. */
static void push_form(lua_State *L, fuzz_maker *m)
{
    unsigned choice = fuzz_byte(m->in);
    lua_newtable(L);
    if (choice & 1) {
        push_field(L, m);
    } else {
        lua_newtable(L);
        for (unsigned i = 1; i <= choice / 64 + 1; i++) {
            push_field(L, m);
            lua_rawseti(L, -2, (int)i);
        }
    }
    if (choice & 2) {
        lua_newtable(L);
        lua_insert(L, -2);
        lua_setfield(L, -2, "en_US");
    }
    lua_setfield(L, -2, "formData");
}

/* Pushes an argument that suits the type, or any value. */
static void push_argument(lua_State *L, fuzz_maker *m, enum oe_type type)
{
    unsigned choice = fuzz_byte(m->in);
    if (choice < 32) {
        fuzz_push_value(L, m, 0);
        return;
    }
    switch (type) {
    case OE_STRING:
        fuzz_push_string(L, m);
        break;
    case OE_INTEGER:
    case OE_ID:
        lua_pushinteger(L, (lua_Integer)choice);
        break;
    case OE_BOOLEAN:
        lua_pushboolean(L, choice & 1);
        break;
    default: /* a table, with some members */
        if (type == OE_TABLE && choice >= 96)
            push_form(L, m);
        else
            lua_newtable(L);
        for (unsigned i = choice % 8; i > 0; i--) {
            fuzz_push_string(L, m);
            fuzz_push_value(L, m, 1);
            lua_rawset(L, -3);
        }
        for (int i = 1; choice >= 224 && i < (int)choice % 8; i++) {
            fuzz_push_value(L, m, 1);
            lua_rawseti(L, -2, i);
        }
    }
}

/* Pushes the table of requests, of the one client. */
static void push_prepare(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "fuzz.prepare");
    if (lua_istable(L, -1))
        return;
    fuzz_push_module(L, "define");
    lua_pushliteral(L, "https://shop.example");
    lua_newtable(L);
    lua_pushliteral(L, "blocking");
    lua_setfield(L, -2, "driver");
    lua_call(L, 2, 1);
    lua_getfield(L, -1, "prepare");
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, "fuzz.prepare");
}

/* Returns the row that the input asks for, and its table. */
static const oe_row *pick(fuzz_input *in, const char **table)
{
    const oe_module *m = oe_modules;
    unsigned chosen = fuzz_byte(in), row = fuzz_byte(in), n = 0, rows = 0;
    while (m[n].name)
        n++;
    m += chosen % n;
    while (m->rows[rows].name)
        rows++;
    *table = m->name;
    return &m->rows[row % rows];
}

static void check_url(const oe_row *row, const char *url)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%/?&=,";
    static const char base[] = "https://shop.example/api/content/";
    if (row->foreign)
        return;
    if (strncmp(url, base, sizeof base - 1) != 0 || strspn(url + 8, allowed) != strlen(url + 8) || strstr(url, "/../"))
        fuzz_fail("a url is one", url);
}

/* (text) reads it as JSON */
static int read_json(lua_State *L)
{
    size_t n;
    const char *text = lua_tolstring(L, 1, &n);
    const oe_shaping how = { .nulls = true, .max_values = (size_t)-1 };
    if (!oe_text_is_utf8(text, n) || oe_shape_read(L, text, n, &how) != OE_READ)
        return luaL_error(L, "not read");
    return 0;
}

static int run(lua_State *L)
{
    fuzz_input *in = lua_touserdata(L, 1);
    fuzz_maker maker = fuzz_maker_new(L, in, names);
    const char *table;
    const oe_row *row = pick(in, &table);
    push_prepare(L);
    lua_getfield(L, -1, table);
    lua_getfield(L, -1, row->name);
    int n = 0;
    for (; n < OE_MAX_ARGS && row->args[n].type != OE_NONE; n++)
        push_argument(L, &maker, row->args[n].type);
    if (lua_pcall(L, n, 1, 0) != LUA_OK) {
        const char *problem = lua_tostring(L, -1);
        if (!problem || !strstr(problem, "bad argument #"))
            fuzz_fail("a refusal names an argument", problem);
        return 0;
    }
    int request = lua_gettop(L);
    lua_getfield(L, request, "url");
    check_url(row, lua_tostring(L, -1));
    lua_pushcfunction(L, read_json);
    lua_getfield(L, request, "body");
    if (lua_type(L, -1) == LUA_TSTRING && lua_pcall(L, 1, 0, 0) != LUA_OK) {
        lua_getfield(L, request, "body");
        fuzz_fail("a body is JSON", lua_tostring(L, -1));
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    lua_State *L = fuzz_lua();
    if (!fuzz_protected(L, run, &in))
        fuzz_fail("the target itself raises", lua_tostring(L, -1));
    return 0;
}
