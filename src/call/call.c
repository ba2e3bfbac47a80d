/* The life of one request, from start to end: the file to read first.

   A method is start, wait, finish. oe_call_start() checks the arguments and writes the request, send() puts it on the
   wire, oe_call_advance() takes the call from one phase to the next whenever its transfer has news, and
   oe_outcome_push() makes the result. Only the waiting in between is exchangeable: it is the loop in oe_modules_call() (face/modules.c),
   or, for futures and event loops, the one in lua/oneentry/await.lua. */
#include "call/call.h"

static void settle(oe_call *call, enum oe_code failure)
{
    call->phase = OE_SETTLED;
    call->failure = failure;
    if (failure == OE_TIMEOUT && call->waited)
        call->transfer->status = 0; /* of an answer that was not the one waited for */
}

oe_call *oe_call_write(lua_State *L, int session, const oe_row *row)
{
    double began = oe_clock_now();
    oe_call *call = oe_call_push(L, session, row);
    double seconds = call->client->options.timeout;
    if (row->does & OE_POLL)
        oe_poll_options(L, row, oe_argument_find(row, "options", 7), &seconds, &call->interval);
    call->deadline = began + seconds;
    call->phase = OE_READY;
    if (!call->client->closed) {
        oe_call_borrow(call);
        oe_request_write(L, &call->client->settings, row, &call->url, &call->body);
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
    if (!oe_engine_take(call->client->engine, &call->transfer))
        luaL_error(L, "not enough memory");
    call->transfer->owner_sent = &call->sent;
    oe_call_hand_over(call, call->transfer);
    return call;
}

/* After anything that can run Lua. False: that has cancelled the call, closed the client, or taken the call further. */
static bool is_still(const oe_call *call, unsigned steps)
{
    return call->transfer && call->steps == steps;
}

/* False: the hook has closed the client, or taken the call further by itself. */
static bool tell(lua_State *L, oe_call *call, int session, const oe_transfer *answer)
{
    const oe_hook_event event = oe_hooks_event(call->row->verb, call->row->path, call->attempts, answer);
    unsigned steps = call->steps;
    oe_hooks_run(L, call->client, session, &event);
    return is_still(call, steps);
}

static void send(lua_State *L, oe_call *call, int session)
{
    unsigned steps = call->steps;
    call->attempts++;
    if (!tell(L, call, session, NULL))
        return;
    oe_request_push_headers(L, session, call->row->verb, true);
    if (!is_still(call, steps) || call->client->closed) { /* closed: the transfer may have an earlier answer still */
        lua_pop(L, OE_HEADERS);
        return;
    }
    if (!oe_request_headers(L, &call->client->settings, &call->transfer->headers))
        luaL_error(L, "not enough memory");
    call->epoch = call->session->epoch;
    call->phase = OE_SENDING;
    double left = call->deadline - oe_clock_now(), timeout = call->client->options.timeout;
    oe_engine_start(call->client->engine, call->transfer, left < timeout ? left : timeout);
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

/* The transfer is done: is that the answer? */
static void decide(lua_State *L, oe_call *call, int session)
{
    unsigned steps = call->steps;
    call->sent = call->sent || call->transfer->sent;
    if (!tell(L, call, session, call->transfer))
        return;
    if (oe_refresh_may_help(call)) {
        call->phase = OE_REFRESHING;
        call->asked = false;
        return;
    }
    bool waiting = oe_poll_still(L, call, session);
    if (!is_still(call, steps))
        return;
    if (waiting) {
        ask_again(call);
        return;
    }
    double delay = oe_retry_delay(call);
    if (delay < 0) {
        settle(call, OE_OK);
        return;
    }
    pause_for(call, delay);
    call->retries++;
}

/* After a refresh the request goes out once more, with the new token; without one the 401 is the answer. */
static void refresh(lua_State *L, oe_call *call, int session)
{
    unsigned steps = call->steps;
    enum oe_refresh outcome = oe_refresh_poll(L, call, session);
    if (outcome == OE_REFRESH_WAIT && oe_clock_now() < call->deadline)
        return;
    if (!is_still(call, steps))
        return;
    if (outcome != OE_REFRESH_DONE) {
        settle(call, outcome == OE_REFRESH_WAIT ? OE_TIMEOUT : OE_OK);
        return;
    }
    oe_refresh_renew_body(L, call, session);
    if (!is_still(call, steps))
        return;
    call->refreshed = true;
    call->phase = OE_READY;
}

/* One step, without waiting. False: nothing to do before something happens on the wire, or time passes. */
static bool step(lua_State *L, oe_call *call, int session)
{
    bool closed = call->client->closed && call->phase != OE_SENDING; /* an answer that is there still counts */
    if (!call->transfer || closed) {                                 /* by a callback, or this is a child of fork */
        settle(call, OE_CLOSED);
        return true;
    }
    enum oe_phase before = call->phase;
    switch (before) {
    case OE_READY:
        send(L, call, session);
        return true;
    case OE_SENDING:
        if (call->transfer->done)
            decide(L, call, session);
        break;
    case OE_REFRESHING:
        refresh(L, call, session);
        break;
    case OE_PAUSED:
        if (oe_clock_now() >= call->resume)
            call->phase = OE_READY;
        break;
    case OE_SETTLED:
        break;
    }
    return call->phase != before || !call->transfer;
}

bool oe_call_advance(lua_State *L, oe_call *call, int session)
{
    while (call->phase != OE_SETTLED) {
        unsigned steps = ++call->steps;
        if (!step(L, call, session) && call->steps == steps)
            return false;
    }
    return true;
}

double oe_call_patience(const oe_call *call)
{
    double left = (call->phase == OE_PAUSED ? call->resume : call->deadline) - oe_clock_now();
    return left > 0 ? left : 0;
}

void oe_call_cancel(oe_call *call)
{
    if (call->phase == OE_SETTLED)
        return;
    call->sent = call->sent || (call->transfer && call->transfer->sent);
    settle(call, OE_CANCELLED);
    oe_call_release(call);
}
