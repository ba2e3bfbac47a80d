/* Preloaded: names that end in ".slow" take four seconds to be not found. */
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int resolver(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result);

__attribute__((visibility("default"))) int getaddrinfo(const char *node, const char *service,
                                                       const struct addrinfo *hints, struct addrinfo **result)
{
    static const char slow[] = ".slow";
    size_t n = node ? strlen(node) : 0;
    if (n >= sizeof slow - 1 && strcmp(node + n - (sizeof slow - 1), slow) == 0) {
        sleep(4);
        return EAI_NONAME;
    }
    resolver *real;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(node, service, hints, result);
}
