/* Two multi handles: chooses one for each request, parks requests that have to wait, begins and ends them. */
#include "wire/wire.h"

#define MAX_CONNECTIONS 256 /* idle ones kept, unless the client is allowed fewer */

static int on_timer(CURLM *multi, long ms, void *context)
{
    (void)multi;
    oe_lane *lane = context;
    lane->due = ms < 0 ? 0 : oe_clock_now() + (double)ms / 1e3;
    return 0;
}

/* Returns how many connections the lane may have, 0: any number. One connection of HTTP/2 carries many requests. */
static long connections(const oe_engine *e, int number)
{
    long most = e->options.max_connections;
    if (!most || e->h2 == OE_H2_NO)
        return most;
    return number == OE_LANE_2 ? 1 : most - 1;
}

#define SET_MULTI(option, value) (ok = ok && curl_multi_setopt(lane->multi, option, value) == CURLM_OK)

bool oe_lane_open(oe_engine *e, int number)
{
    oe_lane *lane = &e->lanes[number];
    long most = connections(e, number);
    if (lane->multi)
        return true;
    lane->engine = e;
    lane->number = number;
    lane->multi = curl_multi_init();
    if (!lane->multi)
        return false;
    bool ok = true;
    SET_MULTI(CURLMOPT_PIPELINING, number == OE_LANE_2 ? (long)CURLPIPE_MULTIPLEX : (long)CURLPIPE_NOTHING);
    SET_MULTI(CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
    SET_MULTI(CURLMOPT_MAXCONNECTS, most ? most : (long)MAX_CONNECTIONS);
    SET_MULTI(CURLMOPT_SOCKETFUNCTION, oe_watch_on_socket);
    SET_MULTI(CURLMOPT_SOCKETDATA, lane);
    SET_MULTI(CURLMOPT_TIMERFUNCTION, on_timer);
    SET_MULTI(CURLMOPT_TIMERDATA, lane);
    return ok;
}

/* ---- requests that wait ------------------------------------------------------------------------- */

static void park(oe_engine *e, oe_wire *w, int number)
{
    oe_lane *lane = &e->lanes[number];
    w->lane = number;
    w->parked = true;
    e->parked++;
    w->next_parked = NULL;
    w->previous_parked = lane->last_parked;
    if (lane->last_parked)
        lane->last_parked->next_parked = w;
    else
        lane->first_parked = w;
    lane->last_parked = w;
}

static void unpark(oe_engine *e, oe_wire *w)
{
    oe_lane *lane = &e->lanes[w->lane];
    w->parked = false;
    e->parked--;
    if (w->previous_parked)
        w->previous_parked->next_parked = w->next_parked;
    else
        lane->first_parked = w->next_parked;
    if (w->next_parked)
        w->next_parked->previous_parked = w->previous_parked;
    else
        lane->last_parked = w->previous_parked;
}

/* Is a connection of lane 1 free, or allowed? */
static bool has_room(const oe_engine *e)
{
    long most = connections(e, OE_LANE_1);
    return !most || e->lanes[OE_LANE_1].running < (size_t)most;
}

size_t oe_lane_running(const oe_engine *e)
{
    return e->lanes[OE_LANE_1].running + e->lanes[OE_LANE_2].running;
}

bool oe_lane_may_release(const oe_engine *e)
{
    return (e->lanes[OE_LANE_2].first_parked && e->h2 != OE_H2_PROBING) ||
           (e->lanes[OE_LANE_1].first_parked && has_room(e));
}

/* ---- beginning and ending ------------------------------------------------------------------------ */

void oe_lane_ended(oe_engine *e, oe_wire *w)
{
    if (w->t.ticket && !w->is_news) {
        w->is_news = true;
        w->next_news = e->news;
        e->news = w;
    }
    if (e->probe == w) {
        e->probe = NULL;
        if (e->h2 == OE_H2_PROBING)
            e->h2 = OE_H2_UNKNOWN;
    }
}

void oe_lane_fail(oe_engine *e, oe_wire *w, enum oe_code code, const char *message)
{
    oe_answer_fail(w, code, message);
    oe_lane_ended(e, w);
}

static void launch(oe_engine *e, oe_wire *w, int lane)
{
    double now = oe_clock_now(), seconds = w->deadline - now;
    w->lane = lane;
    w->connect_deadline = now + e->options.connect_timeout;
    if (seconds <= 0) {
        oe_lane_fail(e, w, OE_TIMEOUT, "the time for the call was over");
        return;
    }
    if (!oe_lane_open(e, lane) || !oe_wire_prepare(w, seconds) ||
        curl_multi_add_handle(e->lanes[lane].multi, w->easy) != CURLM_OK) {
        oe_lane_fail(e, w, OE_NO_MEMORY, "not enough memory");
        return;
    }
    w->running = true;
    e->lanes[lane].running++;
    oe_engine_expect(e, w->connect_deadline);
}

/* Sends the request over lane 1, as soon as it has room. libcurl would wait, too; but 8.14 counts that as connecting. */
static void launch_or_park(oe_engine *e, oe_wire *w)
{
    if (has_room(e))
        launch(e, w, OE_LANE_1);
    else
        park(e, w, OE_LANE_1);
}

void oe_lane_stop(oe_wire *w)
{
    oe_engine *e = w->engine;
    oe_sigpipe guard = { 0 };
    if (w->parked)
        unpark(e, w);
    if (w->running) {
        if (e->options.tls)
            oe_sigpipe_block(&guard);
        curl_multi_remove_handle(e->lanes[w->lane].multi, w->easy);
        oe_sigpipe_restore(&guard);
        w->running = false;
        e->lanes[w->lane].running--;
    }
    if (e->probe == w)
        oe_lane_ended(e, w);
}

/* One call after another is cheaper in HTTP/1.1. Several reads at once share a connection of HTTP/2, once the server has been
   seen to choose it: the first of them finds out, and the others wait for that. A request that must not be sent twice stays
   with HTTP/1.1: when a server ends a connection of HTTP/2 (after so many requests, say), libcurl does not tell the requests
   that the server has not looked at from the others. */
void oe_lane_route(oe_engine *e, oe_wire *w)
{
    bool together = oe_lane_running(e) + e->parked > 0;
    if (!together || e->h2 == OE_H2_NO || !w->t.reads || w->t.foreign) {
        launch_or_park(e, w);
    } else if (e->h2 == OE_H2_PROBING) {
        park(e, w, OE_LANE_2);
    } else {
        if (e->h2 == OE_H2_UNKNOWN) {
            e->h2 = OE_H2_PROBING;
            e->probe = w;
        }
        launch(e, w, OE_LANE_2);
    }
}

/* libcurl tells only now which socket the request used; it may never have asked to watch that. */
static void note_socket(oe_engine *e, const oe_wire *w)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    curl_easy_getinfo(w->easy, CURLINFO_ACTIVESOCKET, &fd);
    oe_socket *s = oe_sockets_find(&e->watch.sockets, fd);
    if (s && !s->wanted)
        oe_watch_idle(&e->watch, s);
}

/* Sends the request again. Nothing was sent, or only a read that libcurl was about to repeat. */
static void start_over(oe_engine *e, oe_wire *w)
{
    double started = w->t.started;
    bool sent = w->t.sent;
    oe_wire_reset(w);
    w->t.started = started;
    w->t.sent = sent;
    launch_or_park(e, w);
}

void oe_lane_reap(oe_engine *e, oe_lane *lane)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(lane->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode result = message->data.result;
        char *context = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &context);
        oe_wire *w = (oe_wire *)(void *)context;
        note_socket(e, w);
        curl_multi_remove_handle(lane->multi, w->easy);
        w->running = false;
        lane->running--;
        if (w->stale || (result != CURLE_OK && !w->t.sent && oe_holders_relieve(e))) {
            start_over(e, w);
        } else if (w->astray) { /* from now on all go where HTTP/1.1 is spoken */
            e->h2 = OE_H2_NO;
            curl_multi_setopt(e->lanes[OE_LANE_1].multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, e->options.max_connections);
            start_over(e, w);
        } else {
            oe_answer_finish(w, result);
            oe_lane_ended(e, w);
        }
    }
}

void oe_lane_release(oe_engine *e)
{
    while (oe_lane_may_release(e)) {
        const oe_lane *two = &e->lanes[OE_LANE_2];
        bool heard = two->first_parked && e->h2 != OE_H2_PROBING;
        oe_wire *w = heard ? two->first_parked : e->lanes[OE_LANE_1].first_parked;
        unpark(e, w);
        if (heard && e->h2 != OE_H2_YES)
            launch_or_park(e, w);
        else
            launch(e, w, heard ? OE_LANE_2 : OE_LANE_1);
    }
}

/* Drops the handle. libcurl, or its callback for sockets, has run out of memory between two transfers: libcurl would divide
   by zero if the handle were used on. */
static void drop(oe_engine *e, oe_lane *lane)
{
    for (oe_wire *w = e->active; w; w = w->next) {
        if (!w->running || w->lane != lane->number)
            continue;
        oe_lane_stop(w);
        w->no_memory = true;
        oe_answer_finish(w, CURLE_OUT_OF_MEMORY);
        oe_lane_ended(e, w);
    }
    curl_multi_cleanup(lane->multi);
    lane->multi = NULL;
    lane->due = 0;
}

void oe_lane_act(oe_engine *e, oe_lane *lane, curl_socket_t fd, int events)
{
    int running;
    if (lane->multi && curl_multi_socket_action(lane->multi, fd, events, &running) != CURLM_OK)
        drop(e, lane);
}
