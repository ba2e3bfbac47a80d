/* Chooses the call that fails. The host and the stand-ins for functions share this. */
#ifndef INJECT_H
#define INJECT_H

#include <stdbool.h>
#include <stddef.h>

enum inject_mode {
    INJECT_ONCE,
    INJECT_TWICE, /* the one after it, too: Lua 5.2 and later collect garbage and ask once more */
    INJECT_STICKY /* all from then on */
};

/* Chooses the kind of call that fails: "lua", "malloc", or a system call and how, as in "send:ECONNRESET". False: there is
   none of that name. */
bool inject_choose(const char *kind);
/* Counts calls of that kind from 1, and fails the n-th. */
void inject_arm(long n, enum inject_mode mode);
void inject_disarm(void);
/* Did a call fail since inject_arm? */
bool inject_fired(void);
/* Stop counting and go on, around calls that are not under test. */
bool inject_pause(void);
void inject_resume(bool armed);
/* Writes the stack of the caller to stderr when a call fails. */
void inject_be_loud(void);

/* A stand-in asks: does this call have to fail? */
bool inject_is_due(void);

/* memory.c */
extern bool inject_lua_memory;
void *inject_lua_alloc(void *context, void *p, size_t old, size_t n);
bool inject_memory_choose(const char *kind);
/* Blocks that malloc has given out and that were not freed. */
long inject_live_blocks(void);
/* Spares calls from the object file of this name. */
void inject_spare(const char *name);
/* Starts to remember the callers of allocations; inject_print_blocks() writes those of blocks not freed since. */
void inject_remember_blocks(void);
void inject_print_blocks(void);

/* system.c */
bool inject_system_choose(const char *kind);

#endif
