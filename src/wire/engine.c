/* An engine's life, and its transfers: taken, given back, and known by their tickets. */
#include "wire/wire.h"

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_IDLE 256 /* easy handles kept */

/* Forgets the handles and sockets in a child of fork: they are the parent's. Sends nothing. */
static void abandon(oe_engine *e)
{
    for (oe_wire *w = e->active; w; w = w->next) {
        w->running = w->parked = false;
        oe_wire_disown(w);
    }
    oe_sockets_abandon(&e->watch.sockets);
    oe_watch_close(&e->watch);
    for (int i = 0; i < OE_LANES; i++)
        e->lanes[i] = (oe_lane){ 0 };
    e->active = e->idle = NULL;
    e->parked = 0;
    e->probe = NULL;
    if (e->h2 == OE_H2_PROBING)
        e->h2 = OE_H2_UNKNOWN;
    e->watched = e->rung = e->everyone = false;
    e->waiting = 0;
    e->news = NULL;
    e->idle_n = 0;
    e->pid = getpid();
}

bool oe_engine_own(oe_engine *e)
{
    if (e->pid == getpid())
        return true;
    abandon(e);
    return false;
}

static bool open_lanes(oe_engine *e)
{
    oe_engine_own(e);
    if (e->suspect && !e->active) {
        oe_engine_stop(e);
        e->suspect = false;
    }
    oe_holders_join(e);
    return oe_lane_open(e, OE_LANE_1);
}

/* ---- taking and giving -------------------------------------------------------------------------- */

static void add_active(oe_engine *e, oe_wire *w)
{
    w->previous = NULL;
    w->next = e->active;
    if (w->next)
        w->next->previous = w;
    e->active = w;
}

static void remove_active(oe_engine *e, oe_wire *w)
{
    if (w->previous)
        w->previous->next = w->next;
    else
        e->active = w->next;
    if (w->next)
        w->next->previous = w->previous;
}

oe_transfer *oe_engine_take(oe_engine *e, oe_transfer **owner)
{
    if (!open_lanes(e))
        return NULL;
    oe_wire *w = e->idle;
    if (w) {
        e->idle = w->next;
        e->idle_n--;
    } else {
        w = oe_wire_new(e);
    }
    if (!w)
        return NULL;
    add_active(e, w);
    oe_transfer *t = &w->t;
    t->done = t->sent = false;
    t->result = OE_OK;
    t->status = 0;
    t->ticket = 0;
    t->owner = owner;
    t->owner_sent = NULL;
    *owner = t;
    return t;
}

static void forget_news(oe_engine *e, oe_wire *w)
{
    oe_wire **link = &e->news;
    while (w->is_news && *link != w)
        link = &(*link)->next_news;
    if (w->is_news)
        *link = w->next_news;
    w->is_news = false;
}

void oe_engine_give(oe_engine *e, oe_transfer *t)
{
    oe_wire *w = (oe_wire *)(void *)t;
    if (!e) {
        oe_wire_free(w);
        return;
    }
    if (!oe_engine_own(e))
        return;
    oe_lane_stop(w);
    forget_news(e, w);
    oe_wire_disown(w);
    remove_active(e, w);
    if (t->foreign || e->idle_n >= MAX_IDLE || !e->lanes[OE_LANE_1].multi) {
        oe_wire_free(w);
    } else {
        oe_wire_empty(w);
        w->next = e->idle;
        e->idle = w;
        e->idle_n++;
    }
    oe_engine_arm(e, OE_FAR);
}

static void free_list(oe_wire *list)
{
    while (list) {
        oe_wire *next = list->next;
        oe_lane_stop(list);
        oe_wire_free(list);
        list = next;
    }
}

/* Frees the transfers. One whose answer is there stays its owner's. */
static void free_active(oe_engine *e)
{
    oe_wire *next = e->active;
    e->active = e->news = NULL;
    while (next) {
        oe_wire *w = next;
        next = w->next;
        w->is_news = false;
        if (w->t.done && w->t.owner) {
            add_active(e, w);
        } else {
            oe_lane_stop(w);
            oe_wire_free(w);
        }
    }
    e->news = NULL;
}

void oe_engine_stop(oe_engine *e)
{
    oe_engine_own(e);
    oe_sigpipe guard;
    oe_sigpipe_block(&guard);
    free_active(e);
    free_list(e->idle);
    for (int i = 0; i < OE_LANES; i++) {
        curl_multi_cleanup(e->lanes[i].multi);
        e->lanes[i] = (oe_lane){ 0 };
    }
    oe_sigpipe_restore(&guard);
    e->idle = NULL;
    e->idle_n = 0;
    oe_engine_tell_everyone(e);
}

bool oe_engine_is_idle(const oe_engine *e)
{
    return !e->active && !e->waiting && !oe_engine_has_news(e);
}

void oe_engine_release(oe_engine *e)
{
    oe_engine_stop(e);
    e->everyone = e->watched = false;
    oe_watch_close(&e->watch);
    oe_sockets_free(&e->watch.sockets);
    oe_holders_leave(e);
}

void oe_engine_settle(oe_engine *e)
{
    e->watched = e->watched && (e->waiting || oe_engine_flight(e));
    if (e->closed && !e->watched && e->holds) {
        bool everyone = e->everyone; /* a coroutine that asks later is told */
        oe_engine_release(e);
        e->everyone = everyone;
    }
}

void oe_engine_close(oe_engine *e)
{
    oe_engine_stop(e);
    e->closed = true;
    if (!e->watched)
        oe_engine_settle(e);
}

/* ---- news ---------------------------------------------------------------------------------------- */

size_t oe_engine_flight(const oe_engine *e)
{
    return e->pid == getpid() ? oe_lane_running(e) + e->parked : 0;
}

void oe_engine_tell_everyone(oe_engine *e)
{
    e->everyone = true;
    oe_engine_arm(e, 0);
}

bool oe_engine_has_news(const oe_engine *e)
{
    return e->everyone || e->news;
}

bool oe_engine_next_news(oe_engine *e, unsigned *ticket)
{
    if (e->everyone) {
        e->everyone = false;
        *ticket = OE_EVERYONE;
        return true;
    }
    oe_wire *w = e->news;
    if (!w)
        return false;
    e->news = w->next_news;
    w->is_news = false;
    *ticket = w->t.ticket;
    w->t.ticket = 0;
    return true;
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void global_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* Notes libcurl's default directory of certificates, if it is hashed as OpenSSL wants it: names like 4042bcee.0. */
static void find_ca_path(oe_engine *e)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    if (info->age < CURLVERSION_SEVENTH || !info->capath || strlen(info->capath) >= sizeof e->ca_path)
        return;
    DIR *directory = opendir(info->capath);
    const struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        if (strspn(entry->d_name, "0123456789abcdef") == 8 && strcmp(entry->d_name + 8, ".0") == 0) {
            strcpy(e->ca_path, info->capath);
            break;
        }
    }
    if (directory)
        closedir(directory);
}

/* HTTP/2 is spoken over TLS only, and only where the server's choice can be known before anything is sent. */
static bool may_speak_h2(const oe_options *options)
{
    return options->https && options->max_connections != 1 &&
           (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2) && oe_tls_is_known();
}

oe_engine *oe_engine_new(const oe_options *options, oe_holders *holders)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, global_init);
    oe_engine *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->options = *options;
    e->holders = holders;
    e->pid = getpid();
    e->h2 = may_speak_h2(options) ? OE_H2_UNKNOWN : OE_H2_NO;
    find_ca_path(e);
    return e;
}

void oe_engine_free(oe_engine *e)
{
    oe_engine_stop(e);
    for (oe_wire *w = e->active; w; w = w->next) /* answers that somebody may be reading */
        w->engine = NULL;
    oe_engine_release(e);
    free(e);
}
