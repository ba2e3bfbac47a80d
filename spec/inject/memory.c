/* malloc and its family, and Lua's allocator, that fail on demand. Freed memory is filled, and a block always moves
   when its size changes, so that use of what is gone shows. */
#include "inject.h"

#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FREED 0xDB
#define FRESH 0xA5
#define FRAMES 14
#define CALLER __builtin_return_address(0)
#define SLOTS (1u << 17)

/* glibc's own, under the names it keeps for this. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t size);
void *__libc_memalign(size_t alignment, size_t n);
void __libc_free(void *p);

static bool of_malloc;
bool inject_lua_memory;
static long live;
static uintptr_t spared_from, spared_to;

bool inject_memory_choose(const char *kind)
{
    inject_lua_memory = strcmp(kind, "lua") == 0;
    of_malloc = strcmp(kind, "malloc") == 0;
    return of_malloc || inject_lua_memory;
}

long inject_live_blocks(void)
{
    return live;
}

/* ---- the caller --------------------------------------------------------------------------------- */

static int find_object(struct dl_phdr_info *info, size_t size, void *context)
{
    const char *name = strrchr(info->dlpi_name, '/');
    (void)size;
    if (!name || strcmp(name + 1, context) != 0)
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
            spared_from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            spared_to = spared_from + info->dlpi_phdr[i].p_memsz;
        }
    }
    return 1;
}

void inject_spare(const char *name)
{
    char copy[64];
    strncpy(copy, name, sizeof copy - 1);
    copy[sizeof copy - 1] = 0;
    dl_iterate_phdr(find_object, copy);
}

static bool is_spared(const void *caller)
{
    return (uintptr_t)caller >= spared_from && (uintptr_t)caller < spared_to;
}

static bool fails(const void *caller)
{
    return of_malloc && !is_spared(caller) && inject_is_due();
}

/* ---- blocks, remembered by address -------------------------------------------------------------- */

static struct block {
    void *p;
    void *stack[FRAMES];
    int depth;
} blocks[SLOTS];
static bool remembering;

static unsigned slot_of(const void *p)
{
    return (unsigned)(((uintptr_t)p >> 4) * 2654435761u) % SLOTS;
}

static void remember(void *p)
{
    static bool inside;
    if (!remembering || inside)
        return;
    unsigned i = slot_of(p);
    for (unsigned tries = 0; tries < SLOTS && blocks[i].p && blocks[i].p != (void *)1; tries++)
        i = (i + 1) % SLOTS;
    inside = true;
    blocks[i].p = p;
    blocks[i].depth = backtrace(blocks[i].stack, FRAMES);
    inside = false;
}

static void forget(const void *p)
{
    if (!remembering)
        return;
    unsigned i = slot_of(p);
    for (unsigned tries = 0; tries < SLOTS && blocks[i].p; tries++, i = (i + 1) % SLOTS) {
        if (blocks[i].p == p) {
            blocks[i].p = (void *)1; /* was taken */
            return;
        }
    }
}

void inject_remember_blocks(void)
{
    memset(blocks, 0, sizeof blocks);
    remembering = true;
}

void inject_print_blocks(void)
{
    remembering = false;
    for (unsigned i = 0; i < SLOTS; i++) {
        if (blocks[i].p && blocks[i].p != (void *)1) {
            backtrace_symbols_fd(blocks[i].stack, blocks[i].depth, 2);
            (void)!write(2, "\n", 1);
        }
    }
}

/* ---- the functions ------------------------------------------------------------------------------ */

/* Counts the block, unless the spared object file has it: that file may leak, and frees its own blocks. */
static void *given(void *p, const void *caller)
{
    if (!p || is_spared(caller))
        return p;
    live++;
    remember(p);
    return p;
}

static void *allocate(size_t n, const void *caller)
{
    void *p = __libc_malloc(n);
    if (p)
        memset(p, FRESH, malloc_usable_size(p));
    return given(p, caller);
}

void *malloc(size_t n)
{
    if (fails(CALLER)) {
        errno = ENOMEM;
        return NULL;
    }
    return allocate(n, CALLER);
}

void *calloc(size_t count, size_t size)
{
    if (fails(CALLER)) {
        errno = ENOMEM;
        return NULL;
    }
    return given(__libc_calloc(count, size), CALLER);
}

static void release(void *p, const void *caller)
{
    int before = errno;
    if (!is_spared(caller)) {
        live--;
        forget(p);
    }
    memset(p, FREED, malloc_usable_size(p));
    __libc_free(p);
    errno = before;
}

void free(void *p)
{
    if (p)
        release(p, CALLER);
}

void *realloc(void *old, size_t n)
{
    if (fails(CALLER)) {
        errno = ENOMEM;
        return NULL;
    }
    if (n == 0 && old) {
        release(old, CALLER);
        return NULL;
    }
    void *p = allocate(n, CALLER);
    if (p && old) {
        size_t had = malloc_usable_size(old);
        memcpy(p, old, had < n ? had : n);
        release(old, CALLER);
    }
    return p;
}

void *memalign(size_t alignment, size_t n)
{
    if (fails(CALLER)) {
        errno = ENOMEM;
        return NULL;
    }
    return given(__libc_memalign(alignment, n), CALLER);
}

void *aligned_alloc(size_t alignment, size_t n)
{
    return memalign(alignment, n);
}

int posix_memalign(void **p, size_t alignment, size_t n)
{
    void *block = memalign(alignment, n);
    if (!block)
        return ENOMEM;
    *p = block;
    return 0;
}

/* lua_Alloc. Only growth fails, as Lua expects. */
void *inject_lua_alloc(void *context, void *p, size_t old, size_t n)
{
    (void)context;
    size_t had = p ? old : 0;
    if (n == 0) {
        if (p) {
            memset(p, FREED, old);
            __libc_free(p);
        }
        return NULL;
    }
    if (n > had && inject_lua_memory && inject_is_due())
        return NULL;
    void *fresh = __libc_malloc(n);
    if (!fresh)
        return NULL;
    memset(fresh, FRESH, n);
    if (p) {
        memcpy(fresh, p, had < n ? had : n);
        memset(p, FREED, old);
        __libc_free(p);
    }
    return fresh;
}
