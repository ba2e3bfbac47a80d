/* An answer becomes the result of its method: a value, or nil and err. */
#include "call/call.h"

#include <stdio.h>
#include <string.h>

#define MAX_TEXT 4096                /* bytes of an error's body that is not JSON, kept in err.body */
#define MAX_ERROR_BODY (1024 * 1024) /* bytes of one that is read as JSON */

/* The stack while an answer is read. */
enum { CALL = 1, SESSION, KEPT /* the client's table */ };

static void swap(oe_buffer *a, oe_buffer *b)
{
    oe_buffer other = *a;
    *a = *b;
    *b = other;
}

/* Takes the transfer's reply into the call, until give_back: a finalizer may give the transfer away while it is read. False:
   one has done so already. */
static bool take_reply(lua_State *L, oe_call *call)
{
    if (!call->transfer)
        return false;
    swap(&call->body, &call->transfer->reply);
    if (!oe_buffer_byte(&call->body, 0))
        luaL_error(L, "not enough memory");
    call->body.n--;
    return true;
}

static void give_back(oe_call *call)
{
    if (call->transfer && call->body.room <= OE_KEEP_BYTES)
        swap(&call->body, &call->transfer->reply);
    else
        oe_buffer_free(&call->body);
}

/* Reads the reply that the call has taken. An empty one is an empty table. */
static enum oe_read read_reply(lua_State *L, const oe_call *call, const oe_shaping *how)
{
    if (call->body.n > 0)
        return oe_shape_read(L, call->body.p, call->body.n, how);
    lua_newtable(L);
    return OE_READ;
}

/* Has errors.customErrors[status](err) called, for the error at `err`, if the caller gets it. */
static void report(lua_State *L, oe_call *call, int err)
{
    if (call->automatic || call->outcome != OE_NOTHING ||
        (call->may_be_gone && call->transfer && call->transfer->status == 404))
        return;
    lua_getfield(L, KEPT, "customErrors");
    lua_getfield(L, err, "statusCode");
    if (lua_istable(L, -2) && !lua_isnil(L, -1)) {
        lua_rawget(L, -2);
        lua_pushvalue(L, err);
        if (lua_isfunction(L, -2))
            oe_report_add(L, SESSION, call, "errors.customErrors");
    }
    lua_settop(L, err);
}

/* The error is on top of the stack. */
static enum oe_outcome fail(lua_State *L, oe_call *call)
{
    report(L, call, lua_gettop(L));
    return OE_ERR;
}

/* Pushes what err.body is: the reply's value, or the beginning of its text. */
static void push_error_body(lua_State *L, oe_call *call)
{
    char beginning[MAX_TEXT];
    size_t n = call->transfer->reply.n, shown = n < MAX_TEXT ? n : MAX_TEXT;
    oe_shaping how = { .nulls = call->client->settings.nulls, .max_values = call->client->options.max_values };
    memcpy(beginning, call->transfer->reply.p, shown);
    enum oe_read read = OE_READ_NOT_JSON;
    if (n <= MAX_ERROR_BODY && take_reply(L, call)) {
        read = read_reply(L, call, &how);
        give_back(call);
    }
    if (read != OE_READ)
        lua_pushlstring(L, beginning, shown);
}

/* Lists the languages of the call, then the client's. Both keep theirs alive. */
static void list_languages(const oe_call *call, oe_text into[OE_READ_LANGS])
{
    const oe_text client = { call->client->settings.langs, call->client->settings.langs_n }, own = call->language.langs;
    const bool same = own.p && own.n == client.n && memcmp(own.p, client.p, own.n) == 0;
    int n = 0;
    for (oe_text lang = { 0 }; own.p && n < OE_MAX_LANGS && (lang = oe_langs_next(own, lang)).p;)
        into[n++] = lang;
    for (oe_text lang = { 0 }; !same && n < OE_READ_LANGS - 1 && (lang = oe_langs_next(client, lang)).p;)
        into[n++] = lang;
    into[n] = (oe_text){ NULL, 0 };
}

static enum oe_outcome push_broken(lua_State *L, oe_call *call, enum oe_code code, const char *message)
{
    oe_failure f;
    oe_error_note(L, call, code, &f);
    oe_buffer *text = oe_held_push(L);
    oe_buffer_text(text, message ? message : f.message);
    oe_error_push(L, call, &f, text, 0, 0);
    oe_buffer_free(text);
    return fail(L, call);
}

static enum oe_outcome push_closed(lua_State *L, oe_call *call)
{
    return push_broken(L, call, OE_CLOSED,
                       call->client->closed ? "the client is closed" : "the process was forked during the call");
}

static enum oe_outcome push_http_error(lua_State *L, oe_call *call)
{
    oe_text langs[OE_READ_LANGS];
    int body = 0;
    oe_failure f;
    oe_error_note(L, call, OE_HTTP, &f);
    oe_buffer *text = oe_held_push(L);
    if (!call->transfer)
        return push_closed(L, call);
    if (call->transfer->reply.n > 0) {
        push_error_body(L, call);
        body = lua_gettop(L);
    }
    list_languages(call, langs);
    long more = oe_message_read(L, body, langs, text);
    if (text->n == 0) {
        char status[64];
        snprintf(status, sizeof status, "HTTP %ld%s", f.status, f.status < 400 ? ": redirects are not followed" : "");
        oe_buffer_text(text, status);
    }
    oe_error_push(L, call, &f, text, more, body);
    oe_buffer_free(text);
    return fail(L, call);
}

static enum oe_outcome push_invalid(lua_State *L, oe_call *call)
{
    int issues = lua_gettop(L);
    oe_failure f;
    oe_error_note(L, call, OE_VALIDATION, &f);
    oe_buffer *text = oe_held_push(L);
    oe_validate_push_message(L, issues);
    oe_buffer_add(text, lua_tostring(L, -1), lua_rawlen(L, -1));
    oe_error_push(L, call, &f, text, 0, 0);
    oe_buffer_free(text);
    lua_pushvalue(L, issues);
    lua_setfield(L, -2, "validationErrors");
    return fail(L, call);
}

static enum oe_outcome push_unread(lua_State *L, oe_call *call, enum oe_read read)
{
    static const struct {
        enum oe_code code;
        const char *message;
    } problems[] = {
        [OE_READ_NOT_JSON] = { OE_INVALID_RESPONSE, "the answer is not JSON" },
        [OE_READ_TOO_MANY] = { OE_TOO_LARGE, "the answer holds more values than config.maxValues" },
        [OE_READ_ALIKE] = { OE_TOO_LARGE, "the answer holds too many long texts that are alike" },
        [OE_READ_INFINITE] = { OE_INVALID_RESPONSE, "the answer holds a number that is too large" },
        [OE_READ_EQUAL_NAMES] = { OE_INVALID_RESPONSE,
                                  "the answer holds names that are no UTF-8, and equal without that" },
    };
    return push_broken(L, call, problems[read].code, problems[read].message);
}

/* Has the row's checks look at the reply as it was sent. False: the list of issues is on top of the stack. */
static bool check(lua_State *L, const oe_call *call, oe_reply *reply, enum oe_read *read)
{
    const oe_shaping sent = { .nulls = true, .types = true, .max_values = call->client->options.max_values };
    bool good = true;
    for (const oe_step *const *step = call->row->reply; *read == OE_READ && good && step && *step; step++) {
        if (!(*step)->check || !reply->settings->validate)
            continue;
        *read = read_reply(L, call, &sent);
        reply->value = lua_gettop(L);
        good = *read != OE_READ || (*step)->check(L, reply);
        if (good)
            lua_settop(L, reply->value - (*read == OE_READ));
    }
    return good;
}

/* The step that makes the value of a reply that is a file; NULL: the reply is JSON. */
static const oe_step *file_step(const oe_row *row)
{
    return row->reply && row->reply[0]->push ? row->reply[0] : NULL;
}

static enum oe_outcome push_file(lua_State *L, oe_call *call, const oe_step *step)
{
    const char *problem = NULL;
    if (!take_reply(L, call))
        return push_closed(L, call);
    oe_moving_push(L, call, CALL, step, &problem);
    give_back(call);
    return problem ? push_broken(L, call, OE_LOCAL, problem) : OE_VALUE;
}

static enum oe_outcome push_value(lua_State *L, oe_call *call)
{
    const oe_client *client = call->client;
    oe_reply reply = { .row = call->row, .settings = &client->settings };
    oe_shaping how = { .nulls = client->settings.nulls, .max_values = client->options.max_values };
    const oe_step *const *steps = call->row->reply;
    enum oe_read read = OE_READ;
    if (!take_reply(L, call))
        return push_closed(L, call);
    for (const oe_step *const *step = steps; step && *step; step++) {
        how.images = how.images || (*step)->images;
        how.normalizes = how.normalizes || ((*step)->normalizes && !client->raw);
    }
    if (how.normalizes)
        list_languages(call, how.langs);
    bool good = check(L, call, &reply, &read);
    if (good && read == OE_READ)
        read = read_reply(L, call, &how);
    give_back(call);
    if (!good)
        return push_invalid(L, call);
    if (read != OE_READ)
        return push_unread(L, call, read);
    reply.value = lua_gettop(L);
    for (const oe_step *const *step = steps; step && *step; step++)
        if ((*step)->take)
            (*step)->take(L, &reply);
    const char *problem = oe_session_settle(L, CALL, SESSION, reply.value);
    if (problem)
        return push_broken(L, call, OE_INVALID_RESPONSE, problem);
    lua_settop(L, reply.value);
    oe_follow_begin(L, CALL, reply.value);
    return OE_VALUE;
}

static enum oe_outcome push_outcome(lua_State *L, oe_call *call, enum oe_code failure)
{
    const oe_transfer *t = call->transfer;
    if (failure == OE_CANCELLED)
        return push_broken(L, call, OE_CANCELLED, "the call was cancelled");
    if (failure == OE_CLOSED || !t)
        return push_closed(L, call);
    if (failure == OE_TIMEOUT)
        return push_broken(L, call, OE_TIMEOUT,
                           call->waited ? "the session is still waiting" : "the time for the call was over");
    if (failure == OE_INVALID_RESPONSE)
        return push_broken(L, call, failure, "the answer to an upload names no file");
    if (t->result == OE_NO_MEMORY)
        luaL_error(L, "not enough memory");
    if (t->status >= 300) /* the status wins over what happened to the body */
        return push_http_error(L, call);
    if (t->result != OE_OK)
        return push_broken(L, call, t->result, NULL);
    const oe_step *file = file_step(call->row);
    return file ? push_file(L, call, file) : push_value(L, call);
}

/* (call, session, failure) -> the result; call->read says what it is. A finalizer may read another for the call before. */
static int read_answer(lua_State *L)
{
    oe_call *call = lua_touserdata(L, CALL);
    const enum oe_code failure = (enum oe_code)lua_tointeger(L, KEPT);
    lua_settop(L, SESSION);
    luaL_checkstack(L, 40, "not enough memory for the answer");
    oe_session_push_client_table(L, SESSION);
    enum oe_outcome outcome = push_outcome(L, call, failure);
    call->read = outcome;
    return 1;
}

enum oe_outcome oe_outcome_push(lua_State *L, oe_call *call, int index, int session, enum oe_code failure)
{
    lua_pushcfunction(L, read_answer);
    lua_pushvalue(L, index);
    lua_pushvalue(L, session);
    lua_pushinteger(L, failure);
    return lua_pcall(L, 3, 1, 0) == 0 ? call->read : OE_RAISED;
}

int oe_outcome_return(lua_State *L, const oe_call *call, int index)
{
    if (call->outcome == OE_NOTHING) /* a finalizer asks while the answer is read */
        return luaL_error(L, "a call's own callback cannot wait for it");
    if (call->outcome == OE_ERR && call->client->shell)
        lua_pushnil(L);
    oe_call_get(L, index, OE_SLOT_RESULT);
    if (call->outcome == OE_VALUE)
        return 1;
    return call->outcome == OE_ERR && call->client->shell ? 2 : lua_error(L);
}

int oe_outcome_take(lua_State *L, const oe_call *call, int index)
{
    int n = oe_outcome_return(L, call, index);
    lua_pushnil(L);
    oe_call_set(L, index, OE_SLOT_RESULT);
    return n;
}
