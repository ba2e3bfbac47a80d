/* A row and its arguments become url, headers and body. Sends nothing. */
#ifndef ONEENTRY_REQUEST_H
#define ONEENTRY_REQUEST_H

#include "api/api.h"
#include "base/base.h"
#include "wire/transfer.h"

#pragma GCC visibility push(hidden)

/* arguments.c: the arguments 1..n of `row` on the stack */
/* Raises "bad argument" unless the values below the top of the stack are as the row declares. Leaves exactly n, and the top. */
void oe_argument_check(lua_State *L, const oe_row *row);
int oe_argument_error(lua_State *L, const oe_row *row, int index, const char *problem);
/* Returns the position of an argument by name; 0 if there is none. */
int oe_argument_find(const oe_row *row, const char *name, size_t n);
/* Returns the position of the argument of type OE_IDS, or 0. */
int oe_argument_find_ids(const oe_row *row);
/* Returns why the text or number is no integer of 0 or more, or NULL. */
const char *oe_argument_integer_problem(lua_State *L, int index);
/* Writes such a number as digits. */
#define OE_DIGITS 32
oe_text oe_argument_digits(lua_State *L, int index, char digits[OE_DIGITS]);
/* Puts its fallback in the place of each argument that is absent. */
void oe_argument_fill(lua_State *L, const oe_settings *settings, const oe_row *row);
/* Pushes the argument called `name`, or nil. */
void oe_argument_push(lua_State *L, const oe_row *row, const char *name);

/* language.c */
#define OE_LANG_PLACES 2
/* The language that a request asks for, and where it stands in the body. */
typedef struct oe_language {
    oe_text langs;     /* of the call, see langs.c */
    oe_text lang;      /* the one of them */
    const char *first; /* the one that was asked for first */
    size_t at[OE_LANG_PLACES];
    int places;
} oe_language;
/* Chooses it from the row's argument, or the client's, leaves it in that place, and leaves out what the API has refused lately.
   `langs` are text that is kept as long as the call. */
void oe_language_choose(lua_State *L, const oe_settings *settings, const oe_row *row, oe_language *into);
/* Appends it to a body, and notes the place. */
void oe_language_write(oe_language *language, oe_buffer *body);
/* Writes the next language in its place. False: there is none, or the request does not have the language. */
bool oe_language_go_on(oe_language *language, const oe_settings *settings, const oe_row *row, oe_buffer *url,
                       oe_buffer *body);
/* Notes that those before it were refused. */
void oe_language_note(const oe_language *language, oe_settings *settings);

/* request.c */
/* Fills the arguments, and writes url and body into buffers that nobody else writes; raises. `files`: the index of a list that gets
   the files which the body has and its row uploads, or 0. */
void oe_request_write(lua_State *L, const oe_settings *settings, const oe_row *row, oe_buffer *url, oe_buffer *body,
                      int files, oe_language *language);
/* An item of that list: the file and the parameters of its upload, the words by which messages name the member, and where OE_FILE_PLACE
   stands for it in the body. */
enum { OE_FILE_VALUE = 1, OE_FILE_QUERY, OE_FILE_WHERE, OE_FILE_AT };
#define OE_FILE_PLACE "null"
/* Pushes the session's part of the headers, with its current tokens: OE_HEADERS values for oe_request_headers. */
#define OE_HEADERS 2
void oe_request_push_headers(lua_State *L, int session, enum oe_verb verb, bool with_token);
/* Writes the headers and pops those values; runs no Lua. False without memory. */
bool oe_request_headers(lua_State *L, const oe_settings *settings, const oe_row *row, oe_buffer *out);
/* files.c */
/* What a row that moves files needs beside url and body. */
typedef struct oe_files {
    oe_upload *upload;
    oe_sink *sink;
    bool allow_private;
} oe_files;
/* Opens the files that the arguments name, and pushes a table that has to live as long as they are used: { progress =, to =,
   filename =, mimeType =, and strings that are sent }. `driven`: nothing may be waited for. `most`: bytes that may be read from a pipe. Raises; `into` has
   then what was opened so far. */
void oe_files_open(lua_State *L, const oe_row *row, bool driven, size_t most, oe_files *into);
/* handles.c: open files of Lua's io */
/* Is the value such a file? *open tells whether it is open still. */
bool oe_handles_is(lua_State *L, int index, bool *open);
/* Returns a descriptor of its own for the file at `index`, and where that stands; `from` is -1 when it is a pipe or the like. -1 with
   errno. */
int oe_handles_copy(lua_State *L, int index, bool writes, long long *from);
/* Pushes what is left of the pipe at `index`, read by its own method. False: it is more than `most` bytes. */
bool oe_handles_push_rest(lua_State *L, int index, size_t most);
/* Sets the place where the file at `index` stands. */
void oe_handles_seek(lua_State *L, int index, long long place);
/* body.c: appends the row's body, if it has one; raises. */
void oe_body_write(lua_State *L, const oe_row *row, oe_buffer *out, int files, oe_language *language);
/* checks.c has those that rows name */
struct oe_check {
    const char *name, *of; /* of itself, in oneentry.rows(); of the list in messages */
    /* Checks the list at the absolute index, and may replace it there by a copy. False: as oe_json_write fails. */
    bool (*check)(lua_State *L, int index, oe_json *w);
};
/* edits.c and forms.c have those that rows name */
struct oe_edit {
    const char *name, *member; /* of itself, in oneentry.rows(); of the body's member that it writes */
    bool adds;                 /* the edit also writes the member where the caller has set none */
    /* Appends the member's value, which is at the absolute index `value` (0: the caller has set none), as oe_json_write does. */
    bool (*write)(lua_State *L, int value, oe_language *language, oe_json *w);
};
/* Is the table at the absolute index keyed by locales only: "en_US", "de", "zh-Hant_TW"? */
bool oe_edits_is_keyed_by_locale(lua_State *L, int index);
/* Pushes the member of the plain table at `index`, or a copy of that table without the members that `words` names. */
void oe_edits_push_member(lua_State *L, int index, const char *name);
void oe_edits_push_without(lua_State *L, int index, const char *words);
/* forms.c: appends what an upload has returned of a file, the table at the absolute index, as oe_json_write does, as forms take it */
bool oe_forms_write_uploaded(lua_State *L, int index, oe_json *w);
/* uri.c: no Lua in it */
/* Finds the value of a name; false leaves a query parameter out. */
typedef bool (*oe_uri_lookup)(void *context, const char *name, size_t n, oe_text *value);
/* Appends the expanded template. Returns NULL, or the problem of the path segment that *bad names. */
const char *oe_uri_expand(oe_buffer *out, const char *path, oe_uri_lookup lookup, void *context, oe_text *bad);
/* Appends the text with everything escaped that is not unreserved. */
void oe_uri_encode(oe_buffer *out, oe_text text);
/* Returns the length of a path template without its query. */
size_t oe_uri_path_n(const char *path);
/* A parameter of a template's query: "name", "name=argument", "*argument" (a spread), each maybe with "?" behind it. */
typedef struct oe_parameter {
    oe_text name, of;  /* `of`: the argument */
    bool spread;       /* the value is the encoded text of several parameters */
    bool unless_empty; /* an empty text is left out */
} oe_parameter;
/* Reads the parameter at `list`, which follows "{?" or the parameter before. Returns its end, or NULL: there is none. */
const char *oe_uri_parameter(const char *list, oe_parameter *into);
/* query.c: replaces the OE_QUERY arguments by the encoded texts of their parameters; raises. */
void oe_query_write(lua_State *L, const oe_row *row);
/* Pushes a plain copy of the table of parameters at `index`; the value itself, if it is none or cannot be read. */
void oe_query_push_copy(lua_State *L, int index);

#pragma GCC visibility pop

#endif
