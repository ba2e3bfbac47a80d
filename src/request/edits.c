/* Special cases of bodies: a row names those of its method, and body.c has them write their members. */
#include "request/request.h"

#include <string.h>

bool oe_edits_is_keyed_by_locale(lua_State *L, int index)
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

/* A list or one entry goes under the language, a table keyed by locales as it is. */
static bool wrap_form_data(lua_State *L, int value, oe_language *language, oe_json *w)
{
    bool empty = oe_lists_is_empty_array(L, value);
    if (!oe_json_read(L, value, w))
        return false;
    if (!empty && (!lua_istable(L, value) || oe_edits_is_keyed_by_locale(L, value)))
        return oe_json_write(L, value, w, 1);
    empty = empty || oe_json_is_empty(L, value);
    bool single = !empty && lua_rawlen(L, value) == 0;
    oe_buffer_byte(w->out, '{');
    oe_language_write(language, w->out);
    oe_buffer_text(w->out, single ? ":[" : ":");
    if (empty)
        oe_buffer_text(w->out, "[]");
    else if (!oe_json_write(L, value, w, single ? 3 : 2))
        return false;
    oe_buffer_text(w->out, single ? "]}" : "}");
    return true;
}

void oe_edits_push_without(lua_State *L, int index, const char *words)
{
    lua_newtable(L);
    int copy = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, index); lua_settop(L, copy + 1)) {
        if (lua_type(L, copy + 1) == LUA_TSTRING &&
            oe_text_has_word(words, lua_tostring(L, copy + 1), lua_rawlen(L, copy + 1)))
            continue;
        lua_pushvalue(L, copy + 1);
        lua_pushvalue(L, copy + 2);
        lua_rawset(L, copy);
    }
}

void oe_edits_push_member(lua_State *L, int index, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, index);
}

static bool omit_empty_phone_sms(lua_State *L, int value, oe_language *language, oe_json *w)
{
    (void)language;
    if (!oe_json_read(L, value, w))
        return false;
    if (!lua_istable(L, value))
        return oe_json_write(L, value, w, 1);
    oe_edits_push_member(L, value, "phoneSMS");
    bool empty = lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) == 0;
    oe_edits_push_without(L, value, empty ? "phoneSMS" : "");
    return oe_json_write(L, lua_gettop(L), w, 1);
}

static bool set_lang_code(lua_State *L, int value, oe_language *language, oe_json *w)
{
    (void)L, (void)value;
    oe_language_write(language, w->out);
    return true;
}

static bool default_lang_code(lua_State *L, int value, oe_language *language, oe_json *w)
{
    return value ? oe_json_write(L, value, w, 1) : set_lang_code(L, value, language, w);
}

const oe_edit oe_edit_wrap_form_data = { "wrapFormData", "formData", false, wrap_form_data };
const oe_edit oe_edit_set_lang_code = { "setLangCode", "langCode", true, set_lang_code };
const oe_edit oe_edit_default_lang_code = { "defaultLangCode", "langCode", true, default_lang_code };
const oe_edit oe_edit_omit_empty_phone_sms = { "omitEmptyPhoneSMS", "notificationData", false, omit_empty_phone_sms };
