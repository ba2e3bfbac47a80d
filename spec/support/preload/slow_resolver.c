/* Preloaded: names that end in ".slow" take four seconds to be not found, and those that end in ".moves" have the address
   that the file named by $MOVES_TO holds at the time. */
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int resolver(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result);

__attribute__((visibility("default"))) int getaddrinfo(const char *node, const char *service,
                                                       const struct addrinfo *hints, struct addrinfo **result)
{
    char address[64] = "";
    const char *ending = node ? strrchr(node, '.') : NULL;
    if (ending && strcmp(ending, ".slow") == 0) {
        sleep(4);
        return EAI_NONAME;
    }
    if (ending && strcmp(ending, ".moves") == 0) {
        FILE *file = fopen(getenv("MOVES_TO"), "r");
        if (!file || !fgets(address, sizeof address, file))
            return EAI_NONAME;
        fclose(file);
        node = address;
    }
    resolver *real;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(node, service, hints, result);
}
