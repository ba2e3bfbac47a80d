/* Writes the body of a request: a table argument, or single arguments, as JSON. */
#include "request/request.h"

#include <string.h>

static void raise_json(lua_State *L, const oe_row *row, int index, const char *member, const oe_json *w)
{
    const oe_arg *arg = &row->args[index - 1];
    const char *name = arg->type == OE_ITEMS && row->body.check ? row->body.check->of : arg->name;
    lua_pushfstring(L, "%s%s%s%s: %s", name, member ? "." : "", member ? member : "", w->where, w->problem);
    oe_argument_error(L, row, index, lua_tostring(L, -1));
}

/* Begins the next member. */
static void write_name(oe_buffer *out, char *separator, const char *name, size_t n)
{
    oe_buffer_byte(out, *separator);
    *separator = ',';
    oe_json_string(out, name, n);
    oe_buffer_byte(out, ':');
}

/* The row's edit of the body's member `key`, or NULL. Adds its bit to *edited. */
static const oe_edit *find_edit(const oe_row *row, const char *key, size_t n, unsigned *edited)
{
    const oe_edit *const *edits = row->body.edits;
    for (int i = 0; edits && edits[i]; i++) {
        const char *member = edits[i]->member;
        if (*member == *key && strlen(member) == n && memcmp(member, key, n) == 0) {
            *edited |= 1u << i;
            return edits[i];
        }
    }
    return NULL;
}

/* The table argument. */
static void write_object(lua_State *L, const oe_row *row, oe_buffer *out, int files, oe_language *language)
{
    int index = oe_argument_find(row, row->body.of, strlen(row->body.of)), top = lua_gettop(L);
    oe_json w = { .out = out, .lists = row->body.lists, .files = files };
    const oe_edit *const *edits = row->body.edits;
    unsigned edited = 0;
    char separator = '{';
    if (!oe_json_read(L, index, &w))
        raise_json(L, row, index, NULL, &w);
    if (lua_rawlen(L, index) > 0 || oe_lists_kind(L, index) == OE_LIST)
        oe_argument_error(L, row, index, "an object expected, got a list");
    if (!oe_text_is_utf8(language->lang.p, language->lang.n))
        oe_argument_error(L, row, oe_argument_find(row, "langCode", 8), "a language in UTF-8 expected");
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            w.problem = "a table key that is not a string is not JSON";
            raise_json(L, row, index, NULL, &w);
        }
        size_t n;
        const char *key = lua_tolstring(L, -2, &n);
        if (!oe_text_is_utf8(key, n)) {
            w.problem = "a key that is not UTF-8 is not JSON";
            raise_json(L, row, index, NULL, &w);
        }
        write_name(out, &separator, key, n);
        int value = lua_gettop(L);
        const oe_edit *edit = find_edit(row, key, n, &edited);
        if (edit ? !edit->write(L, value, language, &w)
                 : !oe_json_write_member(L, value, &w, 1, oe_text_has_word(w.lists, key, n)))
            raise_json(L, row, index, key, &w);
        lua_settop(L, value - 1);
    }
    for (int i = 0; edits && edits[i]; i++) {
        if (!edits[i]->adds || (edited & 1u << i))
            continue;
        write_name(out, &separator, edits[i]->member, strlen(edits[i]->member));
        if (!edits[i]->write(L, 0, language, &w))
            raise_json(L, row, index, edits[i]->member, &w);
    }
    oe_buffer_text(out, separator == '{' ? "{}" : "}");
    lua_settop(L, top);
}

/* A list argument. */
static void write_list(lua_State *L, const oe_row *row, int index, oe_json *w)
{
    if (!oe_json_read(L, index, w))
        raise_json(L, row, index, NULL, w);
    bool empty = oe_lists_is_empty_array(L, index) || oe_json_is_empty(L, index);
    if (!empty && lua_rawlen(L, index) == 0)
        oe_argument_error(L, row, index, "a list expected, got an object");
    if (!empty && row->body.check && !row->body.check->check(L, index, w))
        raise_json(L, row, index, NULL, w);
    if (!oe_json_write_member(L, index, w, 1, true))
        raise_json(L, row, index, NULL, w);
}

/* Arguments one by one: "member" or "member:argument", separated by blanks. */
static void write_members(lua_State *L, const oe_row *row, oe_buffer *out, oe_language *language)
{
    char separator = '{';
    oe_json w = { .out = out, .lists = row->body.lists };
    for (const char *p = row->body.of; *p;) {
        size_t n = strcspn(p, " ");
        const char *colon = memchr(p, ':', n);
        size_t member_n = colon ? (size_t)(colon - p) : n;
        const char *name = colon ? colon + 1 : p;
        int index = oe_argument_find(row, name, n - (size_t)(name - p));
        if (!lua_isnil(L, index)) {
            write_name(out, &separator, p, member_n);
            if (row->args[index - 1].type == OE_ITEMS)
                write_list(L, row, index, &w);
            else if (row->args[index - 1].type == OE_LANGS && lua_type(L, index) == LUA_TSTRING)
                oe_language_write(language, out);
            else if (!oe_json_write(L, index, &w, 1))
                raise_json(L, row, index, NULL, &w);
        }
        p += n + (p[n] == ' ');
    }
    oe_buffer_text(out, separator == '{' ? "{}" : "}");
}

void oe_body_write(lua_State *L, const oe_row *row, oe_buffer *out, int files, oe_language *language)
{
    oe_json w = { .out = out, .lists = row->body.lists };
    switch (row->body.kind) {
    case OE_NO_BODY:
    case OE_PARTS: /* files.c opens them */
        break;
    case OE_OBJECT:
        write_object(L, row, out, files, language);
        break;
    case OE_MEMBERS:
        write_members(L, row, out, language);
        break;
    case OE_ARRAY:
        write_list(L, row, oe_argument_find(row, row->body.of, strlen(row->body.of)), &w);
        break;
    }
}
