/* Attributes of a reply: how they are known, their additional fields, flags, and the numbers in their values. */
#include "reply/attributes.h"
#include "reply/reply.h"

#include <string.h>

static const char *const flags[] = {
    "isLogin", "isSignUp", "isNotificationEmail", "isNotificationPhonePush", "isNotificationPhoneSMS", NULL
};

/* ---- signs -------------------------------------------------------------------------------------- */

enum oe_sign oe_attribute_sign(oe_signs *signs, const char *name, size_t n)
{
    switch (n) {
    case 4:
        return memcmp(name, "type", n) == 0 ? OE_SIGN_TYPE : OE_SIGN_NONE;
    case 10:
        return memcmp(name, "attributes", n) == 0 ? OE_SIGN_ATTRIBUTES : OE_SIGN_NONE;
    case 15:
        return memcmp(name, "attributeValues", n) == 0 ? OE_SIGN_VALUES : OE_SIGN_NONE;
    case 16:
        signs->fields = signs->fields || memcmp(name, "additionalFields", n) == 0;
        return OE_SIGN_NONE;
    default:
        return OE_SIGN_NONE;
    }
}

void oe_attribute_note_null(oe_signs *signs, const char *name)
{
    for (unsigned i = 0; name[0] == 'i' && flags[i]; i++)
        if (strcmp(name, flags[i]) == 0)
            signs->null_flags |= 1u << i;
}

void oe_attribute_note_type(lua_State *L, oe_signs *signs)
{
    const char *type = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    signs->type = true;
    signs->kind = OE_KIND_OTHER;
    if (strcmp(type, "integer") == 0 || strcmp(type, "float") == 0)
        signs->kind = OE_KIND_NUMERIC;
    else if (strcmp(type, "timeInterval") == 0)
        signs->kind = OE_KIND_INTERVAL;
    else if (strcmp(type, "image") == 0)
        signs->kind = OE_KIND_IMAGE;
}

/* ---- rules -------------------------------------------------------------------------------------- */

/* A list without entries may still look like one. */
static void unmark_list(lua_State *L, int index)
{
    lua_pushnil(L);
    lua_setmetatable(L, index);
}

/* A field without a marker goes under "undefined", as in the JavaScript SDK: it would be lost otherwise. */
static void push_marker(lua_State *L, int field)
{
    if (lua_istable(L, field))
        lua_getfield(L, field, "marker");
    else
        lua_pushnil(L);
    if (!lua_tostring(L, -1)) { /* makes a string of a number */
        lua_pop(L, 1);
        lua_pushliteral(L, "undefined");
    }
}

/* A list of additionalFields becomes a map by marker; the last of equal ones wins. */
static void set_fields(lua_State *L, int index)
{
    lua_getfield(L, index, "additionalFields");
    int list = lua_gettop(L);
    int n = lua_istable(L, list) ? (int)lua_rawlen(L, list) : 0;
    if (n > 0) {
        lua_createtable(L, 0, n);
        for (int i = 1; i <= n; i++) {
            lua_rawgeti(L, list, i);
            if (oe_is_null(L, -1)) { /* no field */
                lua_pop(L, 1);
                continue;
            }
            push_marker(L, lua_gettop(L));
            lua_insert(L, -2);
            lua_rawset(L, list + 1);
        }
        lua_setfield(L, index, "additionalFields");
    } else if (lua_istable(L, list)) {
        unmark_list(L, list);
    }
    lua_settop(L, list - 1);
}

/* Pushes the number that the value at `index`, which is none, stands for; or pushes nothing. */
static bool push_number(lua_State *L, int index)
{
    bool nested = false;
    lua_pushvalue(L, index);
    int value = lua_gettop(L);
    for (; lua_istable(L, value) && lua_rawlen(L, value) == 1; nested = true) {
        lua_rawgeti(L, value, 1);
        lua_replace(L, value);
    }
    bool found = true;
    if (lua_isboolean(L, value) && !nested) /* a list makes a text of it */
        lua_pushinteger(L, lua_toboolean(L, value));
    else if (lua_type(L, value) == LUA_TNUMBER)
        lua_pushvalue(L, value);
    else
        found = lua_type(L, value) == LUA_TSTRING && oe_number_push_text(L, value);
    lua_remove(L, value);
    return found;
}

/* Null flags become false. One may stand twice, and not be null in the end. */
static void set_flags(lua_State *L, int index, unsigned null_flags)
{
    for (unsigned i = 0; flags[i]; i++) {
        if (!(null_flags & (1u << i)))
            continue;
        lua_getfield(L, index, flags[i]);
        if (lua_isnil(L, -1) || oe_is_null(L, -1)) {
            lua_pushboolean(L, 0);
            lua_setfield(L, index, flags[i]);
        }
        lua_pop(L, 1);
    }
}

/* The value becomes a number, as JavaScript converts, but an empty or unreadable one is absent; null and nil stay. */
static void set_number(lua_State *L, int index)
{
    lua_getfield(L, index, "value");
    int value = lua_gettop(L), type = lua_type(L, value);
    if (type != LUA_TNUMBER && type != LUA_TNIL && type != LUA_TLIGHTUSERDATA) {
        if (!push_number(L, value))
            lua_pushnil(L);
        lua_setfield(L, index, "value");
    }
    lua_settop(L, value - 1);
}

/* A list of one image becomes that image. */
static void set_image(lua_State *L, int index)
{
    lua_getfield(L, index, "value");
    int value = lua_gettop(L);
    if (lua_istable(L, value) && lua_rawlen(L, value) == 1) {
        lua_rawgeti(L, value, 1);
        lua_setfield(L, index, "value");
    }
    lua_settop(L, value - 1);
}

void oe_attribute_apply(lua_State *L, int index, unsigned rules, const oe_signs *signs, int list_metatable, long *work)
{
    if ((rules & OE_RULE_FIELDS) && signs->fields)
        set_fields(L, index);
    if (rules & OE_RULE_FLAGS)
        set_flags(L, index, signs->null_flags);
    if ((rules & OE_RULE_NUMBER) && signs->kind == OE_KIND_NUMERIC)
        set_number(L, index);
    if ((rules & OE_RULE_IMAGE) && signs->kind == OE_KIND_IMAGE)
        set_image(L, index);
    if ((rules & OE_RULE_ENTITY) && signs->kind == OE_KIND_INTERVAL)
        oe_schedule_entity(L, index, list_metatable, work);
    if ((rules & OE_RULE_FORM) && signs->kind == OE_KIND_INTERVAL)
        oe_schedule_form(L, index, list_metatable, work);
}
