/* The waker beside an event loop, for the thread sanitizer. `make tsan` runs it. */
#include "loop.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void tells_of_sockets(void)
{
    loop l;
    open_sources(&l);
    start(&l, LONG_IDLE);
    for (int i = 0; i < 2000; i++) {
        if (i % 2)
            say(&l); /* before it is armed */
        CHECK(oe_waker_arm(&l.waker, l.epoll));
        if (i % 2 == 0)
            say(&l);
        CHECK(hear(&l) == 'w');
        drain(&l);
    }
    finish(&l);
}

static void tells_of_timers(void)
{
    loop l;
    open_sources(&l);
    start(&l, LONG_IDLE);
    for (int i = 0; i < 100; i++) {
        uint64_t expirations;
        set_timer(&l, 1 + i * 10000L);
        CHECK(oe_waker_arm(&l.waker, l.epoll));
        CHECK(hear(&l) == 'w');
        CHECK(read(l.timer, &expirations, sizeof expirations) == sizeof expirations);
    }
    finish(&l);
}

static void tells_of_several(void)
{
    loop l, others[8];
    open_sources(&l);
    start(&l, LONG_IDLE);
    for (int i = 0; i < 8; i++)
        open_sources(&others[i]);
    for (int i = 0; i < 80; i++) {
        for (int j = 0; j < 8; j++)
            CHECK(oe_waker_arm(&l.waker, others[j].epoll));
        say(&others[i % 8]);
        CHECK(hear(&l) == 'w');
        drain(&others[i % 8]);
        finish(&others[i % 8]); /* the next has the same descriptors, but others */
        open_sources(&others[i % 8]);
    }
    for (int i = 0; i < 8; i++)
        finish(&others[i]);
    finish(&l);
}

static void tells_once(void)
{
    loop l;
    open_sources(&l);
    start(&l, LONG_IDLE);
    say(&l);
    CHECK(oe_waker_arm(&l.waker, l.epoll));
    CHECK(hear(&l) == 'w');
    oe_waker_wake(&l.waker);
    CHECK(hear(&l) == 'w');
    oe_waker_stop(&l.waker);
    CHECK(hear(&l) == 0);
    finish(&l);
}

static void tells_of_idleness(void)
{
    loop l;
    open_sources(&l);
    start(&l, 0.01);
    CHECK(hear(&l) == 'i');
    CHECK(oe_waker_arm(&l.waker, l.epoll));
    CHECK(hear(&l) == 'i');
    finish(&l);
}

static void starts_again(void)
{
    loop l;
    open_sources(&l);
    int before = count_descriptors();
    for (int i = 0; i < 300; i++) {
        start(&l, LONG_IDLE);
        if (i % 3)
            CHECK(oe_waker_arm(&l.waker, l.epoll));
        if (i % 3 == 2)
            say(&l); /* it may tell while it is stopped */
        oe_waker_stop(&l.waker);
        oe_waker_stop(&l.waker);
        close(l.wire);
        l.wire = -1;
    }
    CHECK(count_descriptors() == before);
    finish(&l);
}

static atomic_bool enough;

static void *pour(void *context)
{
    const loop *l = context;
    while (!atomic_load(&enough))
        (void)!write(l->far, "x", 1);
    return NULL;
}

static void survives_a_flood(void)
{
    for (int round = 0; round < 20; round++) {
        loop l;
        pthread_t source;
        open_sources(&l);
        start(&l, LONG_IDLE);
        atomic_store(&enough, false);
        CHECK(pthread_create(&source, NULL, pour, &l) == 0);
        for (int i = 0; i < 200; i++) {
            CHECK(oe_waker_arm(&l.waker, l.epoll));
            oe_waker_wake(&l.waker);
            CHECK(hear(&l) == 'w');
            drain(&l);
        }
        oe_waker_arm(&l.waker, l.epoll);
        oe_waker_stop(&l.waker);
        atomic_store(&enough, true);
        pthread_join(source, NULL);
        finish(&l);
    }
}

static void survives_its_reader(void)
{
    loop l;
    open_sources(&l);
    start(&l, LONG_IDLE);
    close(l.wire); /* telling fails from now on, without a SIGPIPE */
    l.wire = -1;
    say(&l);
    CHECK(oe_waker_arm(&l.waker, l.epoll));
    oe_waker_wake(&l.waker);
    finish(&l);
}

static void leaves_signals_alone(void)
{
    loop l;
    sigset_t one, before, pending;
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    open_sources(&l);
    start(&l, LONG_IDLE);
    sigprocmask(SIG_BLOCK, &one, &before);
    kill(getpid(), SIGUSR1); /* would end the process if any thread took it */
    CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1));
    int taken = 0;
    CHECK(sigwait(&one, &taken) == 0 && taken == SIGUSR1);
    sigprocmask(SIG_SETMASK, &before, NULL);
    finish(&l);
}

/* Exit status 0 when everything held in the child. */
static bool holds_in_child(pid_t pid)
{
    int status = -1;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void outlives_a_fork(void)
{
    loop l;
    open_sources(&l);
    int before = count_descriptors();
    start(&l, LONG_IDLE);
    for (int i = 0; i < 20; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            CHECK(!oe_waker_arm(&l.waker, l.epoll) && l.waker.reason[0]);
            oe_waker_wake(&l.waker);
            oe_waker_stop(&l.waker);
            close(l.wire);
            CHECK(count_descriptors() == before);
            CHECK(oe_waker_listen(&l.waker)); /* one of its own; the sanitizer cannot go on to a thread */
            oe_waker_stop(&l.waker);
            _exit(good ? 0 : 1);
        }
        CHECK(holds_in_child(pid));
        say(&l);
        CHECK(oe_waker_arm(&l.waker, l.epoll));
        CHECK(hear(&l) == 'w');
        drain(&l);
    }
    oe_waker_stop(&l.waker);
    CHECK(hear(&l) == 0); /* no child's byte */
    finish(&l);
}

static void listens_in_private(void)
{
    loop l;
    struct stat s;
    int inheritable = count_inheritable();
    open_sources(&l);
    CHECK(oe_waker_listen(&l.waker));
    char directory[sizeof l.waker.directory];
    memcpy(directory, l.waker.directory, sizeof directory);
    CHECK(stat(directory, &s) == 0 && (s.st_mode & 07777) == 0700);
    pid_t pid = fork();
    if (pid == 0)
        _exit(connect_to(l.waker.path) < 0);
    CHECK(holds_in_child(pid));
    l.wire = connect_to(l.waker.path);
    CHECK(oe_waker_accept(&l.waker, LONG_IDLE));
    CHECK(stat(directory, &s) != 0 && errno == ENOENT);
    oe_waker_wake(&l.waker);
    CHECK(hear(&l) == 'w');
    CHECK(count_inheritable() == inheritable);
    finish(&l);
}

static void says_why_it_cannot(void)
{
    static const char *const parents[] = { "/nowhere/at/all", "/very/long/very/long/very/long/very/long/very/long" };
    loop l;
    open_sources(&l);
    const char *usual = getenv("TMPDIR");
    char *saved = usual ? strdup(usual) : NULL;
    int before = count_descriptors();
    for (int i = 0; i < 2; i++) {
        setenv("TMPDIR", parents[i], 1);
        CHECK(!oe_waker_listen(&l.waker));
        CHECK(strstr(l.waker.reason, "temporary directory: ") != NULL);
    }
    if (saved)
        setenv("TMPDIR", saved, 1);
    else
        unsetenv("TMPDIR");
    free(saved);
    CHECK(oe_waker_listen(&l.waker));
    CHECK(!oe_waker_accept(&l.waker, LONG_IDLE)); /* nobody has connected */
    CHECK(strstr(l.waker.reason, "accept a connection: ") != NULL);
    CHECK(count_descriptors() == before);
    start(&l, LONG_IDLE);
    close(l.epoll);
    CHECK(!oe_waker_arm(&l.waker, l.epoll) && strstr(l.waker.reason, "watch") != NULL);
    l.epoll = epoll_create1(EPOLL_CLOEXEC);
    finish(&l);
}

/* With room for `free_slots` more descriptors. */
static bool starts_within(loop *l, int free_slots)
{
    struct rlimit usual, tight;
    getrlimit(RLIMIT_NOFILE, &usual);
    int lowest = dup(0);
    close(lowest);
    tight = usual;
    tight.rlim_cur = (rlim_t)lowest + (rlim_t)free_slots;
    setrlimit(RLIMIT_NOFILE, &tight);
    bool listens = oe_waker_listen(&l->waker);
    setrlimit(RLIMIT_NOFILE, &usual);
    if (!listens)
        return false;
    l->wire = connect_to(l->waker.path);
    setrlimit(RLIMIT_NOFILE, &tight);
    bool accepts = oe_waker_accept(&l->waker, LONG_IDLE);
    setrlimit(RLIMIT_NOFILE, &usual);
    return accepts;
}

static void leaks_nothing_without_descriptors(void)
{
    loop l;
    open_sources(&l);
    int before = count_descriptors(), slots = 0;
    while (slots < 10 && !starts_within(&l, slots)) {
        CHECK(l.waker.reason[0]);
        if (l.wire >= 0)
            close(l.wire);
        l.wire = -1;
        CHECK(count_descriptors() == before);
        slots++;
    }
    CHECK(slots >= 4 && slots < 10);
    finish(&l);
}

int main(void)
{
    signal(SIGPIPE, SIG_DFL);
    test("tells of sockets", tells_of_sockets);
    test("tells of timers", tells_of_timers);
    test("tells of several descriptors that come and go", tells_of_several);
    test("tells once for being armed", tells_once);
    test("tells of idleness", tells_of_idleness);
    test("starts and stops again and again", starts_again);
    test("is armed, woken and stopped while events pour in", survives_a_flood);
    test("survives an event loop that is gone", survives_its_reader);
    test("leaves signals to the other threads", leaves_signals_alone);
    test("outlives a fork", outlives_a_fork);
    test("listens in a directory of its own, to its own process", listens_in_private);
    test("says why it cannot start", says_why_it_cannot);
    test("leaks nothing when descriptors run out", leaks_nothing_without_descriptors);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
