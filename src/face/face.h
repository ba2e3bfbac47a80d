/* What Lua sees: define, the tables of methods, futures, configuration. */
#ifndef ONEENTRY_FACE_H
#define ONEENTRY_FACE_H

#include "call/call.h"
#include "loop/loop.h"

#pragma GCC visibility push(hidden)

/* define.c */
int oe_client_define(lua_State *L);
void oe_client_register(lua_State *L);
void oe_client_close(oe_client *client);
/* Pushes the function of that name which the api has beside its modules; false: there is none. Indices are absolute. */
bool oe_client_push_member(lua_State *L, int session, int api, const char *name);

/* modules.c */
/* The functions of a module call and wait for the answer, only write the request, or return a future. */
enum oe_modules_kind { OE_CALLS, OE_PREPARES, OE_ASYNC };
/* Pushes a new table that has the modules of the session at the absolute index `session` or upvalue. */
void oe_modules_push(lua_State *L, int session, enum oe_modules_kind kind);
/* First of all in the function of a method: its row. The arguments are checked, and lie at 1..n; the session follows. Raises. */
const oe_row *oe_modules_enter(lua_State *L, int *session);
/* Returns the row of the method at the absolute index, and pushes three values, its session first; NULL: it is no method that calls
   and waits. */
const oe_row *oe_modules_find(lua_State *L, int method);
/* Pushes the same method's function of api.async; its session is at `session`, the two others follow. */
void oe_modules_push_async(lua_State *L, int session);

/* config.c */
/* Reads define's second argument (a config table, a token, or nil) at `index` into the client and its table at `kept`,
   and pushes what its session starts from, as oe_config_saved does; raises. */
void oe_config_client(lua_State *L, int index, oe_client *client, int kept);
/* Checks api.session's argument at `index` and pushes a copy; raises. */
void oe_config_saved(lua_State *L, int index);

/* driver.c */
/* Replaces the value of config.driver at the absolute index `driver` by the driver's table, or by nil: blocking. NULL, or
   what is wrong with it. */
const char *oe_driver_replace(lua_State *L, int driver);

/* future.c */
/* The function of a method that only starts the call and returns it: nothing is sent yet. */
int oe_future_start(lua_State *L);
/* Pushes what lua/oneentry/await.lua calls `name`. */
void oe_future_push(lua_State *L, const char *name);

/* driving.c, each.c: add to the table on top of the stack what lua/oneentry/await.lua and each.lua ask for */
void oe_driving_register(lua_State *L);
void oe_each_register(lua_State *L);

/* prepare.c */
int oe_prepare_method(lua_State *L);

/* encode.c */
int oe_encode(lua_State *L);

/* ordered.c */
int oe_ordered(lua_State *L);

/* pretty.c */
int oe_pretty(lua_State *L);

/* rows.c */
int oe_rows(lua_State *L);

#pragma GCC visibility pop

#endif
