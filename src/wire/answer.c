/* Takes an answer from libcurl piece by piece, and decides its outcome. Never touches Lua. */
#include "wire/wire.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define MAX_HEADER_BYTES (256 * 1024)
#define MAX_LENGTH 1e15 /* of a body; doubles are exact up to here */
#define TOO_LARGE 100   /* CURLE_TOO_LARGE, of libcurl 8.6 */

/* Is the answer whose body comes a success? Others go into memory. */
static bool is_success(oe_wire *w)
{
    if (!w->head_status)
        curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &w->head_status);
    return w->head_status >= 200 && w->head_status < 300;
}

static size_t write_file(oe_wire *w, const char *bytes, size_t n)
{
    if (!oe_sink_write(w->t.sink, w->t.moved, bytes, n)) {
        w->file_problem = strerror(errno);
        return 0;
    }
    w->t.moved += (long long)n;
    return n;
}

size_t oe_answer_on_body(char *bytes, size_t size, size_t count, void *context)
{
    oe_wire *w = context;
    size_t n = size * count;
    if (w->t.sink && is_success(w))
        return write_file(w, bytes, n);
    if (n > w->engine->options.max_response - w->t.reply.n) {
        w->too_large = true;
        return 0;
    }
    if (!oe_buffer_add(&w->t.reply, bytes, n)) {
        w->no_memory = true;
        return 0;
    }
    if (w->t.raw && is_success(w))
        w->t.moved += (long long)n;
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

/* Returns the value of a header line, without the blanks around it. Name and colon have `name` bytes. */
static oe_text value_of(const char *line, size_t n, size_t name)
{
    while (n > name && strchr(" \t\r\n", line[n - 1]))
        n--;
    while (n > name && strchr(" \t", line[name]))
        name++;
    return (oe_text){ line + name, n - name };
}

/* Takes a content-length. False: it is not all digits, or differs from an earlier one. */
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

/* Takes a transfer-encoding. False: an encoding that nobody asked for. libcurl 8.0 to 8.6 would pass on the encoded body. */
static bool take_encoding(oe_wire *w, oe_text value)
{
    bool chunked = value.n == 7 && strncasecmp(value.p, "chunked", 7) == 0;
    w->has_length = w->has_length || chunked;
    return chunked || (value.n == 8 && strncasecmp(value.p, "identity", 8) == 0);
}

/* The length of a file is known now, unless its server does not tell it. */
static void end_head(oe_wire *w)
{
    w->head_ended = true;
    if (w->t.raw)
        w->t.total = w->length >= 0 ? (long long)w->length : -1;
}

size_t oe_answer_on_header(char *bytes, size_t size, size_t count, void *context)
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
        end_head(w);
    if (w->header_bytes > MAX_HEADER_BYTES)
        w->too_large = true;
    return w->too_large || w->malformed ? 0 : n;
}

static enum oe_code code_of(const oe_wire *w, CURLcode result)
{
    if (w->malformed)
        return OE_INVALID_RESPONSE;
    if (w->file_problem)
        return OE_LOCAL;
    if (w->refused && result == CURLE_COULDNT_CONNECT)
        return OE_CONNECT;
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

/* Was the answer cut, though libcurl takes it for a whole one? Its head never ended; or nothing tells its length, and it is
   empty or may be a number without its last digits. */
static bool is_cut(const oe_wire *w)
{
    const oe_buffer *reply = &w->t.reply;
    if (!w->head_ended)
        return true;
    if (w->t.status == 204)
        return false;
    if (w->has_length) /* a compressed body can end before it has begun */
        return w->length > 0 && reply->n == 0 && w->t.moved == 0;
    if (w->t.raw) /* any bytes are a file's, and no bytes, too */
        return false;
    return reply->n == 0 || (reply->p[reply->n - 1] >= '0' && reply->p[reply->n - 1] <= '9');
}

/* Has nobody answered for the host? Its name may lead to another address by now. */
static bool is_lost(const oe_transfer *t)
{
    return !t->status &&
           (t->result == OE_CONNECT || t->result == OE_TLS || t->result == OE_NETWORK || t->result == OE_TIMEOUT);
}

/* Notes the media type of the answer. */
static void note_type(oe_wire *w)
{
    const char *type = NULL;
    curl_easy_getinfo(w->easy, CURLINFO_CONTENT_TYPE, &type);
    size_t n = type ? strcspn(type, "\r\n") : 0;
    if (n >= sizeof w->t.type)
        n = 0;
    memcpy(w->t.type, type ? type : "", n);
    w->t.type[n] = 0;
}

void oe_answer_finish(oe_wire *w, CURLcode result)
{
    oe_transfer *t = &w->t;
    t->result = code_of(w, result);
    t->final = w->refused != NULL;
    t->status = 0;
    t->retry_after = 0;
    if (w->header_bytes) /* libcurl's figures can be of an earlier request */
        curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &t->status);
    if (t->status < 200) /* interim */
        t->status = 0;
    if (t->raw)
        note_type(w);
    curl_off_t retry_after = 0;
    if (w->has_retry_after && curl_easy_getinfo(w->easy, CURLINFO_RETRY_AFTER, &retry_after) == CURLE_OK)
        t->retry_after = (double)retry_after;
    const char *message = w->error[0] ? w->error : curl_easy_strerror(result);
    if (w->malformed)
        message = "the answer is not HTTP/1.1";
    else if (w->file_problem)
        message = w->file_problem;
    else if (w->refused && result == CURLE_COULDNT_CONNECT)
        message = w->refused;
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

void oe_answer_fail(oe_wire *w, enum oe_code code, const char *message)
{
    w->t.result = code;
    w->t.status = 0;
    set_message(&w->t, message);
    w->t.ended = oe_clock_now();
    w->t.done = true;
}
