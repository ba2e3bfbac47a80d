/* Preloaded: the monotonic clock is ahead by the seconds in the file named by $CLOCK_AHEAD, once that is there. Calls the kernel
   only: a sanitizer asks for the time before it is ready for anything else. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char *path_of_file(void)
{
    static const char name[] = "CLOCK_AHEAD=";
    for (char **entry = environ; entry && *entry; entry++)
        if (strncmp(*entry, name, sizeof name - 1) == 0)
            return *entry + sizeof name - 1;
    return NULL;
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *now)
{
    char digits[16];
    int status = (int)syscall(SYS_clock_gettime, id, now);
    const char *path = id == CLOCK_MONOTONIC ? path_of_file() : NULL;
    long fd = path ? syscall(SYS_openat, AT_FDCWD, path, O_RDONLY) : -1;
    if (fd < 0)
        return status;
    long n = syscall(SYS_read, fd, digits, sizeof digits), seconds = 0;
    syscall(SYS_close, fd);
    for (long i = 0; i < n && digits[i] >= '0' && digits[i] <= '9'; i++)
        seconds = seconds * 10 + (digits[i] - '0');
    now->tv_sec += seconds;
    return status;
}
