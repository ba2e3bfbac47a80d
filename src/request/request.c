/* Makes url, headers and body of a row and its arguments. No I/O.

   Reading arguments can run Lua, and Lua can use, close or drop anything of this client: a finalizer does, wherever Lua
   allocates. So the url and the body are written into buffers of the call, which nobody else sees, and become the
   transfer's when they are whole. The client lends its spare buffers for that, so that a call allocates none. */
#include "request/request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct build {
    lua_State *L;
    const oe_row *row;
    char digits[OE_MAX_ARGS][OE_DIGITS]; /* numbers as text, while the url is written */
    int longest;                         /* the argument that takes the most bytes of the url */
    size_t longest_n;
} build;

/* oe_uri_lookup */
static bool url_value(void *context, const char *name, size_t n, oe_text *value)
{
    build *b = context;
    lua_State *L = b->L;
    int index = oe_argument_find(b->row, name, n);
    if (index == 0 || lua_isnil(L, index) || oe_is_null(L, index))
        return false;
    if (lua_type(L, index) == LUA_TSTRING) {
        value->p = lua_tolstring(L, index, &value->n);
        if (value->n > b->longest_n) {
            b->longest = index;
            b->longest_n = value->n;
        }
        return true;
    }
    if (lua_isboolean(L, index)) {
        *value = lua_toboolean(L, index) ? (oe_text){ "true", 4 } : (oe_text){ "false", 5 };
        return true;
    }
    *value = oe_argument_digits(L, index, b->digits[index - 1]);
    return true;
}

static void check_url(const build *b, size_t n)
{
    char problem[120];
    if (n <= OE_MAX_URL)
        return;
    snprintf(problem, sizeof problem, "too long: a url of %zu bytes, at most %d can be sent", n, OE_MAX_URL);
    oe_argument_error(b->L, b->row, b->longest, problem);
}

/* The url is the argument. */
static void write_foreign(lua_State *L, const oe_row *row, oe_buffer *url)
{
    int index = oe_argument_find(row, "url", 3);
    size_t n;
    const char *text = lua_tolstring(L, index, &n);
    const char *host = strstr(text, "://");
    size_t host_n = host ? strcspn(host + 3, "/?#") : 0;
    if (!host || strlen(text) != n ||
        !((host - text == 4 && strncasecmp(text, "http", 4) == 0) ||
          (host - text == 5 && strncasecmp(text, "https", 5) == 0)))
        oe_argument_error(L, row, index, "a url that begins with http:// or https:// expected");
    if (host_n == 0 || memchr(host + 3, '@', host_n))
        oe_argument_error(L, row, index, "a url with a host and without a user expected");
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == 127)
            oe_argument_error(L, row, index, "a url without blanks and control characters expected");
    if (n > OE_MAX_URL)
        oe_argument_error(L, row, index, "too long");
    oe_buffer_add(url, text, n);
    if (!oe_buffer_byte(url, 0))
        luaL_error(L, "not enough memory");
}

void oe_request_write(lua_State *L, const oe_settings *settings, const oe_row *row, oe_buffer *url, oe_buffer *body,
                      int files, oe_language *language)
{
    build b = { .L = L, .row = row };
    oe_text bad;
    oe_language_choose(L, settings, row, language);
    oe_argument_fill(L, settings, row);
    oe_query_write(L, row);
    if (row->foreign) {
        write_foreign(L, row, url);
        return;
    }
    oe_buffer_add(url, settings->url, settings->url_n);
    const char *problem = oe_uri_expand(url, row->path, url_value, &b, &bad);
    if (problem)
        oe_argument_error(L, row, oe_argument_find(row, bad.p, bad.n), problem);
    check_url(&b, url->n);
    oe_buffer_byte(url, 0);
    oe_body_write(L, row, body, files, language);
    if (url->failed || body->failed)
        luaL_error(L, "not enough memory");
}

static void add_header(oe_buffer *out, const char *text)
{
    oe_buffer_text(out, text);
    oe_buffer_byte(out, 0);
}

void oe_request_push_headers(lua_State *L, int session, enum oe_verb verb, bool with_token)
{
    oe_getuservalue(L, session);
    if (with_token)
        lua_getfield(L, -1, "accessToken");
    else
        lua_pushnil(L);
    if (verb == OE_POST)
        lua_getfield(L, -2, "deviceHeader");
    else
        lua_pushnil(L);
    lua_remove(L, -3);
}

bool oe_request_headers(lua_State *L, const oe_settings *settings, const oe_row *row, oe_buffer *out)
{
    const char *token = lua_tostring(L, -2), *device = lua_tostring(L, -1);
    oe_buffer_reset(out, (size_t)-1);
    if (row->foreign) { /* another server learns nothing */
        lua_pop(L, OE_HEADERS);
        return true;
    }
    add_header(out, row->body.kind == OE_PARTS ? "accept: application/json" : "content-type: application/json");
    if (settings->token_header)
        add_header(out, settings->token_header);
    if (token) {
        oe_buffer_text(out, "authorization: Bearer ");
        add_header(out, token);
    }
    if (device)
        add_header(out, device);
    lua_pop(L, OE_HEADERS);
    return !out->failed;
}
