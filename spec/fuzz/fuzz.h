/* Shared by the fuzz targets: reading the input, a Lua state that lives as long as the process, Lua values made of
   the input. A target that finds a promise broken calls fuzz_fail(). */
#ifndef FUZZ_H
#define FUZZ_H

#include "face/face.h"

#include <stdint.h>

typedef struct fuzz_input {
    const uint8_t *p;
    size_t n;
} fuzz_input;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next byte; 0 after the end. */
unsigned fuzz_byte(fuzz_input *in);
/* Up to `n` bytes into `out`; what the input lacks is 0. */
void fuzz_bytes(fuzz_input *in, void *out, size_t n);
/* The next text: a length byte, then as many bytes. */
oe_text fuzz_text(fuzz_input *in);

_Noreturn void fuzz_fail(const char *promise, const char *details);

/* The state, its stack empty. Garbage is collected now and then, so that what is used after that is seen. */
lua_State *fuzz_lua(void);
/* Pushes oneentry[name]. */
void fuzz_push_module(lua_State *L, const char *name);
/* Runs f(in) protected: true, or false and the error alone on the stack. */
bool fuzz_protected(lua_State *L, lua_CFunction f, void *context);

typedef struct fuzz_maker {
    fuzz_input *in;
    int tables;               /* stack index of a list of all tables made, for values that are there twice */
    int budget;               /* values that may still be made */
    const char *const *names; /* keys worth trying; ends with NULL */
    size_t name_count;
} fuzz_maker;

/* Pushes a value: what JSON knows, and everything else that Lua has. */
void fuzz_push_value(lua_State *L, fuzz_maker *m, int depth);
/* Pushes a string: a name, or any bytes. */
void fuzz_push_string(lua_State *L, fuzz_maker *m);
/* Starts a maker: pushes its list of tables. */
fuzz_maker fuzz_maker_new(lua_State *L, fuzz_input *in, const char *const *names);

/* Is the value at `got` the one at `want`? `exact`: integers are integers, too. Leaves rubbish on the stack. */
bool fuzz_equal(lua_State *L, int want, int got, bool exact);

#endif
