/* The rows of src/api as Lua data: documentation, types and coverage checks are made from it. */
#include "face/face.h"

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
    lua_newtable(L);
    set(L, "name", arg->name);
    set(L, "type", oe_type_names[arg->type]);
    lua_pushboolean(L, arg->fallback != NULL);
    lua_setfield(L, -2, "optional");
    if (arg->fallback && *arg->fallback)
        set(L, "default", arg->fallback);
    if (arg->choices) {
        push_words(L, arg->choices, strlen(arg->choices), ' ');
        lua_setfield(L, -2, "choices");
    }
    set(L, "about", arg->about);
    set(L, "shape", arg->shape);
}

static void push_flags(lua_State *L, unsigned flags)
{
    int n = 0;
    lua_newtable(L);
    for (size_t i = 0; i < oe_flag_count; i++) {
        if (flags & (1u << i)) {
            lua_pushstring(L, oe_flag_names[i]);
            lua_rawseti(L, -2, ++n);
        }
    }
}

static void push_steps(lua_State *L, const oe_step *const *steps)
{
    lua_newtable(L);
    for (int i = 0; steps && steps[i]; i++) {
        lua_pushstring(L, steps[i]->name);
        lua_rawseti(L, -2, i + 1);
    }
}

/* Pushes the failures of a row as a list. */
static void push_failures(lua_State *L, const oe_row *row)
{
    int n = 0;
    lua_newtable(L);
    if (row->session & OE_USER) {
        lua_pushliteral(L, "401 no user session");
        lua_rawseti(L, -2, ++n);
    }
    for (const char *p = row->fails; p && *p;) {
        const char *end = strstr(p, "; ");
        size_t length = end ? (size_t)(end - p) : strlen(p);
        lua_pushlstring(L, p, length);
        lua_rawseti(L, -2, ++n);
        p += length + (end ? 2 : 0);
    }
}

/* Pushes the requests that follow from a row's reply. */
static void push_follows(lua_State *L, const oe_follow *follow)
{
    lua_newtable(L);
    for (int n = 1; follow && follow->method; follow++, n++) {
        lua_newtable(L);
        set(L, "method", follow->method);
        set(L, "argument", follow->argument);
        set(L, "type", follow->type);
        set(L, "into", follow->into);
        lua_pushboolean(L, follow->beside);
        lua_setfield(L, -2, "beside");
        lua_rawseti(L, -2, n);
    }
}

static void push_body(lua_State *L, const oe_body *body)
{
    lua_newtable(L);
    set(L, "kind", oe_body_names[body->kind]);
    push_words(L, body->of, strlen(body->of), ' ');
    lua_setfield(L, -2, "of");
    push_words(L, body->lists ? body->lists : "", body->lists ? strlen(body->lists) : 0, ' ');
    lua_setfield(L, -2, "lists");
    lua_newtable(L);
    for (int i = 0; body->edits && body->edits[i]; i++) {
        lua_pushstring(L, body->edits[i]->name);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "edits");
    set(L, "check", body->check ? body->check->name : NULL);
}

static void push_row(lua_State *L, const char *module, const oe_row *row)
{
    const char *query = strstr(row->path, "{?");
    lua_newtable(L);
    set(L, "module", module);
    set(L, "name", row->name);
    set(L, "verb", oe_verb_names[row->verb]);
    lua_pushboolean(L, oe_row_reads(row));
    lua_setfield(L, -2, "reads");
    lua_pushlstring(L, row->path, oe_uri_path_n(row->path));
    lua_setfield(L, -2, "path");
    push_words(L, query ? query + 2 : "", query ? strlen(query) - 3 : 0, ',');
    lua_setfield(L, -2, "query");
    if (row->body.kind != OE_NO_BODY) {
        push_body(L, &row->body);
        lua_setfield(L, -2, "body");
    }
    set(L, "about", row->about);
    set(L, "returns", row->returns);
    push_failures(L, row);
    lua_setfield(L, -2, "fails");
    push_steps(L, row->reply);
    lua_setfield(L, -2, "reply");
    push_follows(L, row->follows);
    lua_setfield(L, -2, "follows");
    set(L, "uploads", row->uploads);
    push_flags(L, row->session);
    lua_setfield(L, -2, "session");
    lua_pushboolean(L, row->pages);
    lua_setfield(L, -2, "pages");
    lua_pushboolean(L, row->polls);
    lua_setfield(L, -2, "polls");
    lua_pushboolean(L, row->extension);
    lua_setfield(L, -2, "extension");
    lua_newtable(L);
    for (int i = 0; i < OE_MAX_ARGS && row->args[i].type != OE_NONE; i++) {
        push_argument(L, &row->args[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "args");
}

static void push_entity(lua_State *L, const char *module, const oe_entity *entity)
{
    lua_newtable(L);
    set(L, "module", module);
    set(L, "name", entity->name);
    set(L, "about", entity->about);
    set(L, "shape", entity->shape);
}

/* Adds entities to the list on top of the stack, which has n. */
static int add_entities(lua_State *L, int n, const char *module, const oe_entity *entity)
{
    for (; entity->name; entity++) {
        push_entity(L, module, entity);
        lua_rawseti(L, -2, ++n);
    }
    return n;
}

/***
Every method, every entity and every table as data.
@function oneentry.rows
@return table[]  methods: { module, name, about, args = { { name, type, optional, default?, choices?, about?, shape? }, ... }, verb, reads, path,
  query = { "name" or "name=argument" or "*argument", ... } (with "?" behind it: left out when empty),
  body? = { kind = "object" or "list", of = { argument }, lists = { member, ... }, edits = { name, ... }, check? = name }
  or { kind = "members", of = { "member" or "member:argument", ... }, ... }, returns, fails = { "404 why", ... },
  reply = { step, ... }, follows = { { method, argument, type?, into?, beside }, ... }, uploads? = method, session = { flag, ... }, pages, polls, extension }; shapes and returns are in the notation of
  src/api/entities.c
@return table[]  entities: { module?, name, about, shape }; without a module: of several
@return table[]  tables: { name, about }
*/
int oe_rows(lua_State *L)
{
    int methods = 0, modules = 0;
    lua_settop(L, 0);
    lua_newtable(L);
    lua_newtable(L);
    int entities = add_entities(L, 0, NULL, oe_common_entities);
    lua_newtable(L);
    for (const oe_module *m = oe_modules; m->name; m++) {
        for (const oe_row *row = m->rows; row->name; row++) {
            push_row(L, m->name, row);
            lua_rawseti(L, 1, ++methods);
        }
        lua_newtable(L);
        set(L, "name", m->name);
        set(L, "about", m->about);
        lua_rawseti(L, 3, ++modules);
        lua_pushvalue(L, 2);
        entities = add_entities(L, entities, m->name, m->entities);
        lua_pop(L, 1);
    }
    return 3;
}
