/* Languages, the best first: one text with a NUL byte between two of them. An argument or a configuration has them as a
   list, which is read once; a text that is alone is such a text already. */
#include "base/base.h"

#include <string.h>

oe_text oe_langs_next(oe_text langs, oe_text lang)
{
    const char *end = langs.p + langs.n, *next = lang.p ? lang.p + lang.n + 1 : langs.p;
    return next > end ? (oe_text){ NULL, 0 } : (oe_text){ next, strlen(next) };
}

/* Appends the item on top of the stack. False: it is no language. */
static bool add(lua_State *L, oe_buffer *out)
{
    size_t n = 0;
    const char *lang = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : "";
    if (n == 0 || n > OE_MAX_LANG || strlen(lang) != n || !oe_text_is_utf8(lang, n))
        return false;
    if (out->n > 0)
        oe_buffer_byte(out, 0);
    oe_buffer_add(out, lang, n);
    return true;
}

const char *oe_langs_join(lua_State *L, int index)
{
    long reads = 0;
    const char *problem = oe_table_read(L, index, &reads);
    if (problem)
        return problem;
    size_t n = lua_rawlen(L, index), members = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
        members++;
    if (n < 1 || n > OE_MAX_LANGS || members != n)
        return lua_pushfstring(L, "a language, or a list of 1 to %d languages expected", OE_MAX_LANGS);
    oe_buffer *out = oe_held_push(L);
    for (int i = 1; i <= (int)n; i++) {
        lua_rawgeti(L, index, i);
        if (!add(L, out))
            return lua_pushfstring(L, "item %d of the list is no language such as \"en_US\"", i);
        lua_pop(L, 1);
    }
    oe_held_push_text(L, out);
    lua_replace(L, index);
    lua_pop(L, 1);
    return NULL;
}
