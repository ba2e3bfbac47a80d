/* Open files of Lua's io, as descriptors. */
#include "request/request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 65536 /* bytes read at once */

bool oe_handles_is(lua_State *L, int index, bool *open)
{
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index))
        return false;
    luaL_getmetatable(L, LUA_FILEHANDLE);
    bool is = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 2);
    if (!is)
        return false;
#if LUA_VERSION_NUM >= 502
    *open = ((const luaL_Stream *)lua_touserdata(L, index))->closef != NULL;
#else
    *open = *(FILE *const *)lua_touserdata(L, index) != NULL;
#endif
    return true;
}

/* In every Lua the FILE is the first member. */
static FILE *file_of(lua_State *L, int index)
{
    return *(FILE **)lua_touserdata(L, index);
}

int oe_handles_copy(lua_State *L, int index, bool writes, long long *from)
{
    struct stat s;
    FILE *file = file_of(L, index);
    int fd = fileno(file), mode = fd < 0 ? -1 : fcntl(fd, F_GETFL);
    if (mode < 0)
        return -1;
    if ((mode & O_ACCMODE) == (writes ? O_RDONLY : O_WRONLY) || (writes && (mode & O_APPEND))) {
        errno = EBADF;
        return -1;
    }
    (void)fflush(file); /* bytes that the program has written, or read ahead */
    *from = fstat(fd, &s) == 0 && S_ISREG(s.st_mode) ? (long long)ftello(file) : -1;
    return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

bool oe_handles_push_rest(lua_State *L, int index, size_t most)
{
    luaL_Buffer b;
    size_t n = 0;
    luaL_checkstack(L, 20, "not enough memory for a file");
    luaL_buffinit(L, &b);
    for (;;) {
        lua_getfield(L, index, "read");
        lua_pushvalue(L, index);
        lua_pushinteger(L, PIECE);
        lua_call(L, 2, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            break;
        n += lua_rawlen(L, -1);
        if (n > most)
            return false;
        luaL_addvalue(&b);
    }
    lua_pop(L, 1);
    luaL_pushresult(&b);
    return true;
}

void oe_handles_seek(lua_State *L, int index, long long place)
{
    bool open = false;
    if (oe_handles_is(L, index, &open) && open)
        (void)fseeko(file_of(L, index), (off_t)place, SEEK_SET);
}
