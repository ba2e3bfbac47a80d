/* An event loop made of nothing, and a count of the tests. */
#ifndef LOOP_H
#define LOOP_H

#include "face/face.h"

#define LONG_IDLE 1000.0

extern int passed, failed;
extern bool good; /* so far, in this test */

void check_at(bool ok, const char *what, int line);
#define CHECK(condition) check_at((condition), #condition, __LINE__)
void test(const char *name, void (*f)(void));

typedef struct loop {
    int epoll, timer, near, far; /* near is in epoll, far makes it readable */
    int wire;
    oe_waker waker;
} loop;

void open_sources(loop *l);
int connect_to(const char *path);
/* Starts its waker. */
void start(loop *l, double idle);
/* Stops it, and closes all. */
void finish(loop *l);
/* Returns the next byte of the waker; 0 at the end, '?' when none came. */
char hear(const loop *l);
/* Makes `near` readable, and unreadable. */
void say(const loop *l);
void drain(const loop *l);
void set_timer(const loop *l, long ns);
int count_descriptors(void);
/* Counts the descriptors that a program started by this one would get. */
int count_inheritable(void);

#endif
