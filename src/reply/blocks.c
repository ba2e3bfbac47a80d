/* Blocks, without what only the admin panel needs of them. */
#include "reply/reply.h"

/* Sets the member of the block to the number that the one of its settings stands for; a setting that is none is left out. */
static void set_count(lua_State *L, int block, int settings, const char *name)
{
    lua_getfield(L, settings, name);
    int count = lua_gettop(L);
    if (lua_type(L, count) == LUA_TSTRING && oe_number_push_text(L, count))
        lua_replace(L, count);
    if (lua_type(L, count) == LUA_TNUMBER && lua_tonumber(L, count) != 0) {
        lua_pushvalue(L, count);
        lua_setfield(L, block, name);
    }
    lua_settop(L, count - 1);
}

/* Cleans the block on top of the stack. */
static void clean(lua_State *L, const char *const *members)
{
    int block = lua_gettop(L);
    if (!lua_istable(L, block))
        return;
    lua_getfield(L, block, "customSettings");
    if (lua_istable(L, -1)) {
        lua_getfield(L, -1, "productConfig");
        if (lua_istable(L, -1)) {
            set_count(L, block, lua_gettop(L), "countElementsPerRow");
            set_count(L, block, lua_gettop(L), "quantity");
        }
    }
    for (; *members; members++) {
        lua_pushnil(L);
        lua_setfield(L, block, *members);
    }
    lua_settop(L, block);
}

/* Cleans a block, or those of a list or a page. */
static void clean_all(lua_State *L, int value, const char *const *members)
{
    lua_pushvalue(L, value);
    if (lua_istable(L, value)) {
        lua_getfield(L, value, "items");
        if (lua_istable(L, -1))
            lua_replace(L, -2);
        else
            lua_pop(L, 1);
    }
    int list = lua_gettop(L), n = lua_istable(L, list) ? (int)lua_rawlen(L, list) : 0;
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, list, i);
        clean(L, members);
        lua_pop(L, 1);
    }
    if (n == 0)
        clean(L, members);
    lua_settop(L, list - 1);
}

static void clean_blocks(lua_State *L, const oe_reply *reply)
{
    static const char *const members[] = { "customSettings", "attributesSetIdentifier", "productPageUrls", NULL };
    clean_all(L, reply->value, members);
}

static void clean_blocks_of_page(lua_State *L, const oe_reply *reply)
{
    static const char *const members[] = { "customSettings", "attributesSetIdentifier", NULL };
    clean_all(L, reply->value, members);
}

const oe_step oe_step_clean_blocks = { "cleanBlocks", .take = clean_blocks };
const oe_step oe_step_clean_blocks_of_page = { "cleanBlocksOfPage", .take = clean_blocks_of_page };
