return {
  title = "The host process survives",
  text = [[
Failing allocations at any point, no descriptors left, SIGPIPE, EINTR, fork, collection and closing inside callbacks, errors in
callbacks.]],
  { name = "a child of fork uses the parent's connections", trap = "fork", file = "src/pool.c",
    old = "if (e->pid == getpid())\n        return true;",
    new = "return true;",
    red = { "37-fork: is used by parent and child", "37-fork: without a word of TLS" } },
  { name = "a child of fork keeps the parent's sockets open", trap = "fork", file = "src/sockets.c",
    old = "if (s->list[i].connection && ", new = "if (false && ",
    red = { "37-fork: leaves none of the parent's connections" } },
  { name = "SIGPIPE ends the host", trap = "sigpipe", file = "src/sigpipe.c",
    old = "s->blocked = pthread_sigmask(SIG_BLOCK, &only, &s->before) == 0;",
    new = "s->blocked = false;",
    red = { "35-lifetime: survives a SIGPIPE" } },
  { name = "a SIGPIPE that came meanwhile ends the host later", trap = "sigpipe", file = "src/sigpipe.c",
    old = "if (!s->was_pending && is_pending()) {", new = "if (false) {", red = { "35-lifetime: survives a SIGPIPE" } },
  { name = "a SIGPIPE of the host's own is swallowed", trap = "sigpipe", file = "src/sigpipe.c",
    old = "if (!s->was_pending && is_pending()) {", new = "if (is_pending()) {", red = { "35-lifetime: leaves a SIGPIPE alone" } },
  { name = "a hook that closes the client ends the process", file = "src/call.c",
    old = "return call->transfer && call->steps == steps;", new = "return call->steps == steps;",
    red = { "33-hooks: may close the client" } },
  { name = "a child of fork silences its parent's alarm", trap = "fork", file = "src/alarm.c",
    old = "if (!is_own(a)) {", new = "if (false) {", red = { "51-alarm: is its process's own" } },
  { name = "an alarm that cannot be made keeps a descriptor", file = "src/alarm.c",
    old = "    give_back(a);\n    errno = reason;", new = "    errno = reason;", red = { "51-alarm: gives its descriptors back" } },
  { name = "an answer is lost when the hook that hears of it closes the client", file = "src/pool.c",
    old = "if (w->t.done && w->t.owner) {", new = "if (false) {", red = { "33-hooks: may close the client" } },
  { name = "closing in saveFunction does not end the call", file = "src/call.c",
    old = "bool closed = call->client->closed && call->phase != OE_SENDING;",
    new = "bool closed = false;",
    red = { "35-lifetime: in a callback ends the call" } },
  { name = "a collected client keeps its connections", file = "src/client.c",
    old = "    if (client->engine)\n        oe_engine_free(client->engine);\n",
    new = "",
    red = { "35-lifetime: is collected with its connections" } },
  { name = "a closed client goes on", file = "src/call.c",
    old = "    if (call->client->closed)\n        settle(call, OE_CLOSED);\n",
    new = "",
    red = { "35-lifetime: opens nothing any more" } },
  { name = "a call whose error is raised keeps its handle", file = "src/handle.c",
    old = "if (call->transfer)\n        oe_engine_give",
    new = "if (false)\n        oe_engine_give",
    red = { "35-lifetime: leaves no handle behind" } },
  { name = "children that the host starts inherit the sockets", file = "src/watch.c",
    old = "SOCK_CLOEXEC | SOCK_NONBLOCK", new = "SOCK_NONBLOCK", red = { "35-lifetime: leaves no descriptor to programs" } },
  { name = "a child closes what has the number of a connection that is gone", file = "src/sockets.c",
    old = " && s->list[i].inode == inode_of(s->list[i].fd)", new = "", red = { "37-fork: closes no file of the child's" } },
  { name = "children that the host starts inherit what is waited on", file = "src/watch.c",
    old = "epoll_create1(EPOLL_CLOEXEC)", new = "epoll_create1(0)", red = { "35-lifetime: leaves no descriptor to programs" } },
  { name = "a finalizer takes the url and the body that are being written", file = "src/request.c",
    old = [[
    oe_buffer *url = &call->url, *body = &call->body;
    swap(url, &client->spare_url);
    swap(body, &client->spare_body);
    oe_buffer_add(url, client->url, client->url_n);
    const char *problem = oe_uri_expand(url, row->path, url_value, &b, &bad);
    if (problem)
        oe_argument_error(L, row, oe_argument_find(row, bad.p, bad.n), problem);
    check_url(&b, url->n);
    oe_buffer_byte(url, 0);
    oe_body_write(L, client, row, body);
    if (url->failed || body->failed)
        luaL_error(L, "not enough memory");
}

]],
    new = [[
    oe_buffer *url = &client->spare_url, *body = &client->spare_body;
    oe_buffer_reset(url, KEEP_BYTES);
    oe_buffer_reset(body, KEEP_BYTES);
    oe_buffer_add(url, client->url, client->url_n);
    const char *problem = oe_uri_expand(url, row->path, url_value, &b, &bad);
    if (problem)
        oe_argument_error(L, row, oe_argument_find(row, bad.p, bad.n), problem);
    check_url(&b, url->n);
    oe_buffer_byte(url, 0);
    oe_body_write(L, client, row, body);
    if (url->failed || body->failed)
        luaL_error(L, "not enough memory");
    swap(url, &call->url);
    swap(body, &call->body);
}

]],
    red = { "39-finalizers: S1: that prepares another request" } },
  { name = "a call whose poll is cancelled meanwhile goes on", file = "src/call.c",
    old = "bool waiting = oe_waiting_still(L, call, session);\n    if (!is_still(call, steps))\n        return;\n",
    new = "bool waiting = oe_waiting_still(L, call, session);\n",
    red = { "39-finalizers: S1: that cancels a call that polls" } },
  { name = "a buffer writes where there is no memory", file = "src/buffer.c",
    old = "if (!p) {", new = "if (false) {", red = { "inject: malloc/http/1-105/scenario" } },
  { name = "a request that could not be written is sent", file = "src/request.c",
    old = "if (url->failed || body->failed)\n        luaL_error",
    new = "if (false)\n        luaL_error",
    red = { "inject: malloc/http/1-105/scenario" } },
  { name = "headers that could not be written are sent", file = "src/request.c",
    old = "return !out->failed;", new = "return true;", red = { "inject: malloc/http/1-105/scenario" } },
  { name = "a memory error of the decoder is a bad answer", file = "src/decode.c",
    old = "if (status == LUA_ERRMEM)\n        lua_error(L);", new = "", red = { "inject: lua/http/1-10000/scenario" } },
  { name = "a closed client keeps its descriptors", file = "src/pool.c",
    old = "    e->closed = true;\n", new = "", red = { "35-lifetime: gives every descriptor back at once" } },
  { name = "an idle client keeps its descriptors, however many clients there are", file = "src/holders.c",
    old = "if (is_new && h->n > MIN_HOLDERS && h->n > most())", new = "if (false)", red = { "35-lifetime: kept leaves room" } },
  { name = "an idle client keeps its descriptors when the process has no other", file = "src/holders.c",
    old = "return e->holders->n > 1 && is_short() && reduce(e->holders, e, 1);", new = "return false;",
    red = { "35-lifetime: is idle gives up its descriptors" } },
  { name = "no garbage is collected, however many clients hold descriptors", file = "src/holders.c",
    old = "lua_gc(L, LUA_GCCOLLECT, 0);", new = "", red = { "35-lifetime: is dropped with calls under way" } },
  { name = "a name that moves is looked up a minute later", file = "src/wire.c",
    old = "w->engine->lanes[w->lane].doubtful ? 0L : DNS_SECONDS", new = "DNS_SECONDS",
    red = { "16-transport: is looked up again when a connection has failed" } },
  { name = "a connection has no age", file = "src/wire.c",
    old = "SET(CURLOPT_MAXLIFETIME_CONN, (long)ceil(e->options.max_age));", new = "",
    red = { "16-transport: is the time after which a connection is not used again" } },
  -- A0
  { name = "what LuaJIT compiles holds clients", file = "src/bound.c", lua = "luajit",
    old = "#if defined(LUA_JITLIBNAME)", new = "#if 0",
    red = { "53-compiled: 2,000 clients", "53-compiled: 20,000 sessions", "53-compiled: futures and their clients" } },
  { name = "what LuaJIT compiles holds the first method", file = "src/bound.c", lua = "luajit",
    old = "#define SEVERAL 8", new = "#define SEVERAL 0", red = { "53-compiled: however often it was used: members" } },
  { name = "what LuaJIT compiles holds the first client that waits in Lua", file = "src/lua/oneentry/await.lua", lua = "luajit",
    old = "for _ = 1, 8 do make() end", new = "if not make then make() end",
    red = { "53-compiled: however often it was used: driver", "53-compiled: however often it was used: future" } },
  -- A5
  { name = "an iterator in a task of luv loses its answers", file = "src/lua/oneentry/drivers/luv.lua",
    old = "return is_task ~= false", new = "return true", red = { "51-iterators: driver of luv, a call in an iterator" } },
  { name = "an iterator in a task of copas loses its answers", file = "src/lua/oneentry/drivers/copas.lua", lua = "luajit",
    old = "return is_task ~= false", new = "return true", red = { "51-iterators: driver of copas, a call in an iterator" } },
  { name = "a task that copas has started in a task blocks the others", file = "src/task.c", lua = "luajit",
    old = "return known && strcmp(caller.source, source) == 0 ? YES : NO;", new = "return is_main(resumer) ? YES : NO;",
    red = { "51-iterators: a task that copas has started inside another one" } },
  { name = "a for loop of the main program loses an iterator's answers", file = "src/task.c",
    old = "is_main(resumer) && !is_iterator(resumer)", new = "is_main(resumer)",
    red = { "51-iterators: an iterator of the main program" } },
  { name = "whoever resumes a waiting coroutine of luv is taken for the loop", file = "src/lua/oneentry/drivers/luv.lua",
    old = "repeat coroutine.yield() until readable ~= nil", new = "coroutine.yield()",
    red = { "51-iterators: a coroutine that somebody else resumes" } },
  { name = "the loader of the module is not known before the main thread", file = "src/task.c", lua = "luajit",
    old = "if (is_main || first)", new = "if (is_main)", red = { "51-iterators: first required inside a task" } },
  -- A7
  { name = "guarded globals are asked for what is not declared", file = "src/globals.c",
    old = "        lua_pushstring(L, name);\n        lua_rawget(L, -2);\n", new = "        lua_getfield(L, -1, name);\n",
    red = { "38-globals: any undeclared name raises" } },
  { name = "what is loaded later needs the program's require", file = "src/globals.c",
    old = "    if (!same)\n        lua_pushcclosure(L, require, 1);",
    new = "    if (!same)\n        oe_globals_find(L, \"require\");",
    red = { "38-globals: require is gone", "38-globals: require is replaced" } },
  { name = "the program's require is replaced for good", file = "src/globals.c",
    old = "    lua_insert(L, 3);\n    lua_rawset(L, 2);\n    return status", new = "    lua_insert(L, 3);\n    return status",
    red = { "38-globals: require is replaced" } },
  -- S3, S9
  { name = "a module's lookup takes anything for a table", file = "src/modules.c",
    old = "    luaL_checktype(L, 1, LUA_TTABLE);\n", new = "", red = { "39-values: every function that can be reached" } },
  { name = "a future's metatable can be had", file = "src/handle.c",
    old = "\"__metatable\"", new = "\"__nothing\"", red = { "39-values: finalizer cannot be taken away" } },
  { name = "a client's metatable can be had", file = "src/client.c",
    old = "\"__metatable\"", new = "\"__nothing\"", red = { "39-values: every function that can be reached" } },
  { name = "what C points into can be changed", file = "src/future.c",
    old = "    lua_getfield(L, -1, \"kept\");\n    if (!lua_isnil(L, -1))\n        return 1;\n", new = "    return 1;\n",
    red = { "39-values: kept tables" } },
  { name = "what is kept is anybody's", file = "src/future.c",
    old = "luaL_argcheck(L, is_call || is(L, OE_CLIENT), 1, \"call or client expected\");", new = "",
    red = { "39-values: kept tables" } },
  { name = "a call is finished before it has ended", file = "src/future.c",
    old = "luaL_argcheck(L, call->phase == OE_SETTLED, 1, \"settled call expected\");", new = "",
    red = { "39-values: is not finished before it has ended" } },
}
