/* The life of one request, from start to end: the file to read first.

   A method is start, wait, finish. oe_call_start() writes the request, send() puts it on the wire, oe_call_advance() takes
   the call from one phase to the next whenever there is news, and conclude() reads the answer. The waiting in between is
   exchangeable: it is the loop in call_method() (face/modules.c) or, for futures and event loops, the one in
   lua/oneentry/await.lua. That loop also calls the callbacks: the call stops where it has reports (report.c). */
#include "call/call.h"

static void settle(oe_call *call, enum oe_code failure)
{
    call->phase = OE_SETTLED;
    call->failure = failure;
    if (failure == OE_TIMEOUT && call->waited && call->transfer)
        call->transfer->status = 0; /* of an earlier answer, "still waiting": err does not show it */
}

oe_call *oe_call_write(lua_State *L, int session, const oe_row *row)
{
    double began = oe_clock_now();
    oe_call *call = oe_call_push(L, session, row);
    double seconds = call->client->options.timeout;
    if (row->polls)
        oe_poll_options(L, row, oe_argument_find(row, "options", 7), &seconds, &call->interval);
    call->deadline = began + seconds;
    call->phase = OE_READY;
    oe_parts_split(L, call, lua_gettop(L));
    if (call->outcome == OE_VALUE)
        return call;
    if (!call->client->closed) {
        int index = lua_gettop(L);
        if (row->uploads) {
            lua_newtable(L);
            lua_pushvalue(L, index + 1);
            oe_call_set(L, index, OE_SLOT_FILES);
        }
        oe_call_borrow(call);
        oe_request_write(L, &call->client->settings, row, &call->url, &call->body, row->uploads ? index + 1 : 0,
                         &call->language);
        lua_settop(L, index);
    }
    if (call->client->closed)
        settle(call, OE_CLOSED);
    return call;
}

oe_call *oe_call_start(lua_State *L, int session, const oe_row *row)
{
    oe_call *call = oe_call_write(L, session, row);
    if (call->phase == OE_SETTLED)
        return call;
    if (row->files)
        oe_moving_open(L, call, lua_gettop(L));
    if (row->uploads)
        oe_uploads_begin(L, lua_gettop(L), session);
    if (call->client->closed) {
        oe_sink_drop(call->files.sink);
        call->files.sink = NULL;
        settle(call, OE_CLOSED);
        return call;
    }
    if (!oe_engine_take(call->client->engine, &call->transfer))
        luaL_error(L, "not enough memory");
    call->transfer->owner_sent = &call->sent;
    oe_call_hand_over(call, call->transfer);
    return call;
}

/* After anything that can run Lua. False: a finalizer has cancelled the call, closed the client, or taken the call further. */
static bool is_still(const oe_call *call, unsigned steps)
{
    return call->transfer && call->steps == steps;
}

static void announce(lua_State *L, oe_call *call, int session)
{
    call->attempts++;
    call->phase = OE_ANNOUNCED;
    oe_hooks_report(L, call, session, false);
}

static void send(lua_State *L, oe_call *call, int index, int session)
{
    unsigned steps = call->steps;
    bool effects = (call->row->session & (OE_LOGIN | OE_LOGOUT)) != 0;
    oe_request_push_headers(L, session, call->row->verb, !call->automatic);
    if (!is_still(call, steps) || call->client->closed) { /* closed: the transfer may have an earlier answer still */
        lua_pop(L, OE_HEADERS);
        return;
    }
    if (!oe_request_headers(L, &call->client->settings, call->row, &call->transfer->headers))
        luaL_error(L, "not enough memory");
    if (effects && !call->errand) /* runs no finalizer; a call that raises is not sent later */
        oe_errand_begin(L, index, session);
    call->epoch = call->session->epoch;
    call->user = call->session->user;
    if (effects && !call->order)
        call->order = ++call->session->orders;
    call->phase = OE_SENDING;
    double now = oe_clock_now(), timeout = call->client->options.timeout;
    if (call->automatic) { /* its time begins now: it has waited for callbacks, or for somebody to need it */
        call->deadline = now + timeout;
        call->transfer->ticket = OE_EVERYONE;
    }
    double left = call->deadline - now;
    oe_engine_start(call->client->engine, call->transfer, left < timeout ? left : timeout);
}

static void receive(lua_State *L, oe_call *call, int session)
{
    call->sent = call->sent || call->transfer->sent;
    call->ended = call->transfer->ended;
    call->phase = OE_ANSWERED;
    oe_hooks_report(L, call, session, true);
}

static void pause_for(oe_call *call, double seconds)
{
    call->phase = OE_PAUSED;
    call->resume = oe_clock_now() + seconds;
}

/* The answer came, but says that there is nothing to tell yet. */
static void ask_again(oe_call *call)
{
    double left = call->deadline - oe_clock_now();
    call->retries = 0;
    call->refreshed = false;
    call->waited = true;
    if (call->interval < left) {
        pause_for(call, call->interval);
    } else if (!call->last) { /* one more look, while there is time for its answer */
        call->last = true;
        pause_for(call, left / 2);
    } else {
        settle(call, OE_TIMEOUT);
    }
}

/* Is what came the answer? */
static void decide(oe_call *call)
{
    if (oe_refresh_may_help(call)) {
        call->phase = OE_REFRESHING;
        return;
    }
    if (oe_retry_language(call)) {
        call->phase = OE_READY;
        return;
    }
    double delay = oe_retry_delay(call);
    if (delay < 0) {
        settle(call, OE_OK);
    } else {
        pause_for(call, delay);
        call->retries++;
    }
}

/* After a refresh the request goes out once more, with the new token; without one the 401 is the answer. */
static void refresh(lua_State *L, oe_call *call, int index, int session)
{
    unsigned steps = call->steps;
    enum oe_refresh outcome = oe_refresh_poll(L, index, session);
    if (!is_still(call, steps) || (outcome == OE_REFRESH_WAIT && oe_clock_now() < call->deadline))
        return;
    oe_refresh_leave(L, index);
    if (outcome != OE_REFRESH_DONE) {
        settle(call, outcome == OE_REFRESH_WAIT ? OE_TIMEOUT : OE_OK);
        return;
    }
    oe_refresh_renew_body(L, index, session);
    if (!is_still(call, steps))
        return;
    call->refreshed = true;
    call->phase = OE_READY;
}

/* One step, without waiting. False: nothing to do before something happens on the wire, or time passes. */
static bool step(lua_State *L, oe_call *call, int index, int session)
{
    enum oe_phase before = call->phase;
    bool answering = before == OE_SENDING || before == OE_ANSWERED; /* an answer that is there still counts */
    if (!call->transfer ||
        (call->client->closed && !answering)) { /* a callback has closed it, or this is a child of fork */
        oe_gather_leave(L, index);
        settle(call, OE_CLOSED);
        return true;
    }
    switch (before) {
    case OE_READY:
        announce(L, call, session);
        break;
    case OE_ANNOUNCED:
        send(L, call, index, session);
        return true;
    case OE_SENDING:
        oe_moving_report(L, call, index, session, call->transfer->done);
        if (call->transfer && call->transfer->done && call->phase == before)
            receive(L, call, session);
        break;
    case OE_ANSWERED:
        decide(call);
        break;
    case OE_REFRESHING:
        refresh(L, call, index, session);
        break;
    case OE_PAUSED:
        if (oe_clock_now() >= call->resume)
            call->phase = OE_READY;
        break;
    case OE_GATHERING:
        if (!oe_gather_poll(L, index, session))
            break;
        call->gathered = call->read != OE_NOTHING;
        if (call->gathered)
            settle(call, OE_OK);
        else
            call->phase = OE_READY;
        break;
    case OE_SETTLED:
        break;
    }
    return call->phase != before || !call->transfer;
}

/* Is it the turn of callbacks? An errand does not wait for them. A refresh that is not sent yet waits for those of its asker, unless
   others wait for it, too. */
static bool is_telling(const oe_call *call)
{
    if (call->automatic)
        call = call->urgent ? NULL : call->asker;
    while (call && call->parent)
        call = call->parent;
    return call && !call->errand && (call->reports > 0 || call->telling > 0);
}

/* Takes the call on until it is settled. False: it is not. */
static bool move(lua_State *L, oe_call *call, int index, int session)
{
    while (call->phase != OE_SETTLED) {
        if (!call->errand && is_telling(call))
            return false;
        unsigned steps = ++call->steps;
        if (!step(L, call, index, session) && call->steps == steps)
            return false;
    }
    return true;
}

/* Keeps the result on top of the stack, which it pops, unless the caller has been told that the call is cancelled. */
static void keep(lua_State *L, oe_call *call, int index, enum oe_outcome outcome)
{
    if (call->outcome == OE_NOTHING) {
        oe_call_set(L, index, OE_SLOT_RESULT);
        call->outcome = outcome;
    } else {
        lua_pop(L, 1);
    }
}

/* The session that the method asks for is still waiting. */
static bool is_waiting(lua_State *L, oe_call *call, enum oe_outcome outcome)
{
    if (outcome != OE_VALUE || !call->row->polls || !oe_waiting_is(L))
        return false;
    if (call->transfer)
        ask_again(call);
    else
        settle(call, OE_CLOSED);
    return true;
}

/* Pushes what the call came to. */
static enum oe_outcome read_result(lua_State *L, oe_call *call, int index, int session)
{
    if (call->failure != OE_OK || !call->gathered)
        return oe_outcome_push(L, call, index, session, call->failure);
    oe_call_get(L, index, OE_SLOT_RESULT);
    return call->read;
}

/* Have child calls to follow what was read? */
static bool is_gathering(oe_call *call)
{
    if (!call->gathering || call->failure != OE_OK || call->gathered)
        return false;
    call->phase = OE_GATHERING;
    return true;
}

/* Reads the answer, while the transfer has it. A finalizer that waits for this call meanwhile finds it settled, without a result. */
static void conclude(lua_State *L, oe_call *call, int index, int session)
{
    const enum oe_code failure = call->failure;
    call->concluded = true;
    enum oe_outcome outcome = read_result(L, call, index, session);
    bool cancelled = call->failure != failure; /* by a finalizer */
    if (cancelled || is_waiting(L, call, outcome) || is_gathering(call)) {
        lua_pop(L, 1);
        call->concluded = false;
        return;
    }
    oe_gather_leave(L, index);
    keep(L, call, index, outcome);
    oe_call_release(call);
    if (call->listed)
        oe_errand_end(L, index, session);
    if (call->automatic)
        oe_call_tell_everyone(call);
}

/* News of the transfer would do it, but the transfer has been given back. */
void oe_call_tell_everyone(const oe_call *call)
{
    if (call->client->driven && call->client->engine)
        oe_engine_tell_everyone(call->client->engine);
}

bool oe_call_advance(lua_State *L, oe_call *call, int index, int session)
{
    while (!call->concluded && move(L, call, index, session))
        conclude(L, call, index, session);
    return call->concluded || call->outcome != OE_NOTHING;
}

void oe_call_check_wait(lua_State *L, const oe_call *call)
{
    const oe_call *refresh = call->refresh;
    const oe_gathering *g = call->gathering;
    if (g && g->running)
        luaL_error(L, "a finalizer cannot wait for the call that it interrupts");
    for (int i = 0; g && i < OE_WIDTH; i++)
        if (g->children[i])
            oe_call_check_wait(L, g->children[i]);
    if (refresh && refresh->concluded && refresh->outcome == OE_NOTHING)
        luaL_error(L, "a finalizer cannot wait for the refresh that it interrupts");
}

double oe_call_patience(const oe_call *call)
{
    if (is_telling(call)) /* another coroutine calls the callbacks, and wakes this one then */
        return 1;
    double until = call->phase == OE_PAUSED ? call->resume : call->deadline;
    if (call->progress && call->phase == OE_SENDING && call->look < until)
        until = call->look;
    double left = until - oe_clock_now();
    const oe_gathering *g = call->phase == OE_GATHERING ? call->gathering : NULL;
    for (int i = 0; g && i < OE_WIDTH; i++) {
        double patience = g->children[i] ? oe_call_patience(g->children[i]) : left;
        left = patience < left ? patience : left;
    }
    return left > 0 ? left : 0;
}

/* Cancels an errand that was sent: the caller gets "cancelled", the request goes on. */
static void give_up(lua_State *L, oe_call *call, int index)
{
    oe_call_get(L, index, OE_SLOT_SESSION);
    keep(L, call, index, oe_outcome_push(L, call, index, lua_gettop(L), OE_CANCELLED));
    lua_pop(L, 1);
}

void oe_call_cancel(lua_State *L, int index)
{
    oe_call *call = lua_touserdata(L, index);
    bool polls = call->concluded && call->row->polls; /* what is being read may not be the answer */
    if (call->outcome != OE_NOTHING || (call->phase == OE_SETTLED && !polls))
        return;
    call->sent = call->sent || (call->transfer && call->transfer->sent);
    if (call->errand && call->phase > OE_ANNOUNCED) {
        give_up(L, call, index);
        return;
    }
    settle(call, OE_CANCELLED);
    oe_call_release(call);
    oe_refresh_leave(L, index);
    oe_gather_leave(L, index);
    if (call->reports > 0)
        oe_report_leave(L, index);
}
