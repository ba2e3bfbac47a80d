/* Entries of a form: the fields go under the language without the buttons, and the files are noted to be uploaded first. */
#include "request/request.h"

#include <string.h>

#define MAX_FILES 1000

bool oe_forms_write_uploaded(lua_State *L, int index, oe_json *w)
{
    oe_edits_push_without(L, index, "contentType");
    return oe_json_write(L, lua_gettop(L), w, 5);
}

static bool fail(oe_json *w, const char *problem)
{
    w->problem = problem;
    return false;
}

/* Is the value, a table of which is read already, a file that is to be uploaded? */
static bool is_file(lua_State *L, int index)
{
    static const char *const members[] = { "path", "handle", "data" };
    int type = lua_type(L, index);
    bool is = type == LUA_TUSERDATA;
    for (size_t i = 0; type == LUA_TTABLE && !is && i < sizeof members / sizeof *members; i++) {
        oe_edits_push_member(L, index, members[i]);
        is = !lua_isnil(L, -1);
        lua_pop(L, 1);
    }
    return is;
}

/* Writes a value that is no file: what an upload has returned already, or nothing. A text that a visitor may have entered is never taken
   for a path. */
static bool write_other(lua_State *L, int index, oe_json *w)
{
    if (lua_type(L, index) == LUA_TSTRING && lua_rawlen(L, index) > 0)
        return fail(w, "a file expected, { path = ... }, { data = ..., name = ... } or an open file, got a text");
    return lua_istable(L, index) ? oe_forms_write_uploaded(L, index, w) : oe_json_write(L, index, w, 5);
}

/* Writes the file at `index`, or what is there in its place. `entry` is the field's. */
static bool write_file(lua_State *L, int index, int entry, const char *where, oe_json *w)
{
    if (!oe_json_read(L, index, w))
        return false;
    if (!is_file(L, index))
        return write_other(L, index, w);
    int n = (int)lua_rawlen(L, w->files);
    if (n == MAX_FILES)
        return fail(w, "at most 1000 files expected");
    lua_createtable(L, OE_FILE_AT, 0);
    lua_pushvalue(L, index);
    lua_rawseti(L, -2, OE_FILE_VALUE);
    oe_edits_push_member(L, entry, "fileQuery");
    lua_rawseti(L, -2, OE_FILE_QUERY);
    lua_pushstring(L, where);
    lua_rawseti(L, -2, OE_FILE_WHERE);
    lua_pushinteger(L, (lua_Integer)w->out->n);
    lua_rawseti(L, -2, OE_FILE_AT);
    lua_rawseti(L, w->files, n + 1);
    oe_buffer_text(w->out, OE_FILE_PLACE);
    return true;
}

/* Returns the length of the list at `index`; 0: it is none. -1: it has holes or other keys. */
static int length_of(lua_State *L, int index, oe_json *w)
{
    int n = lua_istable(L, index) ? (int)lua_rawlen(L, index) : 0, seen = 0;
    for (lua_pushnil(L); n > 0 && lua_next(L, index); lua_pop(L, 1))
        seen++;
    if (n == 0)
        lua_pop(L, 1);
    if (seen == n)
        return n;
    fail(w, "a list with holes, or with other keys, is not JSON");
    return -1;
}

/* Writes the value on top of the stack: a file or a list of files becomes a list. */
static bool write_files(lua_State *L, int entry, const char *where, oe_json *w)
{
    int value = lua_gettop(L);
    if (!oe_json_read(L, value, w))
        return false;
    bool alone = is_file(L, value);
    int n = alone ? 1 : length_of(L, value, w);
    if (n < 0)
        return false;
    if (n == 0)
        return oe_json_is_empty(L, value) ? oe_json_write_member(L, value, w, 4, true) : write_other(L, value, w);
    oe_buffer_byte(w->out, '[');
    for (int i = 1; i <= n; i++) {
        if (i > 1)
            oe_buffer_byte(w->out, ',');
        if (alone)
            lua_pushvalue(L, value);
        else
            lua_rawgeti(L, value, i);
        if (!write_file(L, value + 1, entry, where, w)) {
            if (!alone)
                oe_json_prepend_index(w, (size_t)i);
            return false;
        }
        lua_settop(L, value);
    }
    oe_buffer_byte(w->out, ']');
    return true;
}

/* Gives the entry, which is plain, the parameters of its uploads. */
static bool set_query(lua_State *L, int entry, oe_json *w)
{
    unsigned chance;
    oe_edits_push_member(L, entry, "fileQuery");
    if (!lua_isnil(L, -1) && !oe_is_null(L, -1)) {
        if (lua_istable(L, -1))
            return true;
        oe_json_prepend_name(w, "fileQuery");
        return fail(w, "table expected");
    }
    oe_random_bytes(&chance, sizeof chance);
    lua_pushliteral(L, "fileQuery");
    lua_createtable(L, 0, 3);
    lua_pushliteral(L, "page");
    lua_setfield(L, -2, "type");
    lua_pushliteral(L, "editor");
    lua_setfield(L, -2, "entity");
    lua_pushinteger(L, (lua_Integer)(chance % 10000));
    lua_setfield(L, -2, "id");
    lua_rawset(L, entry);
    return true;
}

/* Writes the field on top of the stack, whose value is files. */
static bool write_file_entry(lua_State *L, const char *where, oe_json *w)
{
    oe_edits_push_without(L, lua_gettop(L), "");
    int entry = lua_gettop(L);
    if (!set_query(L, entry, w))
        return false;
    oe_edits_push_without(L, entry, "value fileQuery");
    if (!oe_json_write(L, lua_gettop(L), w, 3))
        return false;
    oe_edits_push_member(L, entry, "value");
    if (lua_isnil(L, -1))
        return true;
    w->out->n -= !w->out->failed; /* the brace at the end of the others */
    oe_buffer_text(w->out, ",\"value\":");
    if (write_files(L, entry, where, w)) {
        oe_buffer_byte(w->out, '}');
        return true;
    }
    oe_json_prepend_name(w, "value");
    return false;
}

/* Writes the field on top of the stack, unless it is a button. *separator is due before it. */
static bool write_entry(lua_State *L, const char *where, oe_json *w, const char **separator)
{
    int entry = lua_gettop(L);
    size_t n = 0;
    const char *type = "";
    if (!oe_json_read(L, entry, w))
        return false;
    if (lua_istable(L, entry)) {
        oe_edits_push_member(L, entry, "type");
        if (lua_type(L, -1) == LUA_TSTRING)
            type = lua_tolstring(L, -1, &n);
        lua_insert(L, entry);
    }
    if (n == 6 && memcmp(type, "button", 6) == 0)
        return true;
    oe_buffer_text(w->out, *separator);
    *separator = ",";
    if (n > 0 && oe_text_has_word("file image groupOfImages", type, n))
        return write_file_entry(L, where, w);
    return oe_json_write(L, lua_gettop(L), w, 3);
}

/* Writes the fields at `index`, a list or one. `where` are the words for them. */
static bool write_entries(lua_State *L, int index, const char *where, oe_json *w)
{
    const char *separator = "[";
    int top = lua_gettop(L);
    luaL_checkstack(L, 20, "not enough memory for a form");
    if (!oe_json_read(L, index, w))
        return false;
    int n = length_of(L, index, w);
    if (n < 0)
        return false;
    bool single = n == 0 && !oe_json_is_empty(L, index) && !oe_lists_is_empty_array(L, index);
    for (int i = 1; i <= n || (single && i == 1); i++) {
        if (single) {
            lua_pushstring(L, where);
            lua_pushvalue(L, index);
        } else {
            lua_pushfstring(L, "%s[%d]", where, i);
            lua_rawgeti(L, index, i);
        }
        if (!write_entry(L, lua_tostring(L, top + 1), w, &separator)) {
            if (!single)
                oe_json_prepend_index(w, (size_t)i);
            return false;
        }
        lua_settop(L, top);
    }
    oe_buffer_text(w->out, *separator == '[' ? "[]" : "]");
    return true;
}

static bool upload_form_data(lua_State *L, int value, oe_language *language, oe_json *w)
{
    if (!oe_json_read(L, value, w))
        return false;
    if (!lua_istable(L, value) && !oe_lists_is_empty_array(L, value))
        return oe_json_write(L, value, w, 1);
    char separator = '{';
    if (!lua_istable(L, value) || !oe_edits_is_keyed_by_locale(L, value)) {
        oe_buffer_byte(w->out, '{');
        oe_language_write(language, w->out);
        oe_buffer_byte(w->out, ':');
        if (!write_entries(L, value, "formData", w))
            return false;
        oe_buffer_byte(w->out, '}');
        return true;
    }
    for (lua_pushnil(L); lua_next(L, value); lua_pop(L, 2)) {
        size_t n;
        const char *locale = lua_tolstring(L, -2, &n);
        if (!oe_text_is_utf8(locale, n))
            return fail(w, "a key that is not UTF-8 is not JSON");
        oe_buffer_byte(w->out, separator);
        separator = ',';
        oe_json_string(w->out, locale, n);
        oe_buffer_byte(w->out, ':');
        lua_pushfstring(L, "formData.%s", locale);
        if (!write_entries(L, lua_gettop(L) - 1, lua_tostring(L, -1), w)) {
            oe_json_prepend_name(w, locale);
            return false;
        }
    }
    oe_buffer_byte(w->out, '}');
    return true;
}

const oe_edit oe_edit_upload_form_data = { "uploadFormData", "formData", false, upload_form_data };
