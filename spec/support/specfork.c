/* fork for specs: no library has it for every Lua. */
#include <lauxlib.h>
#include <lua.h>
#include <sys/wait.h>
#include <unistd.h>

int luaopen_specfork(lua_State *L);

/* fork() -> 0 in the child, its pid in the parent */
static int spec_fork(lua_State *L)
{
    lua_pushinteger(L, fork());
    return 1;
}

/* wait(pid) -> exit status, or nil when a signal ended it */
static int spec_wait(lua_State *L)
{
    int status;
    if (waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0) < 0 || !WIFEXITED(status))
        lua_pushnil(L);
    else
        lua_pushinteger(L, WEXITSTATUS(status));
    return 1;
}

/* exit(status): without atexit handlers and lua_close */
static int spec_exit(lua_State *L)
{
    _exit((int)luaL_checkinteger(L, 1));
    return 0;
}

__attribute__((visibility("default"))) int luaopen_specfork(lua_State *L)
{
    lua_createtable(L, 0, 3);
    lua_pushcfunction(L, spec_fork);
    lua_setfield(L, -2, "fork");
    lua_pushcfunction(L, spec_wait);
    lua_setfield(L, -2, "wait");
    lua_pushcfunction(L, spec_exit);
    lua_setfield(L, -2, "exit");
    return 1;
}
