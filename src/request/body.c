/* The body of a request: a table argument, or single arguments, as JSON. */
#include "request/request.h"

#include <string.h>

static void raise_json(lua_State *L, const oe_row *row, int index, const char *member, const oe_json *w)
{
    lua_pushfstring(L, "%s%s%s%s: %s", row->args[index - 1].name, member ? "." : "", member ? member : "", w->where,
                    w->problem);
    oe_argument_error(L, row, index, lua_tostring(L, -1));
}

/* Is it a table keyed by locales only: "en_US", "de", "zh-Hant_TW"? */
static bool is_keyed_by_locale(lua_State *L, int index)
{
    bool any = false;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        size_t n = 0;
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &n) : "";
        size_t letters = strspn(key, "abcdefghijklmnopqrstuvwxyz");
        bool locale = letters >= 2 && letters <= 3 && (n == letters || key[letters] == '_' || key[letters] == '-');
        if (!locale || !(lua_istable(L, -1) || oe_lists_is_empty_array(L, lua_gettop(L)))) {
            lua_pop(L, 2);
            return false;
        }
        any = true;
        lua_pop(L, 1);
    }
    return any;
}

/* body.formData: a list or one entry goes under the language, a table keyed by locales as it is. */
static bool write_form_data(lua_State *L, int value, const char *lang, size_t lang_n, oe_json *w)
{
    bool empty = oe_lists_is_empty_array(L, value);
    if (!oe_json_read(L, value, w))
        return false;
    if (!empty && (!lua_istable(L, value) || is_keyed_by_locale(L, value)))
        return oe_json_write(L, value, w, 1);
    empty = empty || oe_json_is_empty(L, value);
    bool single = !empty && lua_rawlen(L, value) == 0;
    oe_buffer_byte(w->out, '{');
    oe_json_string(w->out, lang, lang_n);
    oe_buffer_text(w->out, single ? ":[" : ":");
    if (empty)
        oe_buffer_text(w->out, "[]");
    else if (!oe_json_write(L, value, w, 2))
        return false;
    oe_buffer_text(w->out, single ? "]}" : "}");
    return true;
}

/* body.notificationData without an empty phoneSMS. */
static bool write_notification_data(lua_State *L, int value, oe_json *w)
{
    if (!oe_json_read(L, value, w))
        return false;
    if (!lua_istable(L, value))
        return oe_json_write(L, value, w, 1);
    lua_newtable(L);
    int copy = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, value)) {
        bool empty_sms = lua_type(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -2), "phoneSMS") == 0 &&
                         lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) == 0;
        if (!empty_sms) {
            lua_pushvalue(L, -2);
            lua_pushvalue(L, -2);
            lua_rawset(L, copy);
        }
        lua_pop(L, 1);
    }
    return oe_json_write(L, copy, w, 1);
}

/* One member of the body, as the row's flags say. The value is on top of the stack. */
static bool write_member(lua_State *L, const oe_row *row, const char *key, size_t key_n, oe_text lang, oe_json *w)
{
    int value = lua_gettop(L);
    if ((row->does & OE_WRAP_FORM) && strcmp(key, "formData") == 0)
        return write_form_data(L, value, lang.p, lang.n, w);
    if ((row->does & OE_DROP_EMPTY_SMS) && strcmp(key, "notificationData") == 0)
        return write_notification_data(L, value, w);
    return oe_json_write_member(L, value, w, 1, oe_text_has_word(row->lists, key, key_n));
}

/* The table argument. */
static void write_table(lua_State *L, const oe_settings *settings, const oe_row *row, oe_buffer *out)
{
    int index = oe_argument_find(row, row->body, strlen(row->body)), top = lua_gettop(L);
    oe_text lang;
    oe_argument_push_lang(L, settings, row);
    lang.p = lua_tolstring(L, -1, &lang.n);
    bool add_lang = (row->does & (OE_BODY_LANG | OE_BODY_LANG_ADD)) != 0;
    oe_json w = { .out = out, .lists = row->lists };
    char separator = '{';
    if (!oe_json_read(L, index, &w))
        raise_json(L, row, index, NULL, &w);
    if (lua_rawlen(L, index) > 0 || oe_lists_kind(L, index) == OE_LIST)
        oe_argument_error(L, row, index, "an object expected, got a list");
    if (!oe_text_is_utf8(lang.p, lang.n))
        oe_argument_error(L, row, oe_argument_find(row, "langCode", 8), "a language in UTF-8 expected");
    lua_pushnil(L);
    while (lua_next(L, index)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            w.problem = "a table key that is not a string is not JSON";
            raise_json(L, row, index, NULL, &w);
        }
        size_t n;
        const char *key = lua_tolstring(L, -2, &n);
        bool is_lang = n == 8 && memcmp(key, "langCode", n) == 0;
        if (!oe_text_is_utf8(key, n)) {
            w.problem = "a key that is not UTF-8 is not JSON";
            raise_json(L, row, index, NULL, &w);
        }
        if (is_lang && (row->does & OE_BODY_LANG)) {
            lua_pop(L, 1);
            continue;
        }
        if (is_lang)
            add_lang = false;
        oe_buffer_byte(out, separator);
        separator = ',';
        oe_json_string(out, key, n);
        oe_buffer_byte(out, ':');
        int level = lua_gettop(L);
        if (!write_member(L, row, key, n, lang, &w))
            raise_json(L, row, index, key, &w);
        lua_settop(L, level - 1);
    }
    if (add_lang) {
        oe_buffer_byte(out, separator);
        separator = ',';
        oe_buffer_text(out, "\"langCode\":");
        oe_json_string(out, lang.p, lang.n);
    }
    oe_buffer_text(out, separator == '{' ? "{}" : "}");
    lua_settop(L, top);
}

/* Arguments one by one: "member" or "member:argument", separated by blanks. */
static void write_fields(lua_State *L, const oe_settings *settings, const oe_row *row, oe_buffer *out)
{
    char separator = '{';
    oe_json w = { .out = out };
    for (const char *p = row->fields; *p;) {
        size_t n = strcspn(p, " ");
        const char *colon = memchr(p, ':', n);
        size_t member_n = colon ? (size_t)(colon - p) : n;
        const char *name = colon ? colon + 1 : p;
        int position = oe_argument_find(row, name, n - (size_t)(name - p));
        const char *text;
        int index = oe_argument_value(L, settings, row, position, true, &text);
        if (index || text) {
            oe_buffer_byte(out, separator);
            separator = ',';
            oe_json_string(out, p, member_n);
            oe_buffer_byte(out, ':');
            if (!index)
                oe_buffer_text(out, text);
            else if (!oe_json_write(L, index, &w, 1))
                raise_json(L, row, index, NULL, &w);
        }
        p += n + (p[n] == ' ');
    }
    oe_buffer_text(out, separator == '{' ? "{}" : "}");
}

void oe_body_write(lua_State *L, const oe_settings *settings, const oe_row *row, oe_buffer *out)
{
    if (row->body)
        write_table(L, settings, row, out);
    else if (row->fields)
        write_fields(L, settings, row, out);
}
