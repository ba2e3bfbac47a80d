/* Spent refresh tokens. Each works once; sessions that hold the same one, of one device and provider, find here that another has
   spent it, and the tokens it got. Logging out ends the family of tokens that came of one login.

   The client's table has two tables of records, `recent` and `older`; when `recent` is full or old it becomes `older`. */
#include "call/call.h"

#define SECONDS 60 /* a record is valid for so long */
#define MAX 5000   /* records in each table */

bool oe_spent_push_key(lua_State *L, int kept)
{
    int marker = lua_gettop(L) - 1;
    if (lua_type(L, marker) != LUA_TSTRING || lua_type(L, marker + 1) != LUA_TSTRING) {
        lua_settop(L, marker - 1);
        return false;
    }
    lua_pushliteral(L, "\n");
    lua_insert(L, -2);
    lua_pushliteral(L, "\n");
    lua_getfield(L, kept, "deviceHeader");
    lua_concat(L, 5);
    return true;
}

static bool is_ended(lua_State *L, int record)
{
    lua_getfield(L, record, "family");
    bool ended = false;
    if (lua_istable(L, -1)) {
        lua_getfield(L, -1, "ended");
        ended = lua_toboolean(L, -1) != 0;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return ended;
}

static bool is_late(lua_State *L, int record)
{
    lua_getfield(L, record, "at");
    bool late = lua_isnumber(L, -1) && oe_clock_now() - (double)lua_tonumber(L, -1) > SECONDS;
    lua_pop(L, 1);
    return late;
}

bool oe_spent_find(lua_State *L, int session, int key)
{
    static const char *const tables[] = { "recent", "older" };
    int top = lua_gettop(L);
    oe_session_push_of_client(L, session, "spent");
    for (int i = 0; i < 2; i++) {
        lua_getfield(L, top + 1, tables[i]);
        if (lua_istable(L, -1)) {
            lua_pushvalue(L, key);
            lua_rawget(L, -2);
            if (lua_istable(L, -1)) {
                if (is_late(L, lua_gettop(L)) || is_ended(L, lua_gettop(L)))
                    break;
                lua_replace(L, top + 1);
                lua_settop(L, top + 1);
                return true;
            }
        }
        lua_settop(L, top + 1);
    }
    lua_settop(L, top);
    return false;
}

void oe_spent_make_room(lua_State *L, int session)
{
    oe_client *client = ((oe_session *)lua_touserdata(L, session))->client;
    double now = oe_clock_now();
    if (client->spent_at > 0 && client->spent < MAX && now - client->spent_at <= SECONDS)
        return;
    oe_session_push_of_client(L, session, "spent");
    lua_newtable(L);
    lua_getfield(L, -2, "recent");
    lua_setfield(L, -3, "older");
    lua_setfield(L, -2, "recent");
    lua_pop(L, 1);
    client->spent = 0;
    client->spent_at = now;
}

void oe_spent_set(lua_State *L, int session, int key)
{
    int record = lua_gettop(L);
    oe_client *client = ((oe_session *)lua_touserdata(L, session))->client;
    oe_session_push_of_client(L, session, "spent");
    lua_getfield(L, record + 1, "recent");
    lua_pushvalue(L, key);
    lua_pushvalue(L, record);
    lua_rawset(L, -3);
    client->spent++;
    lua_settop(L, record - 1);
}
