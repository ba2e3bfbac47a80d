/* Asks OpenSSL, the very one that libcurl is linked with, for facts about TLS connections that libcurl does not tell. */
#include "wire/wire.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static struct {
    int (*has_pending)(const void *ssl); /* decrypted bytes or others */
    void (*alpn)(const void *ssl, const unsigned char **name, unsigned *n);
} openssl;

/* Finds a function of the library, or of those it is linked with. */
static void find(void *library, const char *name, void *function, size_t size)
{
    void *address = dlsym(library, name);
    memcpy(function, &address, size);
}

static void find_openssl(void)
{
    Dl_info info;
    void *address;
    CURL *(*init)(void) = curl_easy_init;
    memcpy(&address, &init, sizeof address);
    void *curl = dladdr(address, &info) && info.dli_fname ? dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD) : NULL;
    if (!curl)
        return;
    find(curl, "SSL_has_pending", &openssl.has_pending, sizeof openssl.has_pending);
    find(curl, "SSL_get0_alpn_selected", &openssl.alpn, sizeof openssl.alpn);
    dlclose(curl); /* it stays: we are linked with it */
}

bool oe_tls_is_known(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_openssl);
    return openssl.has_pending && openssl.alpn;
}

void *oe_tls_of(CURL *easy)
{
    const struct curl_tlssessioninfo *info = NULL;
    if (!oe_tls_is_known() || curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || !info ||
        info->backend != CURLSSLBACKEND_OPENSSL)
        return NULL;
    return info->internals;
}

bool oe_tls_has_unread(void *ssl)
{
    return openssl.has_pending(ssl) != 0;
}

bool oe_tls_chose_h2(void *ssl)
{
    const unsigned char *name = NULL;
    unsigned n = 0;
    openssl.alpn(ssl, &name, &n);
    return n == 2 && memcmp(name, "h2", 2) == 0;
}
