/* Opens the module. */
#include "face/face.h"

#include <dlfcn.h>
#include <string.h>

__attribute__((visibility("default"))) int luaopen_oneentry(lua_State *L);

/* Keeps the module loaded: lua_close unloads C modules, but a resolver thread of libcurl may still be on its way. */
static void stay_loaded(void)
{
    Dl_info info;
    if (dladdr(oe_modules, &info) && info.dli_fname)
        (void)dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

/* __index of the module: loads the Lua half on first use. */
static int index_module(lua_State *L)
{
    lua_settop(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    size_t n = 0;
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &n) : "";
    if (n == 0 || !oe_text_has_word("all each", name, n))
        return 0;
    oe_future_push(L, name);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_rawset(L, 1);
    return 1;
}

int luaopen_oneentry(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "define", oe_client_define }, { "array", oe_lists_array },
        { "is_error", oe_error_is },    { "pretty", oe_pretty },
        { "ordered", oe_ordered },      { "rows", oe_rows },
        { "alarm", oe_alarm_new },      { "encode", oe_encode },
        { "is_task", oe_task_is },      { NULL, NULL },
    };
    stay_loaded();
    oe_task_see(L);
    oe_globals_register(L);
    oe_client_register(L);
    oe_session_register(L);
    oe_call_register(L);
    oe_event_register(L);
    oe_error_register(L);
    oe_held_register(L);
    oe_waker_register(L);
    oe_alarm_register(L);
    lua_newtable(L);
    oe_table_add(L, functions);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    lua_pushliteral(L, OE_VERSION);
    lua_setfield(L, -2, "_VERSION");
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, index_module);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    return 1;
}
