/* A request on its way: tells the handle what to send, and decides when it may leave. answer.c takes the answer. */
#include "wire/wire.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DNS_SECONDS 60L /* the address of a name is kept; libcurl's own default */
#define CA_SECONDS 60L  /* a file of authorities is kept; by default libcurl keeps it for a day */

/* False: on lane 2 the server chose HTTP/1.1, which must not be spoken there. */
static bool is_on_its_lane(oe_wire *w)
{
    w->tls = w->engine->options.tls ? oe_tls_of(w->easy) : NULL;
    return w->lane == OE_LANE_1 || (w->tls && oe_tls_chose_h2(w->tls));
}

/* Has the kept connection that is about to be used died, or said something since its last answer? libcurl would take that
   for the answer to this request. */
static bool is_stale(const oe_wire *w, int local_port)
{
    const oe_sockets *sockets = &w->engine->watch.sockets;
    long connects = 1;
    curl_easy_getinfo(w->easy, CURLINFO_NUM_CONNECTS, &connects);
    if (connects > 0 || w->lane != OE_LANE_1)
        return false;
    bool stale = w->tls && oe_tls_has_unread(w->tls);
    for (size_t i = 0; i < sockets->n && !stale; i++) {
        oe_socket *s = &sockets->list[i];
        stale = s->connection && s->lane == OE_LANE_1 && oe_sockets_port(s) == local_port && oe_sockets_has_news(s);
    }
    return stale;
}

/* libcurl calls this when the connection is there and the request is about to leave; and once more when a reused connection
   dies before the first byte of an answer. A request that may have had an effect must not be repeated then. */
static int on_request(void *context, char *ip, char *local_ip, int port, int local_port)
{
    oe_wire *w = context;
    (void)ip, (void)local_ip, (void)port;
    if (!is_on_its_lane(w)) {
        w->astray = w->starts == 0;
        return CURL_PREREQFUNC_ABORT;
    }
    w->stale = (w->starts == 0 || w->t.reads) && is_stale(w, local_port);
    if (w->stale)
        return CURL_PREREQFUNC_ABORT;
    if (w->lane == OE_LANE_2)
        w->engine->h2 = OE_H2_YES;
    if (w->starts++ > 0 && !w->t.reads)
        return CURL_PREREQFUNC_ABORT;
    w->t.sent = true;
    w->engine->lanes[w->lane].doubtful = false;
    return CURL_PREREQFUNC_OK;
}

#define SET(option, value) (ok = ok && curl_easy_setopt(easy, option, value) == CURLE_OK)

static bool set_tls(const oe_engine *e, CURL *easy)
{
    const oe_options *o = &e->options;
    bool ok = true;
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L); /* libcurl does not survive running out of memory in it */
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    /* A bundle and a directory together cost tens of milliseconds at every new connection: name one of them. */
    if (o->ca_file || o->ca_path) {
        SET(CURLOPT_CAINFO, o->ca_file);
        SET(CURLOPT_CAPATH, o->ca_path);
    } else if (e->ca_path[0]) {
        SET(CURLOPT_CAINFO, NULL);
        SET(CURLOPT_CAPATH, e->ca_path);
    } else {
        (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* not every TLS library has it */
    }
    SET(CURLOPT_SSLCERT, o->cert_file);
    SET(CURLOPT_SSLKEY, o->key_file);
    SET(CURLOPT_KEYPASSWD, o->key_password);
    return ok;
}

/* Sets the options that are the same for every request. */
static bool configure(const oe_engine *e, oe_wire *w)
{
    CURL *easy = w->easy;
    bool ok = true;
    SET(CURLOPT_PRIVATE, (char *)w);
    SET(CURLOPT_ERRORBUFFER, w->error);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PATH_AS_IS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_ACCEPT_ENCODING, "gzip");
    SET(CURLOPT_USERAGENT, e->options.user_agent);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_PROXY, e->options.proxy);
    if (e->options.proxy)
        SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_MAXLIFETIME_CONN, (long)ceil(e->options.max_age));
#if LIBCURL_VERSION_NUM >= 0x075700
    SET(CURLOPT_CA_CACHE_TIMEOUT, CA_SECONDS);
    SET(CURLOPT_QUICK_EXIT, 1L); /* do not wait for the resolver's thread */
#endif
    SET(CURLOPT_WRITEFUNCTION, oe_answer_on_body);
    SET(CURLOPT_WRITEDATA, w);
    SET(CURLOPT_HEADERFUNCTION, oe_answer_on_header);
    SET(CURLOPT_HEADERDATA, w);
    SET(CURLOPT_PREREQFUNCTION, on_request);
    SET(CURLOPT_PREREQDATA, w);
    SET(CURLOPT_OPENSOCKETFUNCTION, oe_watch_on_open);
    SET(CURLOPT_OPENSOCKETDATA, &e->watch);
    SET(CURLOPT_CLOSESOCKETFUNCTION, oe_watch_on_close);
    SET(CURLOPT_CLOSESOCKETDATA, &e->watch);
    return ok && set_tls(e, easy);
}

oe_wire *oe_wire_new(oe_engine *e)
{
    oe_wire *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->engine = e;
    w->easy = curl_easy_init();
    if (w->easy && configure(e, w))
        return w;
    oe_wire_free(w);
    return NULL;
}

void oe_wire_disown(oe_wire *w)
{
    if (w->t.owner)
        *w->t.owner = NULL;
    if (w->t.owner_sent && w->t.sent)
        *w->t.owner_sent = true;
    w->t.owner = NULL;
    w->t.owner_sent = NULL;
}

static void free_files(oe_transfer *t)
{
    oe_upload_free(t->upload);
    oe_sink_drop(t->sink);
    t->upload = NULL;
    t->sink = NULL;
}

void oe_wire_free(oe_wire *w)
{
    oe_wire_disown(w);
    if (w->easy)
        curl_easy_cleanup(w->easy);
    curl_mime_free(w->mime);
    curl_url_cleanup(w->url);
    free_files(&w->t);
    oe_buffer_free(&w->t.url);
    oe_buffer_free(&w->t.headers);
    oe_buffer_free(&w->t.body);
    oe_buffer_free(&w->t.reply);
    free(w);
}

void oe_wire_empty(oe_wire *w)
{
    if (w->mime)
        (void)curl_easy_setopt(w->easy, CURLOPT_MIMEPOST, NULL);
    curl_mime_free(w->mime);
    w->mime = NULL;
    free_files(&w->t);
    oe_buffer_reset(&w->t.url, OE_KEEP_BYTES);
    oe_buffer_reset(&w->t.headers, OE_KEEP_BYTES);
    oe_buffer_reset(&w->t.body, OE_KEEP_BYTES);
    oe_buffer_reset(&w->t.reply, OE_KEEP_BYTES);
}

/* ---- a request ---------------------------------------------------------------------------------- */

void oe_wire_reset(oe_wire *w)
{
    oe_transfer *t = &w->t;
    t->done = t->sent = false;
    t->result = OE_OK;
    t->message[0] = 0;
    t->started = oe_clock_now();
    oe_buffer_reset(&t->reply, OE_KEEP_BYTES);
    w->error[0] = 0;
    w->starts = 0;
    w->header_bytes = 0;
    w->too_large = w->no_memory = w->has_retry_after = w->head_ended = w->has_length = w->malformed = false;
    w->astray = w->stale = false;
    w->tls = NULL;
    w->length = -1;
    w->file_problem = w->refused = NULL;
    w->head_status = 0;
    t->moved = 0;
    t->total = -1;
    t->type[0] = 0;
}

/* Lists the header lines; libcurl reads them until the transfer ends. False: there are too many. */
static bool list_headers(oe_wire *w)
{
    static char no_expect[] = "Expect:"; /* large bodies do not wait for "100 Continue" */
    struct curl_slist *last = w->lines;
    last->data = no_expect;
    for (size_t i = 0; i < w->t.headers.n; i += strlen(w->t.headers.p + i) + 1) {
        if (last == &w->lines[OE_HEADER_LINES])
            return false;
        last->next = last + 1;
        last++;
        last->data = w->t.headers.p + i;
    }
    last->next = NULL;
    return true;
}

/* Sets the url. All are of one project: after the first, only path and query change. */
static bool set_url(oe_wire *w)
{
    char *url = w->t.url.p, *path = strchr(strstr(url, "://") + 3, '/');
    if (!w->url) {
        w->url = curl_url();
        if (w->url && curl_url_set(w->url, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK &&
            curl_easy_setopt(w->easy, CURLOPT_CURLU, w->url) == CURLE_OK)
            return true;
        curl_url_cleanup(w->url); /* without memory: no part of it is there for the next request */
        w->url = NULL;
        return false;
    }
    char *query = strchr(url, '?');
    if (query)
        *query = 0;
    bool ok = curl_url_set(w->url, CURLUPART_PATH, path, 0) == CURLUE_OK &&
              curl_url_set(w->url, CURLUPART_QUERY, query ? query + 1 : NULL, 0) == CURLUE_OK;
    if (query)
        *query = '?';
    return ok;
}

bool oe_wire_prepare(oe_wire *w, double seconds)
{
    CURL *easy = w->easy;
    const oe_transfer *t = &w->t;
    double connect = w->engine->options.connect_timeout;
    bool ok = (t->foreign ? oe_foreign_prepare(w) : set_url(w)) && list_headers(w);
    bool h2 = w->lane == OE_LANE_2;
    SET(CURLOPT_HTTPHEADER, w->lines);
    SET(CURLOPT_HTTP_VERSION, h2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_PIPEWAIT, h2 ? 1L : 0L);
    SET(CURLOPT_DNS_CACHE_TIMEOUT, w->engine->lanes[w->lane].doubtful ? 0L : DNS_SECONDS);
    SET(CURLOPT_TIMEOUT_MS, (long)(seconds * 1e3) + 1);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)((connect < seconds ? connect : seconds) * 1e3) + 1);
    SET(CURLOPT_HTTPGET, 1L);
    if (t->raw != w->plain) /* a file's length is known beforehand */
        SET(CURLOPT_ACCEPT_ENCODING, t->raw ? "identity" : "gzip");
    w->plain = ok && t->raw;
    if (t->upload)
        ok = ok && oe_upload_prepare(w);
    else if (t->has_body || t->verb == OE_POST) {
        SET(CURLOPT_POSTFIELDS, t->body.n ? t->body.p : "");
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.n);
    }
    SET(CURLOPT_CUSTOMREQUEST, t->verb == OE_PUT ? "PUT" : t->verb == OE_DELETE ? "DELETE" : NULL);
    return ok;
}
