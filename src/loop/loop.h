/* Descriptors and a thread that event loops wait with. Knows no request and no libcurl. */
#ifndef ONEENTRY_LOOP_H
#define ONEENTRY_LOOP_H

#include "base/base.h"

#include <pthread.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

/* event.c: a descriptor that a coroutine sleeps on until another one wakes it */
void oe_event_register(lua_State *L);
int oe_event_new(lua_State *L);

/* bell.c: an epoll descriptor, which is readable when its timer fires or a descriptor in it is. No Lua in it. */
typedef struct oe_bell {
    int epoll, timer; /* -1: closed */
} oe_bell;
#define OE_BELL_SOONEST 1e-9 /* seconds */
/* False with errno: nothing is open then. */
bool oe_bell_open(oe_bell *b);
void oe_bell_close(oe_bell *b);
/* Puts a descriptor in, to be heard when it can be read. False with errno. */
bool oe_bell_add(const oe_bell *b, int fd);
/* Sets the timer to `seconds` from now or, with TFD_TIMER_ABSTIME, of the monotonic clock; 0 stops it. False with errno. */
bool oe_bell_set(const oe_bell *b, double seconds, int how);

/* waker.c: a thread that sends an event loop a byte over a socket: 'w' when an epoll descriptor can be read, 'i' when none
   could for `idle`. The thread touches nothing else. No Lua in it. Functions that return false say why in `reason`;
   oe_waker_stop closes everything that was opened. */
typedef struct oe_waker {
    int outer;    /* the thread waits on it: has the armed descriptors, one shot at a time, and `quit` */
    int quit;     /* eventfd */
    int listener; /* from listen to accept */
    int wire;     /* the event loop has the other end */
    int idle;     /* ms */
    pid_t pid;    /* the process that listened: a child of fork has no thread, and leaves the parent's in peace */
    bool running;
    pthread_t thread;
    char directory[64], path[80];
    char reason[200];
} oe_waker;
void oe_waker_init(oe_waker *w);
/* Listens at `path`, in a new directory that only this user can enter. */
bool oe_waker_listen(oe_waker *w);
/* Takes the connection that this process has made to `path`, removes `path`, and starts the thread. */
bool oe_waker_accept(oe_waker *w, double idle);
/* Has it tell once of this epoll descriptor: as soon as that can be read. A descriptor that is closed is forgotten. */
bool oe_waker_arm(oe_waker *w, int epoll);
/* Tells now, if the thread is running. */
void oe_waker_wake(const oe_waker *w);
/* Ends the thread and closes everything; it may listen again. */
void oe_waker_stop(oe_waker *w);

/* waker_lua.c */
void oe_waker_register(lua_State *L);
/* Returns a new "oneentry.waker". Methods: listen() -> path; accept(idle seconds) -> true; arm(epoll) -> true; each of
   them nil, reason on failure; wake(), stop(); states() -> how many Lua states of this process have loaded the module. */
int oe_waker_new(lua_State *L);
/* Returns whether the running code may yield: not where C has called it. nginx hides LuaJIT's coroutine.isyieldable. */
int oe_waker_yieldable(lua_State *L);

/* alarm.c */
void oe_alarm_register(lua_State *L);
/* oneentry.alarm(): returns a descriptor that rings when another one is readable or time is over; raises. */
int oe_alarm_new(lua_State *L);

/* task.c */
/* Remembers the running thread if it is the main one, or the first that is seen. */
void oe_task_see(lua_State *L);
int oe_task_is(lua_State *L);

#pragma GCC visibility pop

#endif
