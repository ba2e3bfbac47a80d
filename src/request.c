/* A row and its arguments become verb, url, headers and body. No I/O.

   Reading arguments can run Lua, and Lua can use, close or drop anything of this client: a finalizer does, wherever Lua
   allocates. So the url and the body are written into buffers of the call, which nobody else sees, and become the
   transfer's when they are whole. The client lends its spare buffers for that, so that a call allocates none. */
#include "oneentry.h"

#include <stdio.h>
#include <string.h>

#define KEEP_BYTES (64 * 1024) /* of the buffers, from one request to the next */

typedef struct build {
    lua_State *L;
    const oe_client *client;
    const oe_row *row;
    char digits[OE_MAX_ARGS][32]; /* numbers as text, while the url is written */
    int longest;                  /* the argument that takes the most bytes of the url */
    size_t longest_n;
} build;

/* oe_uri_lookup */
static bool url_value(void *context, const char *name, size_t n, oe_text *value)
{
    build *b = context;
    lua_State *L = b->L;
    int position = oe_argument_find(b->row, name, n);
    const char *text;
    if (position == 0)
        return false;
    int index = oe_argument_value(L, b->client, b->row, position, false, &text);
    if (index == 0) {
        if (text)
            *value = (oe_text){ text, strlen(text) };
        return text != NULL;
    }
    if (lua_type(L, index) == LUA_TSTRING) {
        value->p = lua_tolstring(L, index, &value->n);
        if (value->n > b->longest_n) {
            b->longest = index;
            b->longest_n = value->n;
        }
        return true;
    }
    char *digits = b->digits[position - 1];
#if OE_HAS_INTEGERS
    if (lua_isinteger(L, index))
        snprintf(digits, sizeof b->digits[0], LUA_INTEGER_FMT, (LUAI_UACINT)lua_tointeger(L, index));
    else
#endif
        snprintf(digits, sizeof b->digits[0], "%.0f", (double)lua_tonumber(L, index));
    *value = (oe_text){ digits, strlen(digits) };
    return true;
}

static void swap(oe_buffer *a, oe_buffer *b)
{
    oe_buffer other = *a;
    *a = *b;
    *b = other;
}

static void check_url(const build *b, size_t n)
{
    char problem[120];
    if (n <= OE_MAX_URL)
        return;
    snprintf(problem, sizeof problem, "too long: a url of %zu bytes, at most %d can be sent", n, OE_MAX_URL);
    oe_argument_error(b->L, b->row, b->longest, problem);
}

void oe_request_write(lua_State *L, oe_call *call)
{
    oe_client *client = call->client;
    const oe_row *row = call->row;
    build b = { .L = L, .client = client, .row = row };
    oe_text bad;
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

/* Has the client lend the buffer to the next call, or frees it. */
static void give_back(oe_buffer *spare, oe_buffer *b)
{
    oe_buffer_reset(b, KEEP_BYTES);
    swap(spare, b);
    oe_buffer_free(b);
}

void oe_request_move(oe_call *call, oe_transfer *t)
{
    t->verb = call->row->verb;
    t->has_body = call->row->body || call->row->fields;
    swap(&t->url, &call->url);
    swap(&t->body, &call->body);
    oe_request_drop(call);
}

void oe_request_drop(oe_call *call)
{
    if (call->client->closed)
        return; /* the call's __gc frees them */
    give_back(&call->client->spare_url, &call->url);
    give_back(&call->client->spare_body, &call->body);
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

bool oe_request_headers(lua_State *L, const oe_client *client, oe_buffer *out)
{
    const char *token = lua_tostring(L, -2), *device = lua_tostring(L, -1);
    oe_buffer_reset(out, (size_t)-1);
    add_header(out, "content-type: application/json");
    if (client->token_header)
        add_header(out, client->token_header);
    if (token) {
        oe_buffer_text(out, "authorization: Bearer ");
        add_header(out, token);
    }
    if (device)
        add_header(out, device);
    lua_pop(L, OE_HEADERS);
    return !out->failed;
}
