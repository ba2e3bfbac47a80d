/* The language that a request asks for. Of several it is the first that the API has not refused; where it refuses that one,
   the next one takes its place in the url and in the body, and nothing else of the request changes. */
#include "request/request.h"

#include <string.h>

#define SECONDS 600 /* a refusal is believed: a language may be added */

static const char argument[] = "langCode";

/* Returns the number of its refusal, or -1. */
static int find_refusal(const oe_settings *settings, oe_text lang)
{
    for (int i = 0; i < OE_REFUSED && settings->refusals; i++)
        if (settings->refused[i].until > 0 && strcmp(settings->refused[i].lang, lang.p) == 0)
            return i;
    return -1;
}

static bool is_refused(const oe_settings *settings, oe_text lang)
{
    const int i = find_refusal(settings, lang);
    return i >= 0 && settings->refused[i].until > oe_clock_now();
}

void oe_language_choose(lua_State *L, const oe_settings *settings, const oe_row *row, oe_language *into)
{
    int position = oe_argument_find(row, argument, sizeof argument - 1);
    *into = (oe_language){ .langs = { settings->langs, settings->langs_n } };
    if (position && lua_type(L, position) == LUA_TSTRING)
        into->langs.p = lua_tolstring(L, position, &into->langs.n);
    oe_text lang = oe_langs_next(into->langs, into->lang);
    into->lang = lang;
    for (; lang.p && is_refused(settings, lang); lang = oe_langs_next(into->langs, lang))
        ;
    if (lang.p)
        into->lang = lang;
    into->first = into->lang.p;
    if (position && lua_type(L, position) != LUA_TNUMBER && into->lang.n < into->langs.n) {
        lua_pushlstring(L, into->lang.p, into->lang.n);
        lua_replace(L, position);
    }
}

void oe_language_write(oe_language *language, oe_buffer *body)
{
    if (language->places < OE_LANG_PLACES)
        language->at[language->places++] = body->n;
    oe_json_string(body, language->lang.p, language->lang.n);
}

/* Puts `with` in the place of n bytes. */
static void splice(oe_buffer *b, size_t at, size_t n, oe_text with)
{
    if (!oe_buffer_grow(b, with.n))
        return;
    memmove(b->p + at + with.n, b->p + at + n, b->n - at - n);
    memcpy(b->p + at, with.p, with.n);
    b->n += with.n - n;
}

/* Returns the place of the parameter's value in the url, or NULL. */
static char *find_value(const oe_buffer *url, size_t from, oe_text name)
{
    for (char *p = strpbrk(url->p + from, "?&"); p; p = strpbrk(p + 1, "?&"))
        if (strncmp(p + 1, name.p, name.n) == 0 && p[1 + name.n] == '=')
            return p + name.n + 2;
    return NULL;
}

/* Replaces the language in the query. False: it is not there. */
static bool replace_in_query(const oe_settings *settings, const oe_row *row, oe_buffer *url, const oe_buffer *encoded)
{
    const char *list = row->path + oe_uri_path_n(row->path);
    oe_parameter p;
    for (list += *list ? 2 : 0; (list = oe_uri_parameter(list, &p)) != NULL;) {
        if (p.spread || p.of.n != sizeof argument - 1 || memcmp(p.of.p, argument, p.of.n) != 0)
            continue;
        const char *value = find_value(url, settings->url_n, p.name);
        if (value)
            splice(url, (size_t)(value - url->p), strcspn(value, "&"), (oe_text){ encoded->p, encoded->n });
        return value != NULL;
    }
    return false;
}

static void replace_in_body(oe_language *language, oe_buffer *body, size_t before, const oe_buffer *json)
{
    for (int i = 0; i < language->places; i++) {
        splice(body, language->at[i], before, (oe_text){ json->p, json->n });
        for (int k = i + 1; k < language->places; k++)
            language->at[k] += json->n - before;
    }
}

bool oe_language_go_on(oe_language *language, const oe_settings *settings, const oe_row *row, oe_buffer *url,
                       oe_buffer *body)
{
    const oe_text next = oe_langs_next(language->langs, language->lang);
    oe_buffer before = { 0 }, json = { 0 }, encoded = { 0 };
    if (!next.p)
        return false;
    oe_json_string(&before, language->lang.p, language->lang.n);
    oe_json_string(&json, next.p, next.n);
    oe_uri_encode(&encoded, next);
    bool has = !before.failed && !json.failed && !encoded.failed;
    if (has) {
        replace_in_body(language, body, before.n, &json);
        has = replace_in_query(settings, row, url, &encoded) || language->places > 0;
        has = has && !url->failed && !body->failed;
        language->lang = next;
    }
    oe_buffer_free(&before);
    oe_buffer_free(&json);
    oe_buffer_free(&encoded);
    return has;
}

void oe_language_note(const oe_language *language, oe_settings *settings)
{
    oe_text lang = { language->first, strlen(language->first) };
    for (; lang.p != language->lang.p; lang = oe_langs_next(language->langs, lang)) {
        if (lang.n >= sizeof settings->refused[0].lang)
            continue;
        const int known = find_refusal(settings, lang);
        oe_refused *to = &settings->refused[known >= 0 ? (unsigned)known : settings->refusals++ % OE_REFUSED];
        memcpy(to->lang, lang.p, lang.n + 1);
        to->until = oe_clock_now() + SECONDS;
    }
}
