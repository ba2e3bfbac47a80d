/* The userdata that a call is: whatever happens, its __gc gives the transfer back. */
#include "call/call.h"

#include <string.h>

void oe_call_get(lua_State *L, int index, enum oe_slot slot)
{
    oe_getuservalue(L, index);
    lua_rawgeti(L, -1, (int)slot);
    lua_replace(L, -2);
}

void oe_call_set(lua_State *L, int index, enum oe_slot slot)
{
    oe_getuservalue(L, index);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, (int)slot);
    lua_pop(L, 2);
}

/* Sets a slot of the table on top of the stack to an argument, if the row has it. */
static void keep_argument(lua_State *L, const oe_row *row, const char *name, enum oe_slot slot)
{
    oe_argument_push(L, row, name);
    lua_rawseti(L, -2, (int)slot);
}

/* Sets a slot of the table on top of the stack to the arguments, by name. */
static void keep_arguments(lua_State *L, const oe_row *row)
{
    lua_newtable(L);
    for (int i = 0; i < OE_MAX_ARGS && row->args[i].type != OE_NONE; i++) {
        if (row->args[i].type == OE_QUERY) { /* a request that follows has the same */
            oe_query_push_copy(L, i + 1);
            lua_replace(L, i + 1);
        }
        lua_pushvalue(L, i + 1);
        lua_setfield(L, -2, row->args[i].name);
    }
    lua_rawseti(L, -2, OE_SLOT_ARGUMENTS);
}

oe_call *oe_call_push(lua_State *L, int session, const oe_row *row)
{
    oe_call *call = lua_newuserdata(L, sizeof *call);
    memset(call, 0, sizeof *call);
    luaL_getmetatable(L, OE_CALL);
    lua_setmetatable(L, -2);
    call->row = row;
    call->session = lua_touserdata(L, session);
    call->client = call->session->client;
    call->number = ++call->client->calls;
    lua_createtable(L, OE_SLOT_RESULT, 0);
    lua_pushvalue(L, session);
    lua_rawseti(L, -2, OE_SLOT_SESSION);
    keep_argument(L, row, "langCode", OE_SLOT_LANG);
    if (row->session & (OE_LOGIN | OE_LOGOUT)) {
        keep_argument(L, row, "marker", OE_SLOT_MARKER);
        keep_argument(L, row, "token", OE_SLOT_TOKEN);
    }
    if (row->follows)
        keep_arguments(L, row);
    oe_setuservalue(L, -2);
    return call;
}

void oe_call_release(oe_call *call)
{
    if (call->transfer)
        oe_engine_give(call->client->engine, call->transfer);
}

static int leave_reports(lua_State *L)
{
    oe_report_leave(L, 1);
    return 0;
}

static int collect(lua_State *L)
{
    oe_call *call = lua_touserdata(L, 1);
    oe_call_release(call);
    oe_errand_forget(call);
    oe_gather_forget(call);
    oe_buffer_free(&call->url);
    oe_buffer_free(&call->body);
    oe_upload_free(call->files.upload);
    oe_sink_drop(call->files.sink);
    if (call->refresh && call->refresh->asker == call)
        call->refresh->asker = NULL;
    if (call->reports > 0) {
        lua_pushcfunction(L, leave_reports);
        lua_pushvalue(L, 1);
        (void)lua_pcall(L, 1, 0, 0);
    }
    return 0;
}

void oe_call_register(lua_State *L)
{
    luaL_newmetatable(L, OE_CALL);
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_pushliteral(L, "oneentry.future"); /* a program gets them as futures */
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

static void swap(oe_buffer *a, oe_buffer *b)
{
    oe_buffer other = *a;
    *a = *b;
    *b = other;
}

/* Has the client lend the buffer to the next call, or frees it. */
static void give_back(oe_buffer *spare, oe_buffer *b)
{
    oe_buffer_reset(b, OE_KEEP_BYTES);
    swap(spare, b);
    oe_buffer_free(b);
}

void oe_call_hand_over(oe_call *call, oe_transfer *t)
{
    t->verb = call->row->verb;
    t->reads = oe_row_reads(call->row);
    t->has_body = call->row->body.kind != OE_NO_BODY;
    t->foreign = call->row->foreign;
    t->allow_private = call->files.allow_private;
    t->raw = call->row->reply && call->row->reply[0]->push;
    t->upload = call->files.upload;
    t->sink = call->files.sink;
    call->files = (oe_files){ 0 };
    swap(&t->url, &call->url);
    swap(&t->body, &call->body);
    oe_call_drop(call);
}

void oe_call_drop(oe_call *call)
{
    if (call->client->closed)
        return; /* the call's __gc frees them */
    give_back(&call->client->spare_url, &call->url);
    give_back(&call->client->spare_body, &call->body);
}

void oe_call_borrow(oe_call *call)
{
    swap(&call->url, &call->client->spare_url);
    swap(&call->body, &call->client->spare_body);
}
