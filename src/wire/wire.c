/* One request on its way: what its handle is told, what libcurl calls meanwhile, and how it ended. */
#include "wire/wire.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_HEADER_BYTES (256 * 1024)
#define KEEP_BYTES (64 * 1024) /* of a buffer, from one call to the next */
#define MAX_LENGTH 1e15        /* of a body, before that a double is exact */
#define DNS_SECONDS 60L        /* the address of a name is kept; libcurl's own default */
#define CA_SECONDS 60L         /* a file of authorities is kept; by default libcurl keeps it for a day */
#define TOO_LARGE 100          /* CURLE_TOO_LARGE, of libcurl 8.6 */

/* ---- what libcurl calls: they append bytes and never touch Lua ---------------------------------- */

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    oe_wire *w = context;
    size_t n = size * count;
    if (n > w->engine->options.max_response - w->t.reply.n) {
        w->too_large = true;
        return 0;
    }
    if (!oe_buffer_add(&w->t.reply, bytes, n)) {
        w->no_memory = true;
        return 0;
    }
    return n;
}

static bool is_header(const char *line, size_t n, const char *name)
{
    size_t length = strlen(name);
    return n >= length && strncasecmp(line, name, length) == 0;
}

/* "HTTP/1.1 200 ...", and no switch to another protocol: none is ever asked for. */
static bool is_status_line(const char *line, size_t n)
{
    if (n > 7 && memcmp(line, "HTTP/2 ", 7) == 0)
        return true;
    return n > 12 && memcmp(line, "HTTP/1.", 7) == 0 && (line[7] == '0' || line[7] == '1') && line[8] == ' ' &&
           strspn(line + 9, "0123456789") == 3 && memcmp(line + 9, "101", 3) != 0;
}

/* The value of a header line whose name and colon have `name` bytes, without the blanks around it. */
static oe_text value_of(const char *line, size_t n, size_t name)
{
    while (n > name && strchr(" \t\r\n", line[n - 1]))
        n--;
    while (n > name && strchr(" \t", line[name]))
        name++;
    return (oe_text){ line + name, n - name };
}

/* Takes a content-length: digits, and the same each time. */
static bool take_length(oe_wire *w, oe_text value)
{
    double length = 0;
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] < '0' || value.p[i] > '9')
            return false;
        length = length * 10 + (value.p[i] - '0');
    }
    if (value.n == 0 || length > MAX_LENGTH || (w->length >= 0 && length != w->length))
        return false;
    w->length = length;
    w->has_length = true;
    return true;
}

/* Takes a transfer-encoding: none was asked for, and libcurl from 8.0 to 8.6 takes a body that it does not decode. */
static bool take_encoding(oe_wire *w, oe_text value)
{
    bool chunked = value.n == 7 && strncasecmp(value.p, "chunked", 7) == 0;
    w->has_length = w->has_length || chunked;
    return chunked || (value.n == 8 && strncasecmp(value.p, "identity", 8) == 0);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    oe_wire *w = context;
    size_t n = size * count;
    w->header_bytes += n;
    w->has_retry_after = w->has_retry_after || is_header(bytes, n, "retry-after:");
    if (is_header(bytes, n, "http/")) {
        w->head_ended = false; /* another head after an interim one; trailers do not begin so */
        w->length = -1;
        w->malformed = w->malformed || !is_status_line(bytes, n);
    } else if (!w->head_ended && is_header(bytes, n, "content-length:"))
        w->malformed = w->malformed || !take_length(w, value_of(bytes, n, 15));
    else if (!w->head_ended && is_header(bytes, n, "transfer-encoding:"))
        w->malformed = w->malformed || !take_encoding(w, value_of(bytes, n, 18));
    else if (n <= 2 && (bytes[0] == '\r' || bytes[0] == '\n'))
        w->head_ended = true;
    if (w->header_bytes > MAX_HEADER_BYTES)
        w->too_large = true;
    return w->too_large || w->malformed ? 0 : n;
}

/* False: on lane 2 the server chose HTTP/1.1, which must not be spoken there. */
static bool is_on_its_lane(oe_wire *w)
{
    w->tls = w->engine->options.tls ? oe_tls_of(w->easy) : NULL;
    return w->lane == OE_LANE_1 || (w->tls && oe_tls_chose_h2(w->tls));
}

/* Has the kept connection that is about to be used died, or said something since its last answer? It would be taken for
   the answer to this request. */
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

/* The connection is there and the request is about to leave. libcurl does this again by itself when a reused
   connection dies before the first byte of an answer; what may have had an effect must not be repeated. */
static int on_request(void *context, char *ip, char *local_ip, int port, int local_port)
{
    oe_wire *w = context;
    (void)ip, (void)local_ip, (void)port;
    if (!is_on_its_lane(w)) {
        w->astray = w->starts == 0;
        return CURL_PREREQFUNC_ABORT;
    }
    w->stale = (w->starts == 0 || w->t.verb == OE_GET) && is_stale(w, local_port);
    if (w->stale)
        return CURL_PREREQFUNC_ABORT;
    if (w->lane == OE_LANE_2)
        w->engine->h2 = OE_H2_YES;
    if (w->starts++ > 0 && w->t.verb != OE_GET)
        return CURL_PREREQFUNC_ABORT;
    w->t.sent = true;
    w->engine->lanes[w->lane].doubtful = false;
    return CURL_PREREQFUNC_OK;
}

/* ---- results ------------------------------------------------------------------------------------ */

static enum oe_code code_of(const oe_wire *w, CURLcode result)
{
    if (w->malformed)
        return OE_INVALID_RESPONSE;
    if (w->too_large)
        return OE_TOO_LARGE;
    if (w->no_memory)
        return OE_NO_MEMORY;
    if ((int)result == TOO_LARGE)
        return OE_TOO_LARGE;
    switch (result) {
    case CURLE_OK:
        return OE_OK;
    case CURLE_OUT_OF_MEMORY: /* libcurl before 8.6 also says so of a header line beyond its limit */
        return w->starts > 0 && !w->head_ended ? OE_TOO_LARGE : OE_NO_MEMORY;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return OE_DNS;
    case CURLE_COULDNT_CONNECT:
        return OE_CONNECT;
    case CURLE_OPERATION_TIMEDOUT:
        return OE_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CLIENTCERT:
        return OE_TLS;
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return OE_INVALID_RESPONSE;
    default:
        return OE_NETWORK;
    }
}

static void set_message(oe_transfer *t, const char *message)
{
    size_t n = strlen(message);
    if (n >= sizeof t->message)
        n = sizeof t->message - 1;
    memcpy(t->message, message, n);
    t->message[n] = 0;
}

/* What libcurl takes for a whole answer: a head that never ended; or, with nothing to tell how long it is, one that is
   empty or may be a number without its last digits. */
static bool is_cut(const oe_wire *w)
{
    const oe_buffer *reply = &w->t.reply;
    if (!w->head_ended)
        return true;
    if (w->t.status == 204)
        return false;
    if (w->has_length) /* a compressed body can end before it has begun */
        return w->length > 0 && reply->n == 0;
    return reply->n == 0 || (reply->p[reply->n - 1] >= '0' && reply->p[reply->n - 1] <= '9');
}

/* Is nobody there who speaks for the host? Its name may lead to another address by now. */
static bool is_lost(const oe_transfer *t)
{
    return !t->status &&
           (t->result == OE_CONNECT || t->result == OE_TLS || t->result == OE_NETWORK || t->result == OE_TIMEOUT);
}

void oe_wire_finish(oe_wire *w, CURLcode result)
{
    oe_transfer *t = &w->t;
    t->result = code_of(w, result);
    t->status = 0;
    t->retry_after = 0;
    if (w->header_bytes) /* libcurl's figures can be of an earlier request */
        curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &t->status);
    if (t->status < 200) /* interim */
        t->status = 0;
    curl_off_t retry_after = 0;
    if (w->has_retry_after && curl_easy_getinfo(w->easy, CURLINFO_RETRY_AFTER, &retry_after) == CURLE_OK)
        t->retry_after = (double)retry_after;
    const char *message = w->error[0] ? w->error : curl_easy_strerror(result);
    if (w->malformed)
        message = "the answer is not HTTP/1.1";
    else if (t->result == OE_TOO_LARGE && !w->too_large)
        message = "a header line of the answer is too large";
    else if (w->too_large)
        message =
            w->header_bytes > MAX_HEADER_BYTES ? "the headers of the answer are too large" : "the answer is too large";
    else if (result == CURLE_ABORTED_BY_CALLBACK)
        message = "the connection was closed before an answer came";
    else if (strstr(message, "proxy syntax") ||
             strstr(message, "proxy scheme")) /* repeats the url, password included */
        message = "the proxy's url cannot be used";
    if (t->result == OE_OK && is_cut(w)) {
        t->result = OE_NETWORK;
        message = "the answer was cut";
    }
    if (t->result == OE_NETWORK && !w->head_ended)
        t->status = 0;
    if (t->result == OE_TLS || t->result == OE_NO_MEMORY)
        w->engine->suspect = true;
    if (is_lost(t))
        for (int i = 0; i < OE_LANES; i++)
            w->engine->lanes[i].doubtful = true;
    set_message(t, t->result == OE_OK ? "" : message);
    t->ended = oe_clock_now();
    t->done = true;
}

void oe_wire_fail(oe_wire *w, enum oe_code code, const char *message)
{
    w->t.result = code;
    w->t.status = 0;
    set_message(&w->t, message);
    w->t.ended = oe_clock_now();
    w->t.done = true;
}

/* ---- handles ------------------------------------------------------------------------------------ */

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

/* What is the same for every request. */
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
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, w);
    SET(CURLOPT_HEADERFUNCTION, on_header);
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

void oe_wire_free(oe_wire *w)
{
    oe_wire_disown(w);
    if (w->easy)
        curl_easy_cleanup(w->easy);
    curl_url_cleanup(w->url);
    oe_buffer_free(&w->t.url);
    oe_buffer_free(&w->t.headers);
    oe_buffer_free(&w->t.body);
    oe_buffer_free(&w->t.reply);
    free(w);
}

void oe_wire_empty(oe_wire *w)
{
    oe_buffer_reset(&w->t.url, KEEP_BYTES);
    oe_buffer_reset(&w->t.headers, KEEP_BYTES);
    oe_buffer_reset(&w->t.body, KEEP_BYTES);
    oe_buffer_reset(&w->t.reply, KEEP_BYTES);
}

/* ---- a request ---------------------------------------------------------------------------------- */

void oe_wire_reset(oe_wire *w)
{
    oe_transfer *t = &w->t;
    t->done = t->sent = false;
    t->result = OE_OK;
    t->message[0] = 0;
    t->started = oe_clock_now();
    oe_buffer_reset(&t->reply, KEEP_BYTES);
    w->error[0] = 0;
    w->starts = 0;
    w->header_bytes = 0;
    w->too_large = w->no_memory = w->has_retry_after = w->head_ended = w->has_length = w->malformed = false;
    w->astray = w->stale = false;
    w->tls = NULL;
    w->length = -1;
}

/* Lists the header lines; libcurl reads them until the transfer ends. */
static struct curl_slist *header_list(oe_wire *w)
{
    static char no_expect[] = "Expect:"; /* large bodies do not wait for "100 Continue" */
    size_t n = 0;
    w->lines[n++].data = no_expect;
    for (size_t i = 0; i < w->t.headers.n && n < OE_MAX_HEADER_LINES; i += strlen(w->t.headers.p + i) + 1)
        w->lines[n++].data = w->t.headers.p + i;
    for (size_t i = 0; i < n; i++)
        w->lines[i].next = i + 1 < n ? &w->lines[i + 1] : NULL;
    return w->lines;
}

/* The url, as path and query of the one that the handle had before: all are of one project. */
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
    bool ok = set_url(w);
    bool h2 = w->lane == OE_LANE_2;
    SET(CURLOPT_HTTPHEADER, header_list(w));
    SET(CURLOPT_HTTP_VERSION, h2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_PIPEWAIT, h2 ? 1L : 0L);
    SET(CURLOPT_DNS_CACHE_TIMEOUT, w->engine->lanes[w->lane].doubtful ? 0L : DNS_SECONDS);
    SET(CURLOPT_TIMEOUT_MS, (long)(seconds * 1e3) + 1);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)((connect < seconds ? connect : seconds) * 1e3) + 1);
    SET(CURLOPT_HTTPGET, 1L);
    if (t->has_body || t->verb == OE_POST) {
        SET(CURLOPT_POSTFIELDS, t->body.n ? t->body.p : "");
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.n);
    }
    SET(CURLOPT_CUSTOMREQUEST, t->verb == OE_PUT ? "PUT" : t->verb == OE_DELETE ? "DELETE" : NULL);
    return ok;
}
