/* Uploads that a body waits for: each file in it is uploaded by a child call first, and what that returns takes the file's place. The
   files are opened, and the body is checked, before anything is sent. The request is not sent when an upload fails.

   Items are those that request.h describes, whose file becomes its call, and then the text of what that has returned. */
#include "call/call.h"

#include <string.h>

enum { CALL = OE_GATHER_CALL, SESSION = OE_GATHER_SESSION, TABLE = OE_GATHER_TABLE };

/* Raises for the item at that index what is on top of the stack: the error of its upload's arguments. */
static void refuse(lua_State *L, const oe_row *row, int item)
{
    size_t n;
    if (lua_type(L, -1) != LUA_TSTRING)
        lua_error(L);
    const char *text = lua_tolstring(L, -1, &n), *problem = strstr(text, "' (");
    if (problem && strncmp(text, "bad argument", 12) == 0)
        lua_pushlstring(L, problem + 3, n - 1 - (size_t)(problem + 3 - text));
    lua_rawgeti(L, item, OE_FILE_WHERE);
    lua_pushfstring(L, "%s.%s: %s", row->body.of, lua_tostring(L, -1), lua_tostring(L, -2));
    oe_argument_error(L, row, oe_argument_find(row, row->body.of, strlen(row->body.of)), lua_tostring(L, -1));
}

void oe_uploads_begin(lua_State *L, int index, int session)
{
    oe_call *call = lua_touserdata(L, index);
    luaL_checkstack(L, 20, "not enough memory for a call");
    oe_call_get(L, index, OE_SLOT_FILES);
    int list = lua_gettop(L), n = (int)lua_rawlen(L, list);
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, list, i);
        lua_rawgeti(L, list + 1, OE_FILE_VALUE);
        lua_rawgeti(L, list + 1, OE_FILE_QUERY);
        if (!oe_gather_push(L, 2, session, call->row->uploads))
            refuse(L, call->row, list + 1);
        lua_rawseti(L, list + 1, OE_FILE_VALUE);
        lua_settop(L, list);
    }
    if (n > 0) {
        oe_gather_begin(L, index, NULL, "items");
        call->phase = OE_GATHERING;
    }
    lua_settop(L, list - 1);
}

bool oe_uploads_push(lua_State *L)
{
    lua_rawgeti(L, -1, OE_FILE_VALUE);
    return true;
}

/* Is it what the API tells of a file: an object with members? */
static bool is_file(lua_State *L, int index)
{
    return lua_istable(L, index) && lua_rawlen(L, index) == 0 && !oe_json_is_empty(L, index);
}

/* Pushes the text of what an upload has returned, a list of files or one. False: it is none. */
static bool push_text(lua_State *L, int value)
{
    oe_json w = { .out = oe_held_push(L) };
    const int held = lua_gettop(L), n = lua_istable(L, value) ? (int)lua_rawlen(L, value) : 0;
    bool good = n > 0 || (is_file(L, value) && oe_forms_write_uploaded(L, value, &w));
    for (int i = 1; good && i <= n; i++) {
        if (i > 1)
            oe_buffer_byte(w.out, ',');
        lua_rawgeti(L, value, i);
        good = is_file(L, held + 1) && oe_forms_write_uploaded(L, held + 1, &w);
        lua_settop(L, held);
    }
    oe_held_push_text(L, w.out);
    return good;
}

/* Notes the error on top of the stack, of an upload: no other is begun. Has it say whether any of them was sent. */
static void fail(lua_State *L, oe_call *call, oe_gathering *g)
{
    for (int i = 0; i < OE_WIDTH; i++) {
        const oe_call *child = g->children[i];
        call->sent = call->sent || (child && (child->sent || (child->transfer && child->transfer->sent)));
    }
    g->failed = 1;
    g->next = g->items + 1;
    lua_pushboolean(L, call->sent);
    lua_setfield(L, -2, "sent");
    lua_setfield(L, TABLE, "err");
}

void oe_uploads_take(lua_State *L, oe_call *call, oe_gathering *g, const oe_call *child)
{
    if (g->failed)
        return;
    bool good = child->outcome == OE_VALUE;
    if (good && push_text(L, lua_gettop(L))) {
        lua_rawseti(L, TABLE + 2, OE_FILE_VALUE);
        return;
    }
    if (good && oe_outcome_push(L, call, CALL, SESSION, OE_INVALID_RESPONSE) == OE_RAISED)
        lua_error(L);
    fail(L, call, g);
}

/* Puts the texts into the body, in place of the words that stand for them. */
static void complete(lua_State *L, oe_call *call)
{
    const int top = lua_gettop(L), items = top + 2;
    oe_buffer *whole = oe_held_push(L);
    lua_getfield(L, TABLE, "items");
    oe_transfer *t = call->transfer; /* nothing from here on runs Lua */
    const int n = t ? (int)lua_rawlen(L, items) : 0;
    size_t from = 0;
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, items, i);
        lua_rawgeti(L, items + 1, OE_FILE_AT);
        lua_rawgeti(L, items + 1, OE_FILE_VALUE);
        const size_t at = (size_t)lua_tointeger(L, items + 2);
        oe_buffer_add(whole, t->body.p + from, at - from);
        oe_buffer_add(whole, lua_tostring(L, items + 3), lua_rawlen(L, items + 3));
        from = at + strlen(OE_FILE_PLACE);
        lua_settop(L, items);
    }
    if (t) {
        oe_buffer_add(whole, t->body.p + from, t->body.n - from);
        if (whole->failed)
            luaL_error(L, "not enough memory");
        oe_buffer_free(&t->body);
        t->body = *whole;
        *whole = (oe_buffer){ 0 };
    }
    lua_settop(L, top);
}

enum oe_outcome oe_uploads_finish(lua_State *L, oe_call *call)
{
    lua_getfield(L, TABLE, "err");
    if (!lua_isnil(L, -1))
        return OE_ERR;
    complete(L, call);
    return OE_NOTHING;
}

void oe_uploads_leave(lua_State *L, int table)
{
    int top = lua_gettop(L);
    lua_getfield(L, table, "items");
    for (int i = (int)lua_rawlen(L, top + 1); i > 0; i--) {
        lua_rawgeti(L, top + 1, i);
        lua_rawgeti(L, top + 2, OE_FILE_VALUE);
        if (lua_type(L, top + 3) == LUA_TUSERDATA)
            oe_call_cancel(L, top + 3);
        lua_settop(L, top + 1);
    }
    lua_settop(L, top);
}
