/* Checks urls of projects and proxies. libcurl's own parser says how it reads them. */
#include "wire/wire.h"

#include <string.h>

/* Is the part there, and does it have a control character once decoded? */
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
    if (code == CURLUE_OK && !oe_text_has_word(schemes, scheme, strlen(scheme)))
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

/* Does the host of a url stand in it as it goes over the wire? Escapes and other letters than ASCII's do not. */
static bool is_plain_host(const char *host, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((host[i] == '%' && host[0] != '[') || (unsigned char)host[i] > 0x7e)
            return false;
    return true;
}

/* Does the text hold nothing but characters of host names? libidn2 makes a slash of a letter that looks like one. */
static bool is_name(const char *host)
{
    return *host && host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] == 0;
}

/* Writes the host in ASCII, as libcurl converts it. libcurl reads it in the charset of the locale. */
static bool convert_host(CURLU *u, char *out)
{
    bool ok = false;
#ifdef CURLU_PUNYCODE
    char *host = NULL;
    oe_utf8 locale;
    if (!oe_c_locale_enter_utf8(&locale))
        return false;
    ok = curl_url_get(u, CURLUPART_HOST, &host, CURLU_PUNYCODE) == CURLUE_OK && strlen(host) < OE_HOST_SIZE;
    oe_c_locale_leave_utf8(&locale);
    if (ok)
        memcpy(out, host, strlen(host) + 1);
    curl_free(host);
#else
    (void)u;
    (void)out;
#endif
    return ok;
}

/* Writes the host in ASCII. Returns NULL, or the host's problem. */
static const char *read_host(CURLU *u, const char *host, size_t n, char *out)
{
    if (!is_plain_host(host, n))
        return convert_host(u, out) && is_name(out)
                   ? NULL
                   : "a host in ASCII expected, as in \"https://xn--bcher-kva.example\": this one cannot be converted";
    if (n >= OE_HOST_SIZE)
        return "not a valid url: its host is too long";
    memcpy(out, host, n);
    out[n] = 0;
    return NULL;
}

/* Takes a valid url without user and query apart. */
static void split(const char *url, oe_origin *o)
{
    const char *host = strstr(url, "://") + 3;
    size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    o->scheme_n = (size_t)(host - url);
    o->rest = o->scheme_n + n;
    o->rest_n = strlen(host + n);
    while (o->rest_n > 0 && host[n + o->rest_n - 1] == '/')
        o->rest_n--;
}

/* Is the url's path the given one? */
static bool has_path(const char *url, const oe_origin *o, const char *path)
{
    const char *rest = url + o->rest;
    size_t port_n = strcspn(rest, "/"), n = o->rest_n - port_n;
    return n == strlen(path) && memcmp(rest + port_n, path, n) == 0;
}

const char *oe_origin_read(const char *url, oe_origin *o)
{
    if (!has_authority(url))
        return strstr(url, "://") && strstr(url, "://") != url
                   ? "not a valid url of a host, as in \"https://shop.example\""
                   : "a url with a scheme expected, as in \"https://shop.example\"";
    if (!oe_text_is_utf8(url, strlen(url)))
        return "not a valid url: it is not UTF-8";
    CURLU *u = curl_url();
    if (!u)
        return "not enough memory";
    const char *problem = parsed_problem(u, url, curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME));
    if (!problem) {
        split(url, o);
        problem = read_host(u, url + o->scheme_n, o->rest - o->scheme_n, o->host);
    }
    if (!problem && (has_path(url, o, "/api") || has_path(url, o, "/api/content")))
        problem = "the project's address without \"/api\" expected, as in \"https://shop.example\"";
    curl_url_cleanup(u);
    return problem;
}

/* Is the host in ASCII? libcurl would convert other letters in the charset of the locale. */
static bool has_ascii_host(CURLU *u)
{
    char *host = NULL;
    bool ok = curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    for (const char *p = host; ok && *p; p++)
        ok = (unsigned char)*p < 0x7f;
    curl_free(host);
    return ok;
}

bool oe_origin_is_proxy(const char *url)
{
    CURLU *u = has_authority(url) ? curl_url() : NULL;
    bool ok = u && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
              find_scheme(u, "http https socks4 socks4a socks5 socks5h") == CURLUE_OK &&
              !is_odd_part(u, CURLUPART_USER) && !is_odd_part(u, CURLUPART_PASSWORD) &&
              !is_odd_part(u, CURLUPART_HOST) && has_ascii_host(u) && !strpbrk(url, " \t\r\n\\");
    curl_url_cleanup(u);
    return ok;
}
