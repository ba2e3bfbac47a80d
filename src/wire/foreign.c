/* Requests to servers that somebody else has named: their addresses are looked at once the name is resolved, so that no name
   leads into the own network. */
#include "wire/wire.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

typedef struct range {
    unsigned char address[16];
    int bits;
} range;

static bool is_in(const range *r, const unsigned char *address)
{
    int whole = r->bits / 8, rest = r->bits % 8;
    return memcmp(r->address, address, (size_t)whole) == 0 &&
           (rest == 0 || ((r->address[whole] ^ address[whole]) >> (8 - rest)) == 0);
}

static bool is_private_4(const unsigned char *address)
{
    static const range ranges[] = {
        { { 0 }, 8 },          /* this network, unspecified */
        { { 10 }, 8 },         /* private */
        { { 100, 64 }, 10 },   /* shared by a provider's customers */
        { { 127 }, 8 },        /* loopback */
        { { 169, 254 }, 16 },  /* link-local; the metadata of clouds */
        { { 172, 16 }, 12 },   /* private */
        { { 192, 0, 0 }, 24 }, /* protocol assignments */
        { { 192, 168 }, 16 },  /* private */
        { { 198, 18 }, 15 },   /* benchmarks */
        { { 224 }, 4 },        /* multicast */
        { { 240 }, 4 },        /* reserved, broadcast */
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (is_in(&ranges[i], address))
            return true;
    return false;
}

static bool is_private_6(const unsigned char *address)
{
    static const range ranges[] = {
        { { 0x00, 0x64, 0xff, 0x9b, 0, 1 }, 48 }, /* NAT64 of a network's own */
        { { 0x20, 0x01 }, 32 },                   /* Teredo: the address of another protocol, veiled */
        { { 0xfc }, 7 },                          /* unique-local */
        { { 0xfe, 0x80 }, 10 },                   /* link-local */
        { { 0xfe, 0xc0 }, 10 },                   /* site-local */
        { { 0xff }, 8 },                          /* multicast */
    };
    /* An address of IPv4 in one of IPv6: at which byte. ::/96 has unspecified and loopback, too. */
    static const struct {
        range in;
        int at;
    } embedding[] = {
        { { { 0 }, 96 }, 12 },                        /* compatible */
        { { { [10] = 0xff, [11] = 0xff }, 96 }, 12 }, /* mapped */
        { { { [8] = 0xff, [9] = 0xff }, 96 }, 12 },   /* translated */
        { { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 },   /* NAT64 */
        { { { 0x20, 0x02 }, 16 }, 2 },                /* 6to4 */
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (is_in(&ranges[i], address))
            return true;
    for (size_t i = 0; i < sizeof embedding / sizeof *embedding; i++)
        if (is_in(&embedding[i].in, address))
            return is_private_4(address + embedding[i].at);
    return false;
}

bool oe_foreign_is_private(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return is_private_4((const unsigned char *)&((const struct sockaddr_in *)(const void *)address)->sin_addr);
    if (address->sa_family == AF_INET6)
        return is_private_6((const unsigned char *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
    return true;
}

curl_socket_t oe_foreign_on_open(void *wire, curlsocktype purpose, struct curl_sockaddr *address)
{
    oe_wire *w = wire;
    if (!w->t.allow_private && oe_foreign_is_private(&address->addr)) {
        w->refused = "the url leads to a private address";
        return CURL_SOCKET_BAD;
    }
    return oe_watch_on_open(&w->engine->watch, purpose, address);
}

/* Does a proxy take the request? It would resolve the name. */
static bool has_proxy(const oe_options *o)
{
    static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };
    if (o->proxy)
        return *o->proxy != 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *proxy = getenv(names[i]);
        if (proxy && *proxy)
            return true;
    }
    return false;
}

const char *oe_foreign_problem(const oe_wire *w)
{
    if (!w->t.allow_private && has_proxy(&w->engine->options))
        return "a proxy would look up the url's host";
    return NULL;
}

#define SET(option, value) (ok = ok && curl_easy_setopt(easy, option, value) == CURLE_OK)

bool oe_foreign_prepare(oe_wire *w)
{
    CURL *easy = w->easy;
    bool ok = true;
    SET(CURLOPT_CURLU, NULL);
    SET(CURLOPT_URL, w->t.url.p);
    SET(CURLOPT_USERAGENT, "oneentry-lua/" OE_VERSION);
    SET(CURLOPT_FRESH_CONNECT, 1L); /* a kept connection was opened for somebody else, maybe to a private address */
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_SSLCERT, NULL);
    SET(CURLOPT_SSLKEY, NULL);
    SET(CURLOPT_KEYPASSWD, NULL);
    SET(CURLOPT_OPENSOCKETFUNCTION, oe_foreign_on_open);
    SET(CURLOPT_OPENSOCKETDATA, w);
    return ok;
}
