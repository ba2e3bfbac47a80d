/* The floor: the least that these requests cost with libcurl and lua-cjson. One easy handle, kept, with header lines and
   bodies made beforehand, and lua-cjson's decode called from C. No errors told, no sessions, nothing checked but the status.
   A module, so that it runs in the same Lua as the one it is compared with. */
#include <curl/curl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REQUESTS 8

typedef struct request {
    const char *url, *body; /* body: NULL for GET */
    size_t body_n;
    struct curl_slist *headers;
} request;

typedef struct reply {
    char *p;
    size_t n, room;
} reply;

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    reply *r = context;
    size_t n = size * count;
    if (r->n + n > r->room) {
        r->room = (r->n + n) * 2;
        char *p = realloc(r->p, r->room);
        if (!p)
            return 0;
        r->p = p;
    }
    memcpy(r->p + r->n, bytes, n);
    r->n += n;
    return n;
}

/* The recorded request at the top of the stack (record.lua); its strings stay where they are, the url on the stack. */
static request read_request(lua_State *L, int base)
{
    request r = { 0 };
    int at = lua_gettop(L);
    lua_pushvalue(L, base);
    lua_getfield(L, at, "path");
    lua_concat(L, 2);
    r.url = lua_tostring(L, -1);
    lua_getfield(L, at, "body");
    if (!lua_isnil(L, -1))
        r.body = lua_tolstring(L, -1, &r.body_n);
    lua_pop(L, 1);
    lua_getfield(L, at, "headers");
    for (int i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
        r.headers = curl_slist_append(r.headers, lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
    return r;
}

static void perform(lua_State *L, CURL *easy, const request *r, reply *in, int decode)
{
    long status = 0;
    in->n = 0;
    curl_easy_setopt(easy, CURLOPT_URL, r->url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, r->headers);
    if (r->body) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r->body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)r->body_n);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    CURLcode result = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK || status >= 300)
        luaL_error(L, "%s: status %d, %s", r->url, (int)status, curl_easy_strerror(result));
    lua_pushvalue(L, decode);
    lua_pushlstring(L, in->p, in->n);
    lua_call(L, 1, 1);
    lua_pop(L, 1);
}

/* floor(requests, base url, user agent, n): sends the list of requests n times. */
static int run(lua_State *L)
{
    request requests[MAX_REQUESTS];
    reply in = { 0 };
    int count = (int)lua_rawlen(L, 1);
    lua_Integer n = luaL_checkinteger(L, 4);
    CURL *easy = curl_easy_init();
    luaL_argcheck(L, easy && count <= MAX_REQUESTS, 1, "too many requests");
    luaL_checkstack(L, 2 * MAX_REQUESTS, NULL);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, luaL_checkstring(L, 3));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &in);
    for (int i = 0; i < count; i++) {
        lua_rawgeti(L, 1, i + 1);
        requests[i] = read_request(L, 2);
    }
    lua_getglobal(L, "require");
    lua_pushliteral(L, "cjson");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "decode");
    int decode = lua_gettop(L);
    for (lua_Integer k = 0; k < n; k++)
        for (int i = 0; i < count; i++)
            perform(L, easy, &requests[i], &in, decode);
    curl_easy_cleanup(easy);
    for (int i = 0; i < count; i++)
        curl_slist_free_all(requests[i].headers);
    free(in.p);
    return 0;
}

int luaopen_floor(lua_State *L);
int luaopen_floor(lua_State *L)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    lua_pushcfunction(L, run);
    return 1;
}
