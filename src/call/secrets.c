/* The secrets of a request, which no message may repeat: tokens, and what its url and body hold under a secret name. Read from
   the bytes that were sent. No Lua in it. */
#include "call/call.h"

#include <stdlib.h>
#include <string.h>

#define MIN_TOKEN 8  /* bytes: what is shorter than any real token could be part of any word */
#define MIN_SECRET 4 /* so could this, but some passwords are as short */
#define MIN_WORD 3   /* as a word of its own; what is shorter is not looked for */
#define MIN_BODY 16

/* Appends a record: its header, then the bytes. */
static void add(oe_buffer *into, const char *secret, size_t n, size_t anywhere)
{
    oe_secret head = { .n = n, .whole_word = n < anywhere };
    if (n < MIN_WORD)
        return;
    oe_buffer_add(into, &head, sizeof head);
    oe_buffer_add(into, secret, n);
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The same of what is percent-encoded. */
static void add_encoded(oe_buffer *into, const char *text, size_t n, size_t anywhere)
{
    oe_buffer plain = { 0 };
    for (size_t i = 0; i < n; i++) {
        bool encoded = text[i] == '%' && n - i > 2 && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0;
        char c = text[i];
        if (encoded)
            c = (char)(hex(text[i + 1]) * 16 + hex(text[i + 2]));
        oe_buffer_byte(&plain, c);
        i += encoded ? 2 : 0;
    }
    if (plain.n)
        add(into, plain.p, plain.n, anywhere);
    into->failed = into->failed || plain.failed;
    oe_buffer_free(&plain);
}

/* A request's own `code` is one that a person was sent. */
static bool is_secret_argument(const char *name, size_t n)
{
    return oe_mask_is_secret(name, n, false) || (n == 4 && memcmp(name, "code", 4) == 0);
}

/* ---- headers, url, proxy ------------------------------------------------------------------------ */

static void add_headers(oe_buffer *into, const oe_buffer *headers)
{
    static const char *const secret[] = { "x-app-token: ", "authorization: Bearer " };
    for (size_t i = 0; i < headers->n; i += strlen(headers->p + i) + 1) {
        for (size_t k = 0; k < sizeof secret / sizeof *secret; k++) {
            size_t n = strlen(secret[k]);
            const char *line = headers->p + i;
            if (strncmp(line, secret[k], n) == 0)
                add(into, line + n, strlen(line + n), MIN_TOKEN);
        }
    }
}

static void add_query(oe_buffer *into, const char *query)
{
    while (*query) {
        size_t n = strcspn(query, "&"), name = strcspn(query, "=&");
        if (name < n && is_secret_argument(query, name))
            add_encoded(into, query + name + 1, n - name - 1, MIN_SECRET);
        query += n + (query[n] != 0);
    }
}

/* The url is the row's path with its {arguments} filled in, each a segment. */
static void add_url(oe_buffer *into, const char *path, const char *url)
{
    for (const char *p = path; *p && strncmp(p, "{?", 2) != 0;) {
        if (*p != '{') {
            if (*p++ != *url++)
                return;
            continue;
        }
        size_t name = strcspn(p + 1, "}"), n = strcspn(url, "/?");
        if (is_secret_argument(p + 1, name))
            add_encoded(into, url, n, MIN_SECRET);
        url += n;
        p += 1 + name + (p[1 + name] != 0);
    }
    if (*url == '?')
        add_query(into, url + 1);
}

/* "scheme://user:password@host": the password, and both as a proxy is told them. */
static void add_proxy(oe_buffer *into, const char *url)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *user = url ? strstr(url, "://") : NULL;
    user = user ? user + 3 : url;
    const char *end = user ? memrchr(user, '@', strcspn(user, "/?#")) : NULL;
    const char *colon = end ? memchr(user, ':', (size_t)(end - user)) : NULL;
    if (!colon)
        return;
    add_encoded(into, colon + 1, (size_t)(end - colon - 1), MIN_SECRET);
    oe_buffer pair = { 0 }, basic = { 0 };
    add_encoded(&pair, user, (size_t)(end - user), 0);
    for (size_t i = sizeof(oe_secret); i < pair.n; i += 3) {
        unsigned long bits = 0;
        size_t left = pair.n - i < 3 ? pair.n - i : 3;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < left ? (unsigned char)pair.p[i + k] : 0u);
        for (size_t k = 0; k <= left; k++)
            oe_buffer_byte(&basic, letters[bits >> (18 - 6 * k) & 63]);
    }
    if (basic.n)
        add(into, basic.p, basic.n, MIN_SECRET);
    into->failed = into->failed || pair.failed || basic.failed;
    oe_buffer_free(&pair);
    oe_buffer_free(&basic);
}

static void add_proxies(oe_buffer *into, const char *proxy)
{
    static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };
    if (proxy)
        add_proxy(into, proxy);
    for (size_t i = 0; !proxy && i < sizeof names / sizeof *names; i++)
        add_proxy(into, getenv(names[i])); /* as the environment says */
}

/* ---- body --------------------------------------------------------------------------------------- */

/* JSON that is read; what is not JSON ends it. */
typedef struct scan {
    const char *p, *end;
    oe_buffer *into;
} scan;

static char peek(scan *s)
{
    while (s->p < s->end && strchr(" \t\r\n", *s->p))
        s->p++;
    if (s->p == s->end)
        return 0;
    return *s->p;
}

static bool take(scan *s, char c)
{
    if (peek(s) != c)
        return false;
    s->p++;
    return true;
}

/* The text between the quotes, escapes and all. */
static oe_text take_string(scan *s)
{
    const char *from = ++s->p;
    while (s->p < s->end && *s->p != '"')
        s->p += *s->p == '\\' && s->end - s->p > 1 ? 2 : 1;
    const oe_text text = { from, (size_t)(s->p - from) };
    s->p += s->p < s->end;
    return text;
}

static void add_string(oe_buffer *into, oe_text text)
{
    char *plain = malloc(text.n + 1);
    if (!plain) {
        into->failed = true;
        return;
    }
    add(into, plain, oe_escape_unescape_json(plain, text.p, text.n), MIN_SECRET);
    free(plain);
}

static void scan_value(scan *s, bool secret, int depth);

static void scan_object(scan *s, bool secret, int depth)
{
    scan value = { NULL, NULL, s->into };
    bool marked = false;
    while (peek(s) == '"') {
        oe_text name = take_string(s);
        if (!take(s, ':'))
            return;
        scan after = *s;
        if (name.n == 6 && memcmp(name.p, "marker", 6) == 0 && peek(&after) == '"') {
            oe_text marker = take_string(&after);
            marked = oe_mask_is_secret(marker.p, marker.n, false);
        }
        bool own = depth == 0 ? is_secret_argument(name.p, name.n) : oe_mask_is_secret(name.p, name.n, false);
        const char *from = s->p;
        scan_value(s, secret || own, depth + 1);
        if (name.n == 5 && memcmp(name.p, "value", 5) == 0)
            value = (scan){ from, s->p, s->into };
        if (!take(s, ','))
            break;
    }
    take(s, '}');
    if (marked && !secret && value.p)
        scan_value(&value, true, depth + 1);
}

static void scan_value(scan *s, bool secret, int depth)
{
    char c = 0;
    if (depth <= OE_JSON_DEPTH)
        c = peek(s);
    if (c == '"') {
        oe_text text = take_string(s);
        if (secret)
            add_string(s->into, text);
    } else if (c == '{') {
        s->p++;
        scan_object(s, secret, depth);
    } else if (c == '[') {
        s->p++;
        if (take(s, ']'))
            return;
        do
            scan_value(s, secret, depth + 1);
        while (take(s, ','));
        take(s, ']');
    } else if (c) {
        const char *from = s->p;
        while (s->p < s->end && !strchr(",]} \t\r\n", *s->p))
            s->p++;
        if (secret && (c == '-' || (c >= '0' && c <= '9')))
            add(s->into, from, (size_t)(s->p - from), MIN_SECRET);
    } else {
        s->p = s->end;
    }
}

void oe_secrets_collect(oe_buffer *into, const oe_client *client, const char *path, const oe_transfer *t)
{
    add_headers(into, &t->headers);
    if (t->url.n > client->settings.url_n)
        add_url(into, path, t->url.p + client->settings.url_n);
    add_proxies(into, client->options.proxy);
    if (t->body.n == 0)
        return;
    scan body = { t->body.p, t->body.p + t->body.n, into };
    if (t->body.n >= MIN_BODY)
        add(into, t->body.p, t->body.n, MIN_BODY);
    scan_value(&body, false, 0);
}

void oe_secrets_add_token(oe_buffer *into, const char *token, size_t n)
{
    add(into, token, n, MIN_TOKEN);
}
