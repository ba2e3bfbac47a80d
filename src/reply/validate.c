/* Checks, for config.validation, whether a reply looks as documented. api/entities.c describes the notation of shapes. */
#include "reply/reply.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MAX_ISSUES 20
#define MAX_PATH 160
#define MAX_LOGGED 4096 /* bytes of a line of the log */

typedef struct validator {
    lua_State *L;
    int issues; /* stack index of the list */
    int count;
    char path[MAX_PATH];
} validator;

/* Matches the value at `index` and returns the end of the shape; with index 0 it only finds that end. */
static const char *match(validator *v, const char *shape, int index);

static size_t word_length(const char *p)
{
    size_t n = 0;
    while (isalpha((unsigned char)p[n]))
        n++;
    return n;
}

static const char *name_of_value(lua_State *L, int index)
{
    if (oe_is_null(L, index))
        return "null";
    if (lua_istable(L, index))
        return lua_rawlen(L, index) > 0 ? "list" : "object";
    return luaL_typename(L, index);
}

static void report(validator *v, const char *expected, const char *received)
{
    lua_State *L = v->L;
    v->count++;
    if (v->count > MAX_ISSUES)
        return;
    lua_createtable(L, 0, 3);
    lua_pushstring(L, v->path[0] == '.' ? v->path + 1 : v->path);
    lua_setfield(L, -2, "path");
    lua_pushstring(L, expected);
    lua_setfield(L, -2, "expected");
    lua_pushstring(L, received);
    lua_setfield(L, -2, "received");
    lua_rawseti(L, v->issues, v->count);
}

/* Adds a step to the path; returns its length before. */
static size_t enter(validator *v, const char *name, size_t n, int item)
{
    size_t before = strlen(v->path), room = sizeof v->path - before;
    if (name)
        snprintf(v->path + before, room, ".%.*s", (int)n, name);
    else
        snprintf(v->path + before, room, "[%d]", item);
    return before;
}

/* Empty lists and objects look the same. */
static bool may_be_list(lua_State *L, int index)
{
    return (lua_istable(L, index) && lua_rawlen(L, index) > 0) || oe_json_is_empty(L, index);
}

static const char *match_list(validator *v, const char *shape, int index)
{
    lua_State *L = v->L;
    const char *end = match(v, shape, 0);
    if (index && !may_be_list(L, index)) {
        report(v, "list", name_of_value(L, index));
    } else if (index) {
        int n = (int)lua_rawlen(L, index);
        for (int i = 1; i <= n; i++) {
            lua_rawgeti(L, index, i);
            size_t before = enter(v, NULL, 0, i);
            match(v, shape, lua_gettop(L));
            v->path[before] = 0;
            lua_pop(L, 1);
        }
    }
    return end + 1; /* ] */
}

/* Returns the length of a shape that ends at `end`, maybe with " (words)", without these. */
static size_t length_without_words(const char *shape, const char *end)
{
    for (const char *p = shape; p < end; p++)
        if (strncmp(p, " (", 2) == 0)
            return (size_t)(p - shape);
    return (size_t)(end - shape);
}

static const char *match_member(validator *v, const char *shape, int index)
{
    lua_State *L = v->L;
    size_t n = word_length(shape);
    const char *name = shape, *type = shape + n;
    bool optional = *type == '?';
    type += 1 + optional;
    if (!index)
        return match(v, type, 0);
    lua_pushlstring(L, name, n);
    lua_rawget(L, index);
    size_t before = enter(v, name, n, 0);
    const char *end = match(v, type, lua_isnil(L, -1) ? 0 : lua_gettop(L));
    if (lua_isnil(L, -1) && !optional) {
        char expected[64];
        snprintf(expected, sizeof expected, "%.*s", (int)length_without_words(type, end), type);
        report(v, expected, "nothing");
    }
    v->path[before] = 0;
    lua_pop(L, 1);
    return end;
}

static const char *match_object(validator *v, const char *shape, int index)
{
    lua_State *L = v->L;
    if (index && (!lua_istable(L, index) || lua_rawlen(L, index) > 0)) {
        report(v, "object", name_of_value(L, index));
        index = 0;
    }
    if (*shape == '*')
        return shape + 2;
    while (*shape != '}') {
        shape = match_member(v, shape, index);
        while (*shape == ',' || *shape == ' ')
            shape++;
    }
    return shape + 1;
}

static const char *match_one(validator *v, const char *shape, int index)
{
    lua_State *L = v->L;
    if (*shape == '[')
        return match_list(v, shape + 1, index);
    if (*shape == '{')
        return match_object(v, shape + 1, index);
    bool reference = *shape == '@';
    shape += reference;
    size_t n = word_length(shape);
    if (!index)
        return shape + n;
    if (reference) {
        match(v, oe_entity_find(shape, n), index);
        return shape + n;
    }
    char type[16];
    snprintf(type, sizeof type, "%.*s", (int)n, shape);
    if (strcmp(type, "integer") == 0)
        strcpy(type, "number");
    if (strcmp(type, "any") != 0 && strcmp(type, name_of_value(L, index)) != 0)
        report(v, type, name_of_value(L, index));
    return shape + n;
}

/* Goes past " (words)". */
static const char *skip_words(const char *shape)
{
    return strncmp(shape, " (", 2) == 0 ? strchr(shape, ')') + 1 : shape;
}

/* Tries alternatives up to the first without an issue. When each has some, those of the last stay. */
static const char *match(validator *v, const char *shape, int index)
{
    int before = v->count;
    bool matched = false;
    int top = lua_gettop(v->L);
    luaL_checkstack(v->L, 12, "not enough memory for the answer");
    for (;;) {
        v->count = before;
        shape = match_one(v, shape, matched ? 0 : index);
        lua_settop(v->L, top);
        matched = matched || v->count == before;
        if (matched)
            v->count = before;
        if (*shape != '|')
            return skip_words(shape);
        shape++;
    }
}

static void trim_issues(lua_State *L, int issues, int count)
{
    for (int i = (int)lua_rawlen(L, issues); i > count; i--) {
        lua_pushnil(L);
        lua_rawseti(L, issues, i);
    }
}

bool oe_validate(lua_State *L, const char *shape, int index)
{
    validator v = { .L = L };
    lua_newtable(L);
    v.issues = lua_gettop(L);
    match(&v, shape, index);
    trim_issues(L, v.issues, v.count);
    if (v.count == 0)
        lua_pop(L, 1);
    return v.count == 0;
}

/* Pushes "path: number expected, got string; ...". */
void oe_validate_push_message(lua_State *L, int issues)
{
    int n = (int)lua_rawlen(L, issues);
    lua_pushliteral(L, "the answer is not as documented");
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, issues, i);
        lua_getfield(L, -1, "path");
        lua_getfield(L, -2, "expected");
        lua_getfield(L, -3, "received");
        lua_pushfstring(L, "%s %s: %s expected, got %s", i > 1 ? ";" : ":", lua_tostring(L, -3), lua_tostring(L, -2),
                        lua_tostring(L, -1));
        lua_replace(L, -5);
        lua_pop(L, 3);
        lua_concat(L, 2);
    }
}

static bool check(lua_State *L, const oe_reply *reply)
{
    const oe_settings *settings = reply->settings;
    if (oe_validate(L, reply->row->sent ? reply->row->sent : reply->row->returns, reply->value))
        return true;
    if (settings->log_invalid) {
        oe_validate_push_message(L, lua_gettop(L));
        oe_text_log(reply->row->name, lua_tostring(L, -1), lua_rawlen(L, -1), MAX_LOGGED);
        lua_pop(L, 1);
    }
    if (!settings->strict)
        lua_pop(L, 1);
    return !settings->strict;
}

const oe_step oe_step_validate = { "validate", .check = check };
