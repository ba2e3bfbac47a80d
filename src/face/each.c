/* oneentry.each: the C half of lua/oneentry/each.lua, which goes from page to page. */
#include "face/face.h"

#include <string.h>

/* Does the method only read, and return a list, or an object with `items`? */
static bool is_list(const oe_row *row)
{
    static const char items[] = "{items [";
    const char *shape = row->returns;
    if (*shape == '@') {
        const char *entity = oe_entity_find(shape + 1, strcspn(shape + 1, "| "));
        if (entity && strncmp(entity, items, sizeof items - 1) == 0)
            return oe_row_reads(row);
    }
    return oe_row_reads(row) && (*shape == '[' || strstr(shape, "|["));
}

/* Returns the position of the argument that has the offset, or 0. */
static int offset_of(const oe_row *row, bool *in_query)
{
    int place = row->pages ? oe_argument_find(row, "offset", 6) : 0;
    *in_query = row->pages && !place;
    for (int i = 0; *in_query && i < OE_MAX_ARGS && row->args[i].type != OE_NONE; i++)
        if (row->args[i].type == OE_QUERY)
            place = i + 1;
    return place;
}

/* list(method, arguments) -> its function of api.async, whether its client has a driver, the position of the argument that has the
   offset (nil: the method has one page), and whether that is a table, of which `arguments` has a copy now. Or nil and what is wrong. */
static int core_list(lua_State *L)
{
    lua_settop(L, 2);
    const oe_row *row = oe_modules_find(L, 1);
    if (!row || !is_list(row)) {
        lua_pushnil(L);
        if (row)
            lua_pushfstring(L, "a function that returns a list expected; %s does not", row->name);
        else
            lua_pushfstring(L, "a function of a client, such as api.Products.getProducts, expected, got %s",
                            lua_isfunction(L, 1) ? "another function" : luaL_typename(L, 1));
        return 2;
    }
    const oe_session *session = lua_touserdata(L, 3);
    bool in_query;
    int place = offset_of(row, &in_query);
    if (in_query) {
        lua_rawgeti(L, 2, place);
        oe_query_push_copy(L, lua_gettop(L)); /* the call refuses what cannot be read */
        lua_rawseti(L, 2, place);
    }
    oe_modules_push_async(L, 3);
    lua_pushboolean(L, session->client->driven);
    if (place)
        lua_pushinteger(L, place);
    else
        lua_pushnil(L);
    lua_pushboolean(L, in_query);
    return 4;
}

/* broken(call, message) -> err: its answer cannot be right */
static int core_broken(lua_State *L)
{
    const oe_call *call = luaL_checkudata(L, 1, OE_CALL);
    oe_failure f;
    luaL_checktype(L, 2, LUA_TSTRING);
    oe_error_note(L, call, OE_INVALID_RESPONSE, &f);
    oe_buffer *text = oe_held_push(L);
    oe_buffer_text(text, lua_tostring(L, 2));
    oe_error_push(L, call, &f, text, 0, 0);
    oe_buffer_free(text);
    return 1;
}

void oe_each_register(lua_State *L)
{
    static const luaL_Reg functions[] = { { "list", core_list }, { "broken", core_broken }, { NULL, NULL } };
    oe_table_add(L, functions);
}
