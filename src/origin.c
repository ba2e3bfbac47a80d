/* Are these urls what a client can talk to? libcurl's own parser says how it reads them. */
#include "wire.h"

#include <string.h>

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

const char *oe_origin_problem(const char *url)
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

bool oe_origin_is_proxy(const char *url)
{
    CURLU *u = has_authority(url) ? curl_url() : NULL;
    bool ok = u && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
              find_scheme(u, "http https socks4 socks4a socks5 socks5h") == CURLUE_OK &&
              !is_odd_part(u, CURLUPART_USER) && !is_odd_part(u, CURLUPART_PASSWORD) &&
              !is_odd_part(u, CURLUPART_HOST) && !strpbrk(url, " \t\r\n\\");
    curl_url_cleanup(u);
    return ok;
}
