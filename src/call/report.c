/* Reports: callbacks that are to be called. The machine calls none itself, because a function that C calls cannot wait. It keeps
   the function and its argument, and the call stops until the coroutine that waits for it has called them (await.lua). Clients
   that block have them called at once (oe_report_tell).

   A refresh is told by the call that asked for it. The client has the orphans: reports of calls that nobody waits for, or whose
   coroutine is gone. They are told in a coroutine of their own, or in the next one that waits for a call of the client.

   The client's table holds the reports as { [number of the call] = queue }, the orphans' number is 0. A queue has its reports at
   first .. last. */
#include "call/call.h"

#include <string.h>

#define ORPHANS 0
#define MAX_LINE 300 /* bytes of what a callback has thrown */

/* Returns the call whose waiter calls the callbacks of `call`: of a refresh its asker, of a child its parent. NULL: nobody waits, the report is an orphan. */
static oe_call *teller_of(oe_call *call)
{
    if (call && call->automatic)
        call = call->asker;
    while (call && call->parent)
        call = call->parent;
    if (!call || call->outcome != OE_NOTHING || (call->phase == OE_SETTLED && !call->concluded))
        return NULL;
    return call->ticket || !call->client->driven ? call : NULL;
}

static void push_lists(lua_State *L, int client)
{
    oe_getuservalue(L, client);
    lua_getfield(L, -1, "reports");
    lua_remove(L, -2);
}

static void set(lua_State *L, int queue, const char *name, lua_Integer value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, queue, name);
}

static int get(lua_State *L, int queue, const char *name)
{
    lua_getfield(L, queue, name);
    int value = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    return value;
}

/* Pushes the queue of that number, or a new one. `ticket`: of the coroutine that waits for that call, 0 for none. */
static void push_queue(lua_State *L, int lists, unsigned number, unsigned ticket)
{
    lua_rawgeti(L, lists, (int)number);
    if (!lua_isnil(L, -1))
        return;
    lua_createtable(L, 1, 3);
    lua_replace(L, -2);
    int queue = lua_gettop(L);
    set(L, queue, "ticket", (lua_Integer)ticket);
    set(L, queue, "first", 1);
    set(L, queue, "last", 0);
    lua_rawgeti(L, lists, (int)number);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushvalue(L, queue);
        lua_rawseti(L, lists, (int)number);
    } else { /* a finalizer has made one meanwhile */
        lua_replace(L, queue);
    }
}

/* Appends the report on top of the stack, which it pops, to the queue of that number. */
static void append(lua_State *L, int lists, unsigned number, unsigned ticket)
{
    int report = lua_gettop(L), queue = report + 1;
    push_queue(L, lists, number, ticket);
    int last = get(L, queue, "last") + 1;
    lua_pushvalue(L, report);
    lua_rawseti(L, queue, last);
    set(L, queue, "last", last);
    lua_settop(L, report - 1);
}

void oe_report_add(lua_State *L, int session, oe_call *call, const char *where)
{
    luaL_checkstack(L, 1, "not enough memory for a callback");
    lua_pushnil(L);
    oe_report_add_pair(L, session, call, where);
}

void oe_report_add_pair(lua_State *L, int session, oe_call *call, const char *where)
{
    int f = lua_gettop(L) - 2;
    oe_client *client = ((oe_session *)lua_touserdata(L, session))->client;
    luaL_checkstack(L, 12, "not enough memory for a callback");
    lua_pushstring(L, where);
    oe_getuservalue(L, session);
    lua_pushvalue(L, f + 2);
    lua_remove(L, f + 2);
    oe_session_push_of_client(L, session, "reports");
    lua_createtable(L, OE_REPORT, 0);
    for (int i = 1; i <= OE_REPORT; i++) {
        lua_pushvalue(L, f + i - 1);
        lua_rawseti(L, -2, i);
    }
    oe_call *teller = teller_of(call);
    if (teller) {
        append(L, f + OE_REPORT, teller->number, teller->ticket);
        teller->reports++;
    } else {
        append(L, f + OE_REPORT, ORPHANS, 0);
        client->orphans++;
    }
    lua_settop(L, f - 1);
}

bool oe_report_take(lua_State *L, int client, unsigned number)
{
    oe_client *c = lua_touserdata(L, client);
    int top = lua_gettop(L);
    luaL_checkstack(L, 12, "not enough memory for a callback");
    push_lists(L, client);
    lua_rawgeti(L, top + 1, (int)number);
    bool any = lua_istable(L, top + 2);
    int first = any ? get(L, top + 2, "first") : 1, last = any ? get(L, top + 2, "last") : 0;
    if (number == ORPHANS)
        c->orphans = first < last ? (unsigned)(last - first) : 0;
    if (first > last) {
        lua_settop(L, top);
        return false;
    }
    lua_rawgeti(L, top + 2, first);
    lua_pushnil(L);
    lua_rawseti(L, top + 2, first);
    set(L, top + 2, "first", first + 1);
    if (first == last) {
        lua_pushnil(L);
        lua_rawseti(L, top + 1, (int)number);
    }
    for (int i = 1; i <= OE_REPORT; i++)
        lua_rawgeti(L, top + 3, i);
    for (int i = 0; i < 3; i++)
        lua_remove(L, top + 1);
    return true;
}

bool oe_report_next(lua_State *L, int index, bool going_on)
{
    oe_call *call = lua_touserdata(L, index);
    int top = lua_gettop(L);
    double now = oe_clock_now();
    if (call->telling > 0 && !going_on)
        return false;
    if (call->telling > 0)
        call->deadline += now - call->telling;
    call->telling = 0;
    if (call->reports > 0) {
        oe_call_get(L, index, OE_SLOT_SESSION);
        oe_session_push_client(L, top + 1);
        if (oe_report_take(L, top + 2, call->number)) {
            call->reports--;
            call->telling = now;
            lua_remove(L, top + 1);
            lua_remove(L, top + 1);
            return true;
        }
        lua_settop(L, top);
        call->reports = 0;
    }
    if (call->ticket == OE_EVERYONE) /* others wait for this call, too */
        oe_call_tell_everyone(call);
    return false;
}

void oe_report_abandon(lua_State *L, int client, unsigned number)
{
    int top = lua_gettop(L);
    push_lists(L, client);
    lua_rawgeti(L, top + 1, (int)number);
    bool any = lua_istable(L, top + 2);
    int first = any ? get(L, top + 2, "first") : 1, last = any ? get(L, top + 2, "last") : 0;
    lua_pushnil(L);
    lua_rawseti(L, top + 1, (int)number);
    for (int i = first; i <= last; i++) {
        lua_rawgeti(L, top + 2, i);
        append(L, top + 1, ORPHANS, 0);
        ((oe_client *)lua_touserdata(L, client))->orphans++;
    }
    lua_settop(L, top);
}

void oe_report_leave(lua_State *L, int index)
{
    int top = lua_gettop(L);
    oe_call *call = lua_touserdata(L, index);
    call->reports = 0;
    oe_call_get(L, index, OE_SLOT_SESSION);
    oe_session_push_client(L, top + 1);
    oe_report_abandon(L, top + 2, call->number);
    lua_settop(L, top);
}

/* Returns the number of a call that had that ticket when its first report came, or ORPHANS. */
static unsigned find_ticket(lua_State *L, int lists, unsigned ticket)
{
    unsigned found = ORPHANS;
    lua_pushnil(L);
    while (found == ORPHANS && lua_next(L, lists)) {
        lua_getfield(L, -1, "ticket");
        if ((unsigned)lua_tointeger(L, -1) == ticket)
            found = (unsigned)lua_tointeger(L, -3);
        lua_pop(L, 2);
    }
    lua_settop(L, lists);
    return found;
}

void oe_report_abandon_ticket(lua_State *L, int client, unsigned ticket)
{
    unsigned number;
    push_lists(L, client);
    while (ticket && (number = find_ticket(L, lua_gettop(L), ticket)) != ORPHANS)
        oe_report_abandon(L, client, number);
    lua_pop(L, 1);
}

/* ---- called from C ------------------------------------------------------------------------------ */

/* ngx.log(ngx.ERR, line). False: this is not nginx. */
static bool log_in_nginx(lua_State *L, const char *where, const oe_buffer *line)
{
    int top = lua_gettop(L);
    bool logged = false;
    oe_globals_find(L, "ngx");
    if (lua_istable(L, -1)) {
        lua_getfield(L, -1, "log");
        lua_getfield(L, -2, "ERR");
        if (lua_isfunction(L, -2)) {
            oe_buffer *shown = oe_held_push(L);
            oe_text_show(shown, line->n ? line->p : "", line->n, MAX_LINE, false);
            lua_pushfstring(L, "oneentry: %s: ", where);
            oe_held_push_text(L, shown);
            oe_buffer_free(shown);
            lua_concat(L, 2);
            lua_remove(L, -2);
            logged = lua_pcall(L, 2, 0, 0) == 0;
        }
    }
    lua_settop(L, top);
    return logged;
}

/* Pushes the text of what was thrown. */
static void push_problem(lua_State *L, int problem)
{
    if (lua_type(L, problem) == LUA_TSTRING)
        lua_pushvalue(L, problem);
    else if (!oe_error_push_text(L, problem))
        lua_pushfstring(L, "an error of type %s", luaL_typename(L, problem));
}

void oe_report_complain(lua_State *L, int client, int problem, int where, int kept)
{
    int top = lua_gettop(L);
    const oe_client *c = lua_touserdata(L, client);
    const char *name = lua_tostring(L, where);
    luaL_checkstack(L, 20, "not enough memory for an error");
    oe_buffer *line = oe_held_push(L);
    push_problem(L, problem);
    oe_error_add_masked(L, lua_gettop(L), c, kept, line);
    if (!line->failed && !log_in_nginx(L, name, line))
        oe_text_log(name, line->n ? line->p : "", line->n, MAX_LINE);
    oe_buffer_free(line);
    lua_settop(L, top);
}

/* Appends a hint to the error of a yield, on top of the stack, where the client has no driver. */
static void explain(lua_State *L, const oe_client *client)
{
    if (client->driven || lua_type(L, -1) != LUA_TSTRING || !strstr(lua_tostring(L, -1), "attempt to yield"))
        return;
    lua_pushliteral(L, ": a callback of a client without a driver cannot wait, see config.driver");
    lua_concat(L, 2);
}

/* Calls what oe_report_take has pushed, and pops it. What it throws is for errors.callback, or the log. */
static void call_here(lua_State *L, int client)
{
    int f = lua_gettop(L) - OE_REPORT + 1, where = f + 2, kept = f + 3;
    lua_pushvalue(L, f);
    lua_pushvalue(L, f + 1);
    bool pair = !lua_isnil(L, f + 4);
    if (pair)
        lua_pushvalue(L, f + 4);
    if (lua_pcall(L, pair ? 2 : 1, 0, 0) != 0) {
        int problem = lua_gettop(L);
        explain(L, lua_touserdata(L, client));
        oe_getuservalue(L, client);
        lua_getfield(L, -1, "errorCallback");
        if (lua_isfunction(L, -1)) {
            lua_pushvalue(L, problem);
            lua_pushvalue(L, where);
            if (lua_pcall(L, 2, 0, 0) != 0) {
                lua_replace(L, problem);
                lua_pushliteral(L, "errors.callback");
                oe_report_complain(L, client, problem, lua_gettop(L), kept);
            }
        } else {
            oe_report_complain(L, client, problem, where, kept);
        }
    }
    lua_settop(L, f - 1);
}

void oe_report_tell(lua_State *L, int index)
{
    int top = lua_gettop(L), client = top + 2;
    luaL_checkstack(L, 20, "not enough memory for a callback");
    oe_call_get(L, index, OE_SLOT_SESSION);
    oe_session_push_client(L, top + 1);
    oe_report_tell_orphans(L, client); /* they came first */
    for (bool going_on = false; oe_report_next(L, index, going_on); going_on = true)
        call_here(L, client);
    lua_settop(L, top);
}

void oe_report_tell_orphans(lua_State *L, int client)
{
    luaL_checkstack(L, 20, "not enough memory for a callback");
    while (oe_report_take(L, client, ORPHANS))
        call_here(L, client);
}
