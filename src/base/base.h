/* The ground: text, numbers, buffers, JSON out, the clock. Knows no request, no client and no libcurl. */
#ifndef ONEENTRY_BASE_H
#define ONEENTRY_BASE_H

#include "base/buffer.h"
#include "base/compat.h"
#include "base/settings.h"

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>

#define OE_VERSION "0.1.0"

/* Bytes of a request's head. All of them fit into a head of HTTP/2, 64 kB in libcurl's nghttp2, and of HTTP/1.1, 1 MB; servers
   take less. So a text that is too long is refused as an argument and never fails under way. */
#define OE_MAX_URL 32768
#define OE_MAX_TOKEN 8192 /* and any other text of a configuration but: */
#define OE_MAX_LABEL 1024 /* the project's url, the user agent and each part of a device */

/* Borrowed bytes. */
typedef struct oe_text {
    const char *p;
    size_t n;
} oe_text;

#pragma GCC visibility push(hidden)

/* globals.c */
void oe_globals_register(lua_State *L);
/* Pushes "require", "tostring" or table's "sort", as it was when this module was loaded. */
void oe_globals_push(lua_State *L, const char *name);
/* Pushes that require. A file that it loads finds it as its own require. */
void oe_globals_push_require(lua_State *L);
/* Pushes the global of that name, or nil. */
void oe_globals_find(lua_State *L, const char *name);

/* bound.c */
/* Binds the n values (1 to 4) on top of the stack to `f`: pops them and pushes the function. `name` is the name of `f`. */
void oe_bound_push(lua_State *L, const char *name, lua_CFunction f, int n);
/* `f` calls this first: it puts the values behind the arguments, and returns how many arguments there are. */
int oe_bound_enter(lua_State *L, int n);
/* Pushes the n values that are bound to `f` in the function at the absolute index; false: that is no such function. */
bool oe_bound_push_values(lua_State *L, int function, lua_CFunction f, int n);

/* table.c */
#define OE_TABLE_READS 1000000 /* members and items that metamethods may answer for one body */
/* Replaces the table at the absolute `index` by a plain copy, if its metatable answers for it. NULL, or the problem, which
   may be a string on the stack. *reads counts what metamethods have answered. */
const char *oe_table_read(lua_State *L, int index, long *reads);
/* Reads by __pairs only: for tables whose members are known by name. */
const char *oe_table_read_members(lua_State *L, int index, long *reads);

/* Adds the functions, which end with a name NULL, to the table on top of the stack. */
void oe_table_add(lua_State *L, const luaL_Reg *functions);
/* Sets the member of the table at `to` to that of the table at `from`; both indices are absolute. */
void oe_table_copy(lua_State *L, int from, int to, const char *name);

/* lists.c */
enum oe_list { OE_UNMARKED, OE_LIST, OE_NO_LIST };
/* Returns how the table at the absolute index is marked. */
enum oe_list oe_lists_kind(lua_State *L, int index);
/* Is the value at the absolute index lua-cjson's empty_array? */
bool oe_lists_is_empty_array(lua_State *L, int index);
/* Marks the table at the absolute index. */
void oe_lists_mark(lua_State *L, int index);
/* Pushes the mark. */
void oe_lists_push_metatable(lua_State *L);
int oe_lists_array(lua_State *L);

/* random.c */
void oe_random_bytes(void *bytes, size_t n);

/* c_locale.c: the C locale for this thread, from enter to leave; the code between them must not raise */
locale_t oe_c_locale_enter(void);
void oe_c_locale_leave(locale_t before);
/* Enters the C locale with texts in UTF-8. False: the system has no such locale, and nothing has changed. */
typedef struct oe_utf8 {
    locale_t made, before;
} oe_utf8;
bool oe_c_locale_enter_utf8(oe_utf8 *u);
void oe_c_locale_leave_utf8(const oe_utf8 *u);

/* number.c */
#define OE_EXACT 0x1p53 /* a double holds every integer up to here */
/* Does a 64-bit integer hold the integral part? */
static inline bool oe_number_is_long(double d)
{
    return d >= -0x1p63 && d < 0x1p63;
}
/* Pushes the integer of n digits, maybe with a sign; no digit follows them. Lua 5.3 and later get an integer. Earlier ones
   get a number up to 2^53, else the text of the digits, which is as good as an id. Beyond 64 bits each gets a float. */
void oe_number_push_integer(lua_State *L, const char *digits, size_t n);
/* The same for digits that are read already. */
void oe_number_push_long(lua_State *L, long long value, const char *digits, size_t n);
/* Pushes a number of JSON, which no digit follows. False: it is beyond all doubles. */
bool oe_number_push_json(lua_State *L, const char *text, size_t n, bool integral);
/* Pushes the number that JavaScript's Number() makes of the text at `index`; nothing for a text that is empty or no number. */
bool oe_number_push_text(lua_State *L, int index);

/* text.c */
/* Appends the text as at most `limit` bytes of one line, without anything that a terminal or a log obeys. `quoted`: the
   text will stand between quotes. */
void oe_text_show(oe_buffer *out, const char *text, size_t n, size_t limit, bool quoted);
/* Returns the length of the longest beginning of at most `limit` bytes that cuts no character. */
size_t oe_text_cut(const char *text, size_t n, size_t limit);
/* Writes "oneentry: where: text" to stderr, shown. */
void oe_text_log(const char *where, const char *text, size_t n, size_t limit);

/* held.c */
void oe_held_register(lua_State *L);
/* Pushes an empty buffer, which lives as long as it is on the stack. */
oe_buffer *oe_held_push(lua_State *L);
/* Pushes its bytes as a string; raises when it has failed. */
void oe_held_push_text(lua_State *L, const oe_buffer *held);

/* text.c */
/* Well-formed UTF-8? */
bool oe_text_is_utf8(const char *text, size_t n);
/* Is `word`, of n bytes, one of the blank-separated `words`? */
bool oe_text_has_word(const char *words, const char *word, size_t n);
/* Can the text go into a header as it is? */
bool oe_text_is_header_value(const char *text, size_t n);
/* escape.c */
#define OE_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD, which stands for half a surrogate pair: UTF-8 has none */
/* Reads the escape that may begin at s: returns its length, or 0; *written bytes are in `out`. */
size_t oe_escape_read(const char *s, size_t n, char out[4], size_t *written);
/* Writes the text between the quotes of a JSON string without its escapes; returns how many bytes, at most n. */
size_t oe_escape_unescape_json(char *out, const char *text, size_t n);

/* json.c */
#define OE_JSON_DEPTH 100
typedef struct oe_json {
    oe_buffer *out;
    const char *lists;   /* members whose empty table is a list */
    const char *problem; /* after a failure */
    char where[160];     /* path of the value that failed: ".products[1].id" */
    long reads;          /* members and items that metamethods have answered */
    int files;           /* the index of a list, see request.h, or 0 */
} oe_json;
/* Appends the value at the absolute index. A table that answers through its metatable is replaced there by a plain copy.
   On failure the stack may hold more than before; `problem` may be one of the strings there. */
bool oe_json_write(lua_State *L, int index, oe_json *w, int depth);
/* Appends likewise; `empty_is_list`: an empty table is []. */
bool oe_json_write_member(lua_State *L, int index, oe_json *w, int depth, bool empty_is_list);
/* Puts a step, ".name" or "[i]", before the path of the value that failed. */
void oe_json_prepend_name(oe_json *w, const char *name);
void oe_json_prepend_index(oe_json *w, size_t i);
/* Replaces the table only; it can be looked at raw then. */
bool oe_json_read(lua_State *L, int index, oe_json *w);
void oe_json_string(oe_buffer *out, const char *s, size_t n);
/* Is the value at the absolute index a table without members? */
bool oe_json_is_empty(lua_State *L, int index);
/* Pushes the module cjson; raises. */
void oe_json_push_cjson(lua_State *L);

/* langs.c */
#define OE_MAX_LANGS 8 /* in a list */
#define OE_MAX_LANG 35 /* bytes of one in a list: RFC 5646 recommends room for so many */
/* Returns the language after `lang`, or the first where lang.p is NULL; its p is NULL: there is none. NUL ends it. */
oe_text oe_langs_next(oe_text langs, oe_text lang);
/* Replaces the list at the absolute index by such a text. NULL, or the problem. */
const char *oe_langs_join(lua_State *L, int index);

/* nearest.c */
/* Pushes and returns "unknown WHAT, did you mean 'x'?", x one of the blank-separated `words`, or the list of them. */
const char *oe_nearest_push(lua_State *L, const char *what, const char *words, const char *name);

/* clock.c: monotonic seconds */
double oe_clock_now(void);

/* raise.c */
/* Raises: the function of that name was called with a colon. */
int oe_raise_colon(lua_State *L, const char *name);
/* Raises like luaL_error, with the place where the user called the method. */
int oe_raise(lua_State *L, const char *format, ...);

#pragma GCC visibility pop

#endif
