/* Decides whether a request may be sent again, and when. */
#include "call/call.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define FIRST_DELAY 0.2 /* seconds; doubles with every retry, minus up to half of it by chance */
#define MAX_DELAY 5.0
#define MAX_REFUSAL 4096 /* bytes of a 400 that are looked at */

static bool is_transient(const oe_transfer *t)
{
    if (t->status)
        return t->status == 429 || t->status == 502 || t->status == 503 || t->status == 504 ||
               (t->status < 300 && t->result == OE_NETWORK);
    return t->result == OE_CONNECT || t->result == OE_NETWORK;
}

static double backoff(int retries)
{
    double delay = FIRST_DELAY;
    while (retries-- > 0 && delay < MAX_DELAY)
        delay *= 2;
    uint32_t chance;
    oe_random_bytes(&chance, sizeof chance);
    return delay * (1 - 0.5 * ((double)chance / (double)UINT32_MAX));
}

double oe_retry_delay(const oe_call *call)
{
    const oe_transfer *t = call->transfer;
    if (!oe_row_reads(call->row)) /* nothing tells whether it had its effect */
        return -1;
    if (call->retries >= call->client->max_retries || t->final || !is_transient(t))
        return -1;
    double delay = backoff(call->retries);
    if (t->retry_after > delay)
        delay = t->retry_after;
    if (oe_clock_now() + delay >= call->deadline) /* better the answer we have than none in time */
        return -1;
    return delay;
}

static bool is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* Does the text say that, whatever its case? What follows "?", "&" or "=" repeats the request's url. `whole`: no part of a word. */
static bool says(const char *text, size_t n, oe_text what, bool whole)
{
    for (size_t i = 1; what.n > 0 && i + what.n < n; i++) {
        const char before = text[i - 1], after = text[i + what.n];
        if (!strchr("?&=", before) && !(whole && (is_of_word(before) || is_of_word(after))) &&
            strncasecmp(text + i, what.p, what.n) == 0)
            return true;
    }
    return false;
}

/* Is it an object of JSON that speaks of languages, or of this one? A proxy's page of HTML speaks of its own. */
static bool speaks_of_languages(const oe_buffer *body, oe_text lang)
{
    static const oe_text words[] = { { "lang", 4 }, { "locale", 6 } }; /* "langCode", "language", ... */
    const char *text = body->p;
    const size_t n = body->n < MAX_REFUSAL ? body->n : MAX_REFUSAL;
    size_t blanks = 0;
    while (blanks < n && memchr(" \t\r\n", text[blanks], 4))
        blanks++;
    if (blanks == n || text[blanks] != '{')
        return false;
    return says(text, n, words[0], false) || says(text, n, words[1], false) || says(text, n, lang, true);
}

bool oe_retry_language(oe_call *call)
{
    oe_transfer *t = call->transfer;
    oe_language *language = &call->language;
    if (t->status >= 200 && t->status < 300)
        oe_language_note(language, &call->client->settings);
    return t->status == 400 && speaks_of_languages(&t->reply, language->lang) &&
           oe_language_go_on(language, &call->client->settings, call->row, &t->url, &t->body);
}
