/* Preloaded: the monotonic clock is ahead by the seconds in the file named by $CLOCK_AHEAD, once that is there. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef int get_time(clockid_t, struct timespec *);

__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *now)
{
    get_time *real;
    *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(id, now);
    const char *path = getenv("CLOCK_AHEAD");
    FILE *file = id == CLOCK_MONOTONIC && path ? fopen(path, "r") : NULL;
    if (file) {
        long seconds = 0;
        if (fscanf(file, "%ld", &seconds) == 1)
            now->tv_sec += seconds;
        fclose(file);
    }
    return status;
}
