/* Random bytes of the system, or substitutes where it has none to give. */
#include "base/base.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

void oe_random_bytes(void *bytes, size_t n)
{
    if (getentropy(bytes, n) == 0)
        return;
    /* No entropy source: fingerprints and jitter need to differ, not to be secret. */
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    unsigned long long seed =
        (unsigned long long)now.tv_nsec ^ ((unsigned long long)now.tv_sec << 20) ^ ((unsigned long long)getpid() << 40);
    for (size_t i = 0; i < n; i++) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        ((unsigned char *)bytes)[i] = (unsigned char)(seed >> 56);
    }
}
