/* One Lua C API for Lua 5.1 to 5.5 and LuaJIT: the 5.3 names, and substitutes where older versions lack them. */
#ifndef ONEENTRY_COMPAT_H
#define ONEENTRY_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#if LUA_VERSION_NUM < 502

#define lua_rawlen(L, i) lua_objlen((L), (i))
/* Userdata carry a table here; 5.1 calls it the environment. */
#define oe_setuservalue(L, i) lua_setfenv((L), (i))
#define oe_getuservalue(L, i) lua_getfenv((L), (i))

#elif LUA_VERSION_NUM < 504

#define oe_setuservalue(L, i) lua_setuservalue((L), (i))
#define oe_getuservalue(L, i) lua_getuservalue((L), (i))

#else

#define oe_setuservalue(L, i) lua_setiuservalue((L), (i), 1)
#define oe_getuservalue(L, i) ((void)lua_getiuservalue((L), (i), 1))

#endif

#if LUA_VERSION_NUM < 502
#define oe_lessthan(L, a, b) lua_lessthan((L), (a), (b))
#else
#define oe_lessthan(L, a, b) lua_compare((L), (a), (b), LUA_OPLT)
#endif

/* May the running code yield? LuaJIT tells, and PUC 5.1, which has the same ABI, does not have the function: one build
   serves both. 5.2 cannot tell either. */
#if LUA_VERSION_NUM >= 503
#define oe_isyieldable(L) lua_isyieldable(L)
#elif LUA_VERSION_NUM < 502
extern int lua_isyieldable(lua_State *L) __attribute__((weak));
#define oe_isyieldable(L) (lua_isyieldable ? lua_isyieldable(L) : 1)
#else
#define oe_isyieldable(L) ((void)(L), 1)
#endif

/* May a function that pcall calls yield? Not in PUC 5.1. */
#if LUA_VERSION_NUM >= 502
#define OE_PCALL_YIELDS 1
#else
#define OE_PCALL_YIELDS (lua_isyieldable != NULL)
#endif

#if LUA_VERSION_NUM >= 503
#define OE_HAS_INTEGERS 1
#else
#define OE_HAS_INTEGERS 0
#endif

/* Is it oneentry.null, which is lua-cjson's? */
#define oe_is_null(L, i) (lua_islightuserdata((L), (i)) && lua_touserdata((L), (i)) == NULL)

#endif
