/* Urls, headers and configuration. A url that is accepted leads to the host it shows, with the module's path behind it;
   a header value that is accepted fits into one line; define() takes a configuration or raises "bad argument", leaves
   the caller's table alone, and what it takes makes a sane request. */
#include "fuzz.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PATH "/api/content/payments/sessions/1"

static const char *const names[] = { "token",
                                     "langCode",
                                     "traficLimit",
                                     "rawData",
                                     "validation",
                                     "auth",
                                     "errors",
                                     "timeout",
                                     "connectTimeout",
                                     "maxRetries",
                                     "tls",
                                     "proxy",
                                     "userAgent",
                                     "device",
                                     "nulls",
                                     "hooks",
                                     "debug",
                                     "accessToken",
                                     "refreshToken",
                                     "providerMarker",
                                     "customAuth",
                                     "fingerprint",
                                     "os",
                                     "browser",
                                     "location",
                                     "isShell",
                                     "customErrors",
                                     "saveFunction",
                                     "request",
                                     "response",
                                     "enabled",
                                     "strictMode",
                                     "maxConnections",
                                     "caFile",
                                     "keyPassword",
                                     "maxResponseSize",
                                     "env",
                                     "http://p:1",
                                     "404",
                                     "en_US",
                                     NULL };

/* The part of the url, or NULL. The caller frees it. */
static char *part_of(const char *url, CURLUPart part)
{
    char *text = NULL;
    CURLU *u = curl_url();
    if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK)
        (void)curl_url_get(u, part, &text, 0);
    curl_url_cleanup(u);
    return text;
}

/* Does the url of a request say what the project's url says, and end with the path? */
static void check_request_url(const char *project, const char *url)
{
    oe_origin origin;
    if (oe_origin_read(project, &origin))
        fuzz_fail("a url is refused only once", project);
    for (const char *p = url; *p; p++)
        if ((unsigned char)*p < 0x21 || (unsigned char)*p > 0x7e)
            fuzz_fail("a url is ASCII", url);
    static const CURLUPart same[] = { CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT };
    static const CURLUPart absent[] = { CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        char *a = part_of(project, same[i]), *b = part_of(url, same[i]);
        bool converted = false;
        for (const char *p = a; same[i] == CURLUPART_HOST && p && *p; p++)
            converted = converted || (unsigned char)*p > 0x7e;
        if ((!a != !b) || (a && strcmp(converted ? origin.host : a, b) != 0))
            fuzz_fail("requests go to the project's origin", url);
        curl_free(a);
        curl_free(b);
    }
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        if (part_of(url, absent[i]))
            fuzz_fail("nothing but origin and path in the url", url);
    char *path = part_of(url, CURLUPART_PATH);
    size_t n = path ? strlen(path) : 0, size = strlen(PATH);
    if (n < size || strcmp(path + n - size, PATH) != 0)
        fuzz_fail("the url ends with the method's path", url);
    curl_free(path);
}

/* Calls api.prepare.Payments.getSessionById(1) of the api on top of the stack, and looks at the request. */
static void check_prepared(lua_State *L, const char *project)
{
    lua_getfield(L, -1, "prepare");
    lua_getfield(L, -1, "Payments");
    lua_getfield(L, -1, "getSessionById");
    lua_pushinteger(L, 1);
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "url");
    check_request_url(project, lua_tostring(L, -1));
    lua_pop(L, 1);
    lua_getfield(L, -1, "headers");
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        size_t n;
        const char *value = lua_tolstring(L, -1, &n);
        for (size_t i = 0; i < n; i++)
            if (value[i] < 0x20 || value[i] > 0x7e)
                fuzz_fail("headers are printable ASCII", value);
    }
    lua_pop(L, 4);
}

static int url_of_input(lua_State *L)
{
    const oe_text *text = lua_touserdata(L, 1);
    lua_settop(L, 0);
    fuzz_push_module(L, "define");
    lua_pushlstring(L, text->p, text->n);
    lua_call(L, 1, 1);
    char *project = strndup(text->p, text->n);
    oe_origin origin;
    if (strlen(project) != text->n || oe_origin_read(project, &origin))
        fuzz_fail("define refuses what is refused", project);
    check_prepared(L, project);
    free(project);
    lua_getfield(L, -1, "close");
    lua_call(L, 0, 0);
    return 0;
}

static void check_header_value(const oe_text *text)
{
    bool plain = text->n == 0 || (text->p[0] != ' ' && text->p[text->n - 1] != ' ');
    for (size_t i = 0; i < text->n; i++)
        plain = plain && (unsigned char)text->p[i] >= ' ' && (unsigned char)text->p[i] < 127;
    if (oe_text_is_header_value(text->p, text->n) != plain)
        fuzz_fail("a header value is printable ASCII without blanks around", NULL);
}

/* Pushes a configuration whose members are mostly known and of any type. */
static void push_config(lua_State *L, fuzz_maker *m)
{
    lua_newtable(L);
    for (unsigned n = fuzz_byte(m->in) % 12; n > 0; n--) {
        fuzz_push_string(L, m);
        fuzz_push_value(L, m, 40);
        lua_rawset(L, -3);
    }
}

static int config_of_input(lua_State *L)
{
    fuzz_input *in = lua_touserdata(L, 1);
    fuzz_maker maker = fuzz_maker_new(L, in, names);
    fuzz_push_module(L, "define");
    lua_pushliteral(L, "https://shop.example");
    push_config(L, &maker);
    int config = lua_gettop(L);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, config);
    size_t members = 0, after = 0;
    for (lua_pushnil(L); lua_next(L, config); lua_pop(L, 1))
        members++;
    if (lua_pcall(L, 2, 1, 0) == LUA_OK) {
        check_prepared(L, "https://shop.example");
        lua_getfield(L, -1, "close");
        lua_call(L, 0, 0);
    } else if (!strstr(lua_tostring(L, -1), "bad argument")) {
        fuzz_fail("a configuration is taken, or a bad argument", lua_tostring(L, -1));
    }
    for (lua_pushnil(L); lua_next(L, config); lua_pop(L, 1))
        after++;
    if (members != after)
        fuzz_fail("the caller's table is as before", NULL);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    lua_State *L = fuzz_lua();
    bool is_config = fuzz_byte(&in) % 2;
    oe_text text = { (const char *)in.p, in.n };
    if (is_config) {
        if (!fuzz_protected(L, config_of_input, &in))
            fuzz_fail("nothing is raised behind define", lua_tostring(L, -1));
        return 0;
    }
    check_header_value(&text);
    if (!fuzz_protected(L, url_of_input, &text) && !strstr(lua_tostring(L, -1), "bad argument #1 to 'define'"))
        fuzz_fail("a url is taken, or a bad argument", lua_tostring(L, -1));
    return 0;
}
