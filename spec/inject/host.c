/* Runs a scenario again and again in fresh Lua states, each time with another call failing: the first, the second, ...
   until a run has no failure left. Usage:
     host [--from N] [--to N] [--mode once|twice|sticky] [--loud] KIND URL AUTHORITY CONTROL_PORT SCENARIO
   KIND as in inject.h; --loud tells which call failed, and who allocated what was not freed. Every finding is a line.
   The last line counts; the status is 0 when there was no finding. */
#include "inject.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <limits.h>
#include <lua.h>
#include <lualib.h>
#ifdef LUA_JITLIBNAME
#include <luajit.h>
#endif
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANG_SECONDS 15 /* of a run; its deadlines are some seconds of the fast clock */
#define REPEATS 5
#define MAX_FDS 64
#define MAX_CRASHES 20
#define LOG_SIZE (1 << 16)

static struct {
    const char *kind, *url, *authority, *scenario;
    struct sockaddr_in control;
    long from, to;
    enum inject_mode mode;
    bool loud;
} options = { .from = 1, .to = LONG_MAX };

/* Survives the child. */
static struct shared {
    long n, points, crashes, leaks, doubles, other;
    bool over;
} * shared;

/* ---- the server's control ----------------------------------------------------------------------- */

static int control_fd = -1;
static char reply[LOG_SIZE];

/* Sends a line; its answer is in `reply`. */
static void control(const char *line)
{
    size_t n = 0;
    if (write(control_fd, line, strlen(line)) < 0)
        abort();
    do {
        ssize_t got = read(control_fd, reply + n, sizeof reply - 1 - n);
        if (got <= 0)
            abort();
        n += (size_t)got;
    } while (reply[n - 1] != '\n');
    reply[n - 1] = 0;
}

static void connect_control(void)
{
    control_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (control_fd < 0 || connect(control_fd, (struct sockaddr *)&options.control, sizeof options.control) != 0) {
        perror("the server's control");
        exit(2);
    }
}

static int expire(lua_State *L)
{
    bool armed = inject_pause();
    (void)L;
    control("expire\n");
    inject_resume(armed);
    return 0;
}

/* wait(seconds, fd, ...): until one of the descriptors is readable or the time of the fast clock is over; it never fails.
   A boolean for each. */
static int wait_readable(lua_State *L)
{
    struct pollfd fds[MAX_FDS] = { 0 };
    bool armed = inject_pause();
    int n = lua_gettop(L) - 1;
    if (n > MAX_FDS || !lua_checkstack(L, n))
        abort();
    for (int i = 0; i < n; i++)
        fds[i] = (struct pollfd){ .fd = (int)lua_tointeger(L, i + 2), .events = POLLIN };
    (void)poll(fds, (nfds_t)n, (int)(lua_tonumber(L, 1) * 1e3) + 1);
    for (int i = 0; i < n; i++)
        lua_pushboolean(L, fds[i].revents != 0);
    inject_resume(armed);
    return n;
}

/* ---- one run ------------------------------------------------------------------------------------ */

/* Writes what each descriptor is: "socket:[123]", "pipe:[5]", a file's name; "" where there is none. Files do not count in
   LuaJIT: its luaL_loadfile leaves one open when there is no memory. */
static void describe_fds(char what[MAX_FDS][80])
{
    for (int fd = 0; fd < MAX_FDS; fd++) {
        struct stat now;
        bool open = fstat(fd, &now) == 0;
#ifdef LUA_JITLIBNAME
        open = open && !S_ISREG(now.st_mode);
#endif
        char link[40];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = open ? readlink(link, what[fd], sizeof what[fd] - 1) : 0;
        what[fd][n > 0 ? n : 0] = 0;
    }
}

static void finding(long *counter, const char *what)
{
    ++*counter;
    printf("%s %s n=%ld: %s\n", options.kind, options.url, shared->n, what);
    fflush(stdout);
}

/* Pushes run and judge. */
static void load(lua_State *L)
{
    luaL_openlibs(L);
#ifdef LUA_JITLIBNAME
    luaJIT_setmode(
        L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF); /* to register machine code without memory crashes in libgcc */
#endif
    if (luaL_loadfile(L, options.scenario) == 0) {
        lua_pushstring(L, options.url);
        lua_pushstring(L, options.authority);
        lua_pushcfunction(L, expire);
        lua_pushcfunction(L, wait_readable);
        if (lua_pcall(L, 4, 2, 0) == 0)
            return;
    }
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    exit(2);
}

/* Runs the scenario with call n failing, judges it, and puts the fault into `problem`. False: no call was left. */
static bool run(long n, char *problem, size_t size)
{
    problem[0] = 0;
    control("reset\n");
    lua_State *L = lua_newstate(inject_lua_alloc, NULL);
    if (!L)
        abort();
    load(L);
    lua_pushvalue(L, 1);
    inject_arm(n, options.mode);
    int status = lua_pcall(L, 0, 3, 0);
    inject_disarm();
    bool fired = inject_fired(), is_memory = !strchr(options.kind, ':');
    control("log\n");
    lua_pushvalue(L, 2);
    lua_pushboolean(L, fired);
    lua_pushboolean(L, is_memory);
    lua_pushstring(L, reply);
    lua_pushboolean(L, status == 0);
    int results = status == 0 ? 3 : 1;
    for (int i = 0; i < results; i++)
        lua_pushvalue(L, 3 + i);
    if (lua_pcall(L, 4 + results, 1, 0) != 0 || !lua_isnil(L, -1))
        snprintf(problem, size, "%s", lua_tostring(L, -1));
    lua_close(L);
    return fired;
}

/* A run that leaves blocks behind leaks if so many more do, too: libraries keep some for ever when they first need them. */
static void check_leak(long before, char *problem, size_t size)
{
    long grown = inject_live_blocks() - before;
    for (int i = 0; i < REPEATS && grown > 0; i++) {
        before = inject_live_blocks();
        if (options.loud && i == REPEATS - 1)
            inject_remember_blocks();
        run(shared->n, problem, size);
        grown = inject_live_blocks() - before;
    }
    if (options.loud)
        inject_print_blocks();
    if (grown > 0) {
        snprintf(problem, size, "%ld blocks leaked", grown);
        finding(&shared->leaks, problem);
    }
}

static void point(void)
{
    char problem[1000];
    char fds[MAX_FDS][80], fds_now[MAX_FDS][80];
    describe_fds(fds);
    long before = inject_live_blocks();
    if (!run(shared->n, problem, sizeof problem))
        shared->over = true;
    else
        shared->points++;
    if (problem[0])
        finding(strncmp(problem, "DOUBLE", 6) == 0 ? &shared->doubles : &shared->other, problem);
    describe_fds(fds_now);
    check_leak(before, problem, sizeof problem);
    for (int fd = 0; fd < MAX_FDS; fd++) {
        if (strcmp(fds[fd], fds_now[fd]) != 0) {
            snprintf(problem, sizeof problem, "a descriptor leaked: %d was '%s' and is '%s'", fd, fds[fd], fds_now[fd]);
            finding(&shared->leaks, problem);
        }
    }
}

/* ---- the child that runs, and its parent -------------------------------------------------------- */

static void last_words(int signal)
{
    void *stack[40];
    inject_disarm();
    backtrace_symbols_fd(stack, backtrace(stack, 40), 2);
    _exit(128 + signal);
}

static void warm_up(void)
{
    char problem[1000];
    void *stack[1];
    backtrace(stack, 1); /* loads what it needs */
    for (int i = 0; i < 2; i++) {
        if (run(LONG_MAX, problem, sizeof problem) || problem[0]) {
            fprintf(stderr, "the scenario fails by itself: %s\n", problem);
            exit(2);
        }
    }
}

/* lua-cjson stays loaded, so that its address is known before a run: its own loading ends the process where its one malloc
   fails. It reads no reply. */
static void pin_cjson(void)
{
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    const char *find = "for template in package.cpath:gmatch '[^;]+' do local name = template:gsub('%?', 'cjson') "
                       "local file = io.open(name) if file then file:close() return name end end";
    if (luaL_dostring(L, find) != 0 || !lua_isstring(L, -1) || !dlopen(lua_tostring(L, -1), RTLD_NOW)) {
        fprintf(stderr, "cannot load cjson.so: %s\n", dlerror());
        exit(2);
    }
    lua_close(L);
    inject_spare("cjson.so");
}

static void child(void)
{
    connect_control();
    pin_cjson();
    warm_up();
    signal(SIGSEGV, last_words);
    signal(SIGBUS, last_words);
    signal(SIGABRT, last_words);
    signal(SIGALRM, last_words);
    if (options.loud)
        inject_be_loud();
    while (!shared->over && shared->n <= options.to) {
        alarm(HANG_SECONDS);
        point();
        shared->n++;
    }
    exit(0);
}

static void parse(int argc, char **argv)
{
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--loud") == 0) {
            options.loud = true;
        } else if (i + 1 < argc && strcmp(argv[i], "--from") == 0) {
            options.from = atol(argv[++i]);
        } else if (i + 1 < argc && strcmp(argv[i], "--to") == 0) {
            options.to = atol(argv[++i]);
        } else if (i + 1 < argc && strcmp(argv[i], "--mode") == 0) {
            const char *mode = argv[++i];
            options.mode = *mode == 's' ? INJECT_STICKY : *mode == 't' ? INJECT_TWICE : INJECT_ONCE;
        }
    }
    if (argc - i != 5 || !inject_choose(argv[i])) {
        fprintf(stderr, "usage: see the head of host.c\n");
        exit(2);
    }
    options.kind = argv[i];
    options.url = argv[i + 1];
    options.authority = argv[i + 2];
    options.control.sin_family = AF_INET;
    options.control.sin_port = htons((uint16_t)atoi(argv[i + 3]));
    options.control.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    options.scenario = argv[i + 4];
}

int main(int argc, char **argv)
{
    parse(argc, argv);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 2;
    shared->n = options.from;
    while (!shared->over && shared->n <= options.to && shared->crashes < MAX_CRASHES) {
        pid_t pid = fork();
        if (pid == 0)
            child();
        int status;
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
            return 2;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            break;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
            return 2;
        char text[80];
        snprintf(text, sizeof text, WIFSIGNALED(status) ? "killed by signal %d" : "crash, hang or exit: status %d",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        shared->points++;
        finding(&shared->crashes, text);
        shared->n++;
    }
    const struct shared *s = shared;
    printf("%ld points, %ld crashes, %ld leaks, %ld double posts, %ld other\n", s->points, s->crashes, s->leaks,
           s->doubles, s->other);
    return s->crashes + s->leaks + s->doubles + s->other == 0 ? 0 : 1;
}
