/* Transfers over libcurl's multi interface: connections, deadlines, limits. The only file that knows libcurl. */
#include "oneentry.h"

#include <curl/curl.h>
#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_HEADER_BYTES (256 * 1024)
#define MAX_HEADER_LINES 8
#define KEEP_BYTES (64 * 1024) /* of a buffer, from one call to the next */
#define MAX_LENGTH 1e15        /* of a body, before that a double is exact */
#define MAX_BUSY 64            /* transfers that leave time to look at the idle connections */
#define MAX_IDLE 32            /* easy handles kept */

typedef struct wire {
    oe_transfer t; /* first: a transfer is its wire */
    struct wire *next;
    struct oe_engine *engine;
    CURL *easy;
    CURLU *url; /* kept: parsing one anew costs a tenth of a call */
    struct curl_slist lines[MAX_HEADER_LINES];
    char error[CURL_ERROR_SIZE];
    size_t header_bytes;
    int starts; /* how often libcurl began to send the request */
    bool running;
    bool too_large, no_memory, has_retry_after;
    bool head_ended, has_length, malformed; /* of the answer */
    double length;                          /* its content-length, or -1 */
} wire;

struct oe_engine {
    oe_options options;
    CURLM *multi;
    pid_t pid; /* that opened it: a child of fork never touches the parent's handles */
    wire *active, *idle;
    oe_sockets sockets; /* open connections */
    bool suspect;       /* a TLS failure: it may be of cached authorities that were read without memory */
    char ca_path[256];  /* libcurl's own directory when it is hashed, else empty */
};

double oe_engine_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- what libcurl calls: they append bytes and never touch Lua ---------------------------------- */

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    wire *w = context;
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

/* Takes a content-length: digits, and the same each time. */
static bool take_length(wire *w, const char *value, size_t n)
{
    double length = 0;
    while (n > 0 && strchr(" \t\r\n", value[n - 1]))
        n--;
    while (n > 0 && strchr(" \t", *value)) {
        value++;
        n--;
    }
    for (size_t i = 0; i < n; i++) {
        if (value[i] < '0' || value[i] > '9')
            return false;
        length = length * 10 + (value[i] - '0');
    }
    if (n == 0 || length > MAX_LENGTH || (w->length >= 0 && length != w->length))
        return false;
    w->length = length;
    return true;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    wire *w = context;
    size_t n = size * count;
    w->header_bytes += n;
    w->has_retry_after = w->has_retry_after || is_header(bytes, n, "retry-after:");
    w->has_length =
        w->has_length || is_header(bytes, n, "content-length:") || is_header(bytes, n, "transfer-encoding:");
    if (is_header(bytes, n, "http/")) {
        w->head_ended = false; /* another head after an interim one; trailers do not begin so */
        w->length = -1;
        w->malformed = w->malformed || !is_status_line(bytes, n);
    } else if (!w->head_ended && is_header(bytes, n, "content-length:"))
        w->malformed = w->malformed || !take_length(w, bytes + 15, n - 15);
    else if (n <= 2 && (bytes[0] == '\r' || bytes[0] == '\n'))
        w->head_ended = true;
    if (w->header_bytes > MAX_HEADER_BYTES)
        w->too_large = true;
    return w->too_large || w->malformed ? 0 : n;
}

/* The connection is there and the request is about to leave. libcurl does this again by itself when a reused
   connection dies before the first byte of an answer; what may have had an effect must not be repeated. */
static int on_request(void *context, char *ip, char *local_ip, int port, int local_port)
{
    wire *w = context;
    (void)ip, (void)local_ip, (void)port, (void)local_port;
    if (w->starts++ > 0 && w->t.verb != OE_GET)
        return CURL_PREREQFUNC_ABORT;
    w->t.sent = true;
    return CURL_PREREQFUNC_OK;
}

static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    int type = address->socktype;
#ifdef SOCK_CLOEXEC
    type |= SOCK_CLOEXEC | SOCK_NONBLOCK; /* also when libcurl cannot make it so */
#endif
    curl_socket_t s = socket(address->family, type, address->protocol);
    if (s != CURL_SOCKET_BAD && !oe_sockets_add(context, s)) {
        close(s);
        return CURL_SOCKET_BAD;
    }
    return s;
}

static int on_close(void *context, curl_socket_t s)
{
    oe_sockets_remove(context, s);
    return close(s);
}

/* ---- results ------------------------------------------------------------------------------------ */

static enum oe_code code_of(const wire *w, CURLcode result)
{
    if (w->malformed)
        return OE_INVALID_RESPONSE;
    if (w->too_large)
        return OE_TOO_LARGE;
    if (w->no_memory)
        return OE_NO_MEMORY;
    switch (result) {
    case CURLE_OK:
        return OE_OK;
    case CURLE_OUT_OF_MEMORY: /* libcurl also says so of a header line beyond its limit */
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
static bool is_cut(const wire *w)
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

static void finish(wire *w, CURLcode result)
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
        t->status = w->head_ended ? t->status : 0;
    }
    if (t->result == OE_TLS || t->result == OE_NO_MEMORY)
        w->engine->suspect = true;
    set_message(t, t->result == OE_OK ? "" : message);
    t->done = true;
}

static void unlink_from(wire **list, wire *w)
{
    while (*list && *list != w)
        list = &(*list)->next;
    if (*list)
        *list = w->next;
}

static void stop(wire *w)
{
    oe_sigpipe guard = { 0 };
    if (!w->running)
        return;
    if (w->engine->options.tls)
        oe_sigpipe_block(&guard);
    curl_multi_remove_handle(w->engine->multi, w->easy);
    oe_sigpipe_restore(&guard);
    w->running = false;
}

static void reap(oe_engine *e)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(e->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode result = message->data.result;
        char *context = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &context);
        wire *w = (wire *)(void *)context;
        curl_multi_remove_handle(e->multi, w->easy);
        w->running = false;
        finish(w, result);
    }
}

static void fail(oe_transfer *t, enum oe_code code, const char *message)
{
    t->result = code;
    t->status = 0;
    set_message(t, message);
    t->done = true;
}

/* ---- handles ------------------------------------------------------------------------------------ */

static void free_wire(wire *w)
{
    if (w->t.owner)
        *w->t.owner = NULL;
    if (w->easy)
        curl_easy_cleanup(w->easy);
    curl_url_cleanup(w->url);
    oe_buffer_free(&w->t.url);
    oe_buffer_free(&w->t.headers);
    oe_buffer_free(&w->t.body);
    oe_buffer_free(&w->t.reply);
    free(w);
}

static void free_list(wire *list)
{
    while (list) {
        wire *next = list->next;
        stop(list);
        free_wire(list);
        list = next;
    }
}

/* In a child of fork: the handles and sockets are the parent's. Forget them, without a word on the wire. */
static void abandon(oe_engine *e)
{
    for (wire *w = e->active; w; w = w->next) {
        w->running = false;
        if (w->t.owner)
            *w->t.owner = NULL;
    }
    oe_sockets_close(&e->sockets);
    e->multi = NULL;
    e->active = e->idle = NULL;
}

static bool is_own_process(oe_engine *e)
{
    return e->pid == getpid();
}

static bool open_multi(oe_engine *e)
{
    if (e->multi && (!is_own_process(e) || (e->suspect && !e->active)))
        oe_engine_stop(e);
    if (e->multi)
        return true;
    e->suspect = false;
    e->pid = getpid();
    e->multi = curl_multi_init();
    if (!e->multi)
        return false;
    /* libcurl before 8.5 can hand an answer to the wrong request when it multiplexes beside HTTP/1.1. */
    curl_multi_setopt(e->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    if (e->options.max_connections)
        curl_multi_setopt(e->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, e->options.max_connections);
    return true;
}

#define SET(option, value) (ok = ok && curl_easy_setopt(easy, option, value) == CURLE_OK)

static bool set_tls(const oe_engine *e, CURL *easy)
{
    const oe_options *o = &e->options;
    bool ok = true;
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
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
static bool configure(oe_engine *e, wire *w)
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
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_ACCEPT_ENCODING, "gzip");
    SET(CURLOPT_USERAGENT, e->options.user_agent);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_PROXY, e->options.proxy);
    if (e->options.proxy)
        SET(CURLOPT_NOPROXY, "");
#if LIBCURL_VERSION_NUM >= 0x075700
    SET(CURLOPT_QUICK_EXIT, 1L); /* do not wait for the resolver's thread */
#endif
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, w);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, w);
    SET(CURLOPT_PREREQFUNCTION, on_request);
    SET(CURLOPT_PREREQDATA, w);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_OPENSOCKETDATA, &e->sockets);
    SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
    SET(CURLOPT_CLOSESOCKETDATA, &e->sockets);
    return ok && set_tls(e, easy);
}

static void empty_buffers(oe_transfer *t)
{
    oe_buffer_reset(&t->url, KEEP_BYTES);
    oe_buffer_reset(&t->headers, KEEP_BYTES);
    oe_buffer_reset(&t->body, KEEP_BYTES);
    oe_buffer_reset(&t->reply, KEEP_BYTES);
}

oe_transfer *oe_engine_take(oe_engine *e, oe_transfer **owner)
{
    if (!open_multi(e))
        return NULL;
    wire *w = e->idle;
    if (w) {
        e->idle = w->next;
    } else {
        w = calloc(1, sizeof *w);
        if (!w)
            return NULL;
        w->engine = e;
        w->easy = curl_easy_init();
        if (!w->easy || !configure(e, w)) {
            free_wire(w);
            return NULL;
        }
    }
    w->next = e->active;
    e->active = w;
    oe_transfer *t = &w->t;
    t->done = t->sent = false;
    t->result = OE_OK;
    t->status = 0;
    t->owner = owner;
    *owner = t;
    return t;
}

void oe_engine_give(oe_engine *e, oe_transfer *t)
{
    wire *w = (wire *)(void *)t;
    if (!is_own_process(e)) {
        abandon(e);
        return;
    }
    stop(w);
    *t->owner = NULL;
    t->owner = NULL;
    unlink_from(&e->active, w);
    size_t idle = 0;
    for (const wire *i = e->idle; i; i = i->next)
        idle++;
    if (idle >= MAX_IDLE || !e->multi) {
        free_wire(w);
        return;
    }
    empty_buffers(t);
    w->next = e->idle;
    e->idle = w;
}

/* ---- a request on its way ----------------------------------------------------------------------- */

/* Not the sockets of running transfers; when one has none yet it is not known which those are. */
static void shut_stale_sockets(oe_engine *e)
{
    int busy[MAX_BUSY];
    size_t n = 0;
    for (const wire *w = e->active; w; w = w->next) {
        if (!w->running)
            continue;
        curl_socket_t s = CURL_SOCKET_BAD;
        curl_easy_getinfo(w->easy, CURLINFO_ACTIVESOCKET, &s);
        if (s == CURL_SOCKET_BAD || n == MAX_BUSY)
            return;
        busy[n++] = s;
    }
    oe_sockets_shut_stale(&e->sockets, busy, n);
}

/* Lists the header lines; libcurl reads them until the transfer ends. */
static struct curl_slist *header_list(wire *w)
{
    static char no_expect[] = "Expect:"; /* large bodies do not wait for "100 Continue" */
    size_t n = 0;
    w->lines[n++].data = no_expect;
    for (size_t i = 0; i < w->t.headers.n && n < MAX_HEADER_LINES; i += strlen(w->t.headers.p + i) + 1)
        w->lines[n++].data = w->t.headers.p + i;
    for (size_t i = 0; i < n; i++)
        w->lines[i].next = i + 1 < n ? &w->lines[i + 1] : NULL;
    return w->lines;
}

/* The url, as path and query of the one that the handle had before: all are of one project. */
static bool set_url(wire *w)
{
    char *url = w->t.url.p, *path = strchr(strstr(url, "://") + 3, '/');
    if (!w->url) {
        w->url = curl_url();
        return w->url && curl_url_set(w->url, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK &&
               curl_easy_setopt(w->easy, CURLOPT_CURLU, w->url) == CURLE_OK;
    }
    char *query = strchr(path, '?');
    if (query)
        *query = 0;
    bool ok = curl_url_set(w->url, CURLUPART_PATH, path, 0) == CURLUE_OK &&
              curl_url_set(w->url, CURLUPART_QUERY, query ? query + 1 : NULL, 0) == CURLUE_OK;
    if (query)
        *query = '?';
    return ok;
}

static bool prepare(wire *w, double seconds)
{
    CURL *easy = w->easy;
    const oe_transfer *t = &w->t;
    double connect = w->engine->options.connect_timeout;
    bool ok = set_url(w);
    SET(CURLOPT_HTTPHEADER, header_list(w));
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

/* Lets libcurl work on all transfers. */
static void perform(oe_engine *e)
{
    int running;
    oe_sigpipe guard = { 0 };
    if (e->options.tls)
        oe_sigpipe_block(&guard);
    curl_multi_perform(e->multi, &running);
    reap(e);
    oe_sigpipe_restore(&guard);
}

void oe_engine_start(oe_engine *e, oe_transfer *t, double seconds)
{
    wire *w = (wire *)(void *)t;
    if (!is_own_process(e)) { /* forked since it was taken */
        abandon(e);
        return;
    }
    t->done = t->sent = false;
    t->result = OE_OK;
    t->message[0] = 0;
    t->started = oe_engine_now();
    oe_buffer_reset(&t->reply, KEEP_BYTES);
    w->error[0] = 0;
    w->starts = 0;
    w->header_bytes = 0;
    w->too_large = w->no_memory = w->has_retry_after = w->head_ended = w->has_length = w->malformed = false;
    w->length = -1;
    if (seconds <= 0) {
        fail(t, OE_TIMEOUT, "the time for the call was over");
        return;
    }
    shut_stale_sockets(e);
    if (!prepare(w, seconds) || curl_multi_add_handle(e->multi, w->easy) != CURLM_OK) {
        fail(t, OE_NO_MEMORY, "not enough memory");
        return;
    }
    w->running = true;
    perform(e);
}

void oe_engine_wait(oe_engine *e, double seconds)
{
    if (!e->multi || !is_own_process(e))
        return;
    if (seconds > 0) {
        double ms = seconds * 1e3 + 1;
        curl_multi_poll(e->multi, NULL, 0, ms < 1e6 ? (int)ms : 1000000, NULL);
    }
    perform(e);
}

/* ---- life --------------------------------------------------------------------------------------- */

static void global_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* libcurl's default directory of certificates, if it is hashed as OpenSSL wants it: names like 4042bcee.0. */
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

oe_engine *oe_engine_new(const oe_options *options)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, global_init);
    oe_engine *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->options = *options;
    e->pid = getpid();
    find_ca_path(e);
    return e;
}

/* Takes the transfers out of the active list whose answer is there: it stays their owners'. */
static wire *take_finished(oe_engine *e)
{
    wire *finished = NULL;
    for (wire **link = &e->active; *link;) {
        wire *w = *link;
        if (w->t.done && w->t.owner) {
            *link = w->next;
            w->next = finished;
            finished = w;
        } else {
            link = &w->next;
        }
    }
    return finished;
}

void oe_engine_stop(oe_engine *e)
{
    if (!is_own_process(e))
        abandon(e);
    if (!e->multi)
        return;
    oe_sigpipe guard;
    oe_sigpipe_block(&guard);
    wire *finished = take_finished(e);
    free_list(e->active);
    free_list(e->idle);
    curl_multi_cleanup(e->multi);
    oe_sigpipe_restore(&guard);
    e->active = finished;
    e->idle = NULL;
    e->multi = NULL;
}

void oe_engine_free(oe_engine *e)
{
    oe_engine_stop(e);
    free_list(e->active);
    oe_sockets_free(&e->sockets);
    free(e);
}

/* The part's text is there and has a control character once decoded. */
static bool is_odd_part(CURLU *u, CURLUPart part)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(u, part, &text, CURLU_URLDECODE);
    curl_free(text);
    return code == CURLUE_URLDECODE;
}

static bool has_part(CURLU *u, CURLUPart part, CURLUcode absent)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(u, part, &text, 0);
    curl_free(text);
    return code != absent;
}

/* CURLUE_OK when the scheme is one of the words. */
static CURLUcode find_scheme(CURLU *u, const char *schemes)
{
    char *scheme = NULL;
    CURLUcode code = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0);
    if (code == CURLUE_OK && !oe_json_word(schemes, scheme, strlen(scheme)))
        code = CURLUE_UNSUPPORTED_SCHEME;
    curl_free(scheme);
    return code;
}

/* Is it "scheme://host..." to the letter? libcurl also takes other numbers of slashes. */
static bool has_authority(const char *url)
{
    const char *colon = strstr(url, "://");
    size_t n = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    return n > 0 && colon == url + n && colon[3] && !strchr("/?#", colon[3]);
}

static const char *parsed_problem(CURLU *u, const char *url, CURLUcode code)
{
    CURLUcode scheme = code == CURLUE_OK ? find_scheme(u, "http https") : CURLUE_OK;
    if (code == CURLUE_OUT_OF_MEMORY || scheme == CURLUE_OUT_OF_MEMORY)
        return "not enough memory";
    if (code != CURLUE_OK || strpbrk(url, " \t\r\n\\"))
        return "not a valid url";
    if (scheme != CURLUE_OK)
        return "the scheme must be http or https";
    if (has_part(u, CURLUPART_USER, CURLUE_NO_USER) || has_part(u, CURLUPART_PASSWORD, CURLUE_NO_PASSWORD))
        return "a url without user and password expected";
    if (has_part(u, CURLUPART_QUERY, CURLUE_NO_QUERY) || has_part(u, CURLUPART_FRAGMENT, CURLUE_NO_FRAGMENT) ||
        strpbrk(url, "?#"))
        return "a url without query and fragment expected";
    return NULL;
}

const char *oe_engine_check_url(const char *url)
{
    if (!has_authority(url))
        return strstr(url, "://") && strstr(url, "://") != url
                   ? "not a valid url of a host, as in \"https://shop.example\""
                   : "a url with a scheme expected, as in \"https://shop.example\"";
    CURLU *u = curl_url();
    if (!u)
        return "not enough memory";
    const char *problem = parsed_problem(u, url, curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME));
    curl_url_cleanup(u);
    return problem;
}

bool oe_engine_is_proxy(const char *url)
{
    CURLU *u = has_authority(url) ? curl_url() : NULL;
    bool ok = u && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
              find_scheme(u, "http https socks4 socks4a socks5 socks5h") == CURLUE_OK &&
              !is_odd_part(u, CURLUPART_USER) && !is_odd_part(u, CURLUPART_PASSWORD) &&
              !is_odd_part(u, CURLUPART_HOST) && !strpbrk(url, " \t\r\n\\");
    curl_url_cleanup(u);
    return ok;
}
