/* fork for specs: no library has it for every Lua; and the version of the libcurl that runs. Preloaded (LD_PRELOAD), it also
   moves the monotonic clock on, tells on stderr which files of certificates are looked for, and has SIGPIPE sent for what is
   written to a broken connection. */
#include <dlfcn.h>
#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

int luaopen_specfork(lua_State *L);

/* fork() -> 0 in the child, its pid in the parent */
static int spec_fork(lua_State *L)
{
    lua_pushinteger(L, fork());
    return 1;
}

/* wait(pid) -> exit status, or nil when a signal ended it */
static int spec_wait(lua_State *L)
{
    int status;
    if (waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0) < 0 || !WIFEXITED(status))
        lua_pushnil(L);
    else
        lua_pushinteger(L, WEXITSTATUS(status));
    return 1;
}

/* exit(status): without atexit handlers and lua_close */
static int spec_exit(lua_State *L)
{
    _exit((int)luaL_checkinteger(L, 1));
    return 0;
}

/* pend(): SIGPIPE is blocked, and pending, for this thread */
static int spec_pend(lua_State *L)
{
    sigset_t set;
    (void)L;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    raise(SIGPIPE);
    return 0;
}

/* fatal(): SIGPIPE ends the process, as it does unless somebody has it ignored: luasocket does, for its children, too */
static int spec_fatal(lua_State *L)
{
    (void)L;
    signal(SIGPIPE, SIG_DFL);
    return 0;
}

/* is_pending() -> boolean */
static int spec_is_pending(lua_State *L)
{
    sigset_t set;
    lua_pushboolean(L, sigpending(&set) == 0 && sigismember(&set, SIGPIPE) == 1);
    return 1;
}

/* libcurl() -> the version of the one that the module has loaded, as a number: 0x080e01 is 8.14.1 */
static int spec_libcurl(lua_State *L)
{
    void *library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD);
    struct info {
        int age;
        const char *version;
        unsigned number;
    } * (*get)(int) = NULL;
    if (library)
        *(void **)&get = dlsym(library, "curl_version_info");
    if (!get)
        return luaL_error(L, "libcurl is not loaded");
    lua_pushinteger(L, (lua_Integer)get(0)->number);
    dlclose(library);
    return 1;
}

static double ahead;

/* advance(seconds): the monotonic clocks of this process jump */
static int spec_advance(lua_State *L)
{
    ahead += luaL_checknumber(L, 1);
    return 0;
}

EXPORT int luaopen_specfork(lua_State *L)
{
    static const luaL_Reg functions[] = {
        { "fork", spec_fork },       { "wait", spec_wait },       { "exit", spec_exit },
        { "pend", spec_pend },       { "fatal", spec_fatal },     { "is_pending", spec_is_pending },
        { "libcurl", spec_libcurl }, { "advance", spec_advance }, { NULL, NULL },
    };
    lua_createtable(L, 0, 8);
    for (const luaL_Reg *f = functions; f->name; f++) {
        lua_pushcfunction(L, f->func);
        lua_setfield(L, -2, f->name);
    }
    return 1;
}

/* ---- preloaded ---------------------------------------------------------------------------------- */

static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static void tell(const char *path)
{
    if (strstr(path, "/certs"))
        dprintf(STDERR_FILENO, "looked for %s\n", path);
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *now)
{
    long result = syscall(SYS_clock_gettime, clock, now); /* a sanitizer asks before it can serve dlsym */
    if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW)
        now->tv_sec += (time_t)ahead;
    return (int)result;
}

EXPORT FILE *fopen(const char *path, const char *mode)
{
    FILE *(*real)(const char *, const char *);
    *(void **)&real = next("fopen");
    tell(path);
    return real(path, mode);
}

EXPORT FILE *fopen64(const char *path, const char *mode)
{
    FILE *(*real)(const char *, const char *);
    *(void **)&real = next("fopen64");
    tell(path);
    return real(path, mode);
}

EXPORT int stat(const char *path, struct stat *to)
{
    int (*real)(const char *, struct stat *);
    *(void **)&real = next("stat");
    tell(path);
    return real(path, to);
}

EXPORT int lstat(const char *path, struct stat *to)
{
    int (*real)(const char *, struct stat *);
    *(void **)&real = next("lstat");
    tell(path);
    return real(path, to);
}

/* As TLS libraries write that libcurl's own flags do not reach. */
EXPORT ssize_t send(int fd, const void *bytes, size_t n, int flags)
{
    ssize_t (*real)(int, const void *, size_t, int);
    *(void **)&real = next("send");
    return real(fd, bytes, n, flags & ~MSG_NOSIGNAL);
}
