/* A row and its arguments become verb, url, headers and body. No I/O. */
#include "oneentry.h"

#include <stdio.h>
#include <string.h>

#define KEEP_BYTES (64 * 1024) /* of the buffers, from one request to the next */

typedef struct build {
    lua_State *L;
    const oe_client *client;
    const oe_row *row;
    char digits[OE_MAX_ARGS][32]; /* numbers as text, while the url is written */
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

void oe_request_write(lua_State *L, oe_client *client, const oe_row *row)
{
    build b = { .L = L, .client = client, .row = row };
    oe_text bad;
    oe_buffer *url = &client->written_url, *body = &client->written_body;
    oe_buffer_reset(url, KEEP_BYTES);
    oe_buffer_reset(body, KEEP_BYTES);
    oe_buffer_add(url, client->url, client->url_n);
    const char *problem = oe_uri_expand(url, row->path, url_value, &b, &bad);
    if (problem)
        oe_argument_error(L, row, oe_argument_find(row, bad.p, bad.n), problem);
    oe_buffer_byte(url, 0);
    oe_body_write(L, client, row, body);
    if (url->failed || body->failed)
        luaL_error(L, "not enough memory");
}

static void swap(oe_buffer *a, oe_buffer *b)
{
    oe_buffer other = *a;
    *a = *b;
    *b = other;
}

void oe_request_move(oe_client *client, const oe_row *row, oe_transfer *t)
{
    t->verb = row->verb;
    t->has_body = row->body || row->fields;
    swap(&t->url, &client->written_url);
    swap(&t->body, &client->written_body);
}

static void add_header(oe_buffer *out, const char *text)
{
    oe_buffer_text(out, text);
    oe_buffer_byte(out, 0);
}

bool oe_request_headers(lua_State *L, const oe_client *client, int session, enum oe_verb verb, bool with_token,
                        oe_transfer *t)
{
    oe_buffer_reset(&t->headers, (size_t)-1);
    add_header(&t->headers, "content-type: application/json");
    if (client->token_header)
        add_header(&t->headers, client->token_header);
    oe_getuservalue(L, session);
    lua_getfield(L, -1, "accessToken");
    if (with_token && lua_isstring(L, -1)) {
        oe_buffer_text(&t->headers, "authorization: Bearer ");
        add_header(&t->headers, lua_tostring(L, -1));
    }
    lua_pop(L, 1);
    if (verb == OE_POST) {
        lua_getfield(L, -1, "deviceHeader");
        add_header(&t->headers, lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return !t->headers.failed;
}
