/* Opens the files of a call. A file to be uploaded is a path, an open file of Lua's io, { path =, handle = or data =, name =, type = },
   or a list of those. Each is opened, or its descriptor copied, before the call begins: what the program does with it later does
   not matter. */
#include "base/members.h"
#include "request/request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define MAX_FILES 1000
#define MAX_NAME 1024 /* bytes of a name or type */

/* The files, as they are opened. */
typedef struct opening {
    lua_State *L;
    const oe_row *row;
    int argument; /* its position, for messages */
    int kept;     /* the table of what has to live */
    bool driven;
    size_t most;
} opening;

static int refuse(const opening *o, const char *problem)
{
    return oe_argument_error(o->L, o->row, o->argument, problem);
}

/* Raises with the system's reason. */
static int refuse_file(const opening *o, const char *path, int error)
{
    char shown[300];
    snprintf(shown, sizeof shown, "cannot open '%.200s': %s", path, strerror(error));
    return refuse(o, shown);
}

/* Media types by the endings of names. */
static const char *type_of(const char *name)
{
    static const char *const types[][2] = {
        { "avif", "image/avif" },       { "csv", "text/csv" },        { "gif", "image/gif" },
        { "html", "text/html" },        { "jpeg", "image/jpeg" },     { "jpg", "image/jpeg" },
        { "json", "application/json" }, { "mp3", "audio/mpeg" },      { "mp4", "video/mp4" },
        { "pdf", "application/pdf" },   { "png", "image/png" },       { "svg", "image/svg+xml" },
        { "txt", "text/plain" },        { "webm", "video/webm" },     { "webp", "image/webp" },
        { "xml", "application/xml" },   { "zip", "application/zip" },
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcasecmp(dot + 1, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

/* Can the text be a file's name in the head of its part? */
static bool is_name(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 127)
            return false;
    return oe_text_is_utf8(text, n);
}

/* Returns the text at `index`, or NULL for nil; raises unless it fits. */
static const char *label(const opening *o, int index, bool (*fits)(const char *text, size_t n), const char *problem)
{
    size_t n = 0;
    if (lua_isnil(o->L, index))
        return NULL;
    const char *text = lua_type(o->L, index) == LUA_TSTRING ? lua_tolstring(o->L, index, &n) : NULL;
    if (!text || n == 0 || n > MAX_NAME || !fits(text, n))
        refuse(o, problem);
    return text;
}

/* Takes name and type, at these indices, or their defaults. */
static void name_part(const opening *o, oe_part *p, int name, int type, const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    const char *own = label(o, name, is_name, "file.name: a name in UTF-8 without control characters expected");
    const char *media = label(o, type, oe_text_is_header_value, "file.type: a media type, such as image/png, expected");
    const char *base = slash ? slash + 1 : path;
    if (!own && base && !is_name(base, strlen(base)))
        refuse(o, "file.name expected: the path's own is not UTF-8, or has control characters");
    if (!own)
        own = base && *base ? base : "blob";
    if (!oe_upload_name(p, own, media ? media : type_of(own)))
        luaL_error(o->L, "not enough memory");
}

/* Takes the string at `index` as the bytes, and keeps it. */
static void take_string(const opening *o, oe_part *p, int index)
{
    size_t n;
    p->bytes = lua_tolstring(o->L, index, &n);
    p->size = (long long)n;
    lua_pushvalue(o->L, index);
    lua_rawseti(o->L, o->kept, (int)lua_rawlen(o->L, o->kept) + 1);
}

static void open_path(const opening *o, oe_part *p, int index)
{
    const char *path = lua_tostring(o->L, index);
    if (strlen(path) != lua_rawlen(o->L, index))
        refuse(o, "a path without NUL expected");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        refuse_file(o, path, errno);
    const char *problem = oe_upload_take(p, fd, 0);
    if (problem)
        refuse(o, problem);
}

static void open_handle(const opening *o, oe_part *p, int index)
{
    bool open = false;
    long long from = 0;
    if (!oe_handles_is(o->L, index, &open))
        refuse(o, "a path, an open file, or a table with path, handle or data expected");
    if (!open)
        refuse(o, "an open file expected, got a closed one");
    int fd = oe_handles_copy(o->L, index, false, &from);
    if (fd < 0)
        refuse(o, errno == EBADF ? "a file that is open for reading expected" : strerror(errno));
    const char *problem = oe_upload_take(p, fd, from);
    if (from >= 0 && !problem)
        return;
    close(fd);
    p->fd = -1;
    if (o->driven)
        refuse(o, "a regular file expected: reading a pipe would stop all others; read it first and give its data");
    if (!oe_handles_push_rest(o->L, index, o->most))
        refuse(o, "a pipe of at most config.maxResponseSize bytes expected");
    take_string(o, p, lua_gettop(o->L));
}

/* The file at `index` becomes the part. */
static void open_part(const opening *o, oe_part *p, int index)
{
    static const oe_member members[] = { { "path", OE_IS_TEXT }, { "handle", OE_IS_ANY }, { "data", OE_IS_ANY },
                                         { "name", OE_IS_ANY },  { "type", OE_IS_ANY },   { NULL, OE_IS_ANY } };
    lua_State *L = o->L;
    const oe_reader r = { L, o->row->name, o->argument };
    int top = lua_gettop(L), path = top + 2, handle = top + 3, data = top + 4;
    luaL_checkstack(L, 20, "not enough memory for a file");
    lua_settop(L, top + 6);
    if (lua_istable(L, index)) {
        int table = oe_members_copy(&r, index, "file", members);
        for (int i = 0; i < 5; i++) {
            lua_getfield(L, table, members[i].name);
            lua_replace(L, path + i);
        }
    } else {
        lua_pushvalue(L, index);
        lua_replace(L, lua_type(L, index) == LUA_TSTRING ? path : handle);
    }
    if (!lua_isnil(L, path) + !lua_isnil(L, handle) + !lua_isnil(L, data) != 1)
        refuse(o, "file: one of path, handle and data expected");
    if (!lua_isnil(L, data) && lua_type(L, data) != LUA_TSTRING)
        refuse(o, "file.data: string expected");
    name_part(o, p, data + 1, data + 2, lua_tostring(L, path));
    if (!lua_isnil(L, path))
        open_path(o, p, path);
    else if (!lua_isnil(L, handle))
        open_handle(o, p, handle);
    else
        take_string(o, p, data);
    lua_settop(L, top);
}

static void open_upload(opening *o, oe_upload **upload)
{
    lua_State *L = o->L;
    const char *of = o->row->body.of, *colon = strchr(of, ':');
    o->argument = oe_argument_find(o->row, colon + 1, strlen(colon + 1));
    int n = lua_istable(L, o->argument) ? (int)lua_rawlen(L, o->argument) : 0;
    if (n > MAX_FILES)
        refuse(o, "at most 1000 files expected");
    lua_pushlstring(L, of, (size_t)(colon - of));
    const char *field = lua_tostring(L, -1);
    lua_rawseti(L, o->kept, (int)lua_rawlen(L, o->kept) + 1);
    oe_upload *u = oe_upload_new(n > 0 ? (size_t)n : 1, field);
    *upload = u;
    if (!u) {
        luaL_error(L, "not enough memory");
        return;
    }
    for (int i = 0; i < n; i++) {
        lua_rawgeti(L, o->argument, i + 1);
        open_part(o, &u->parts[i], lua_gettop(L));
        lua_pop(L, 1);
    }
    if (n == 0)
        open_part(o, &u->parts[0], o->argument);
}

/* ---- where a reply goes --------------------------------------------------------------------------- */

static oe_sink *sink_to_path(const opening *o, int index)
{
    lua_State *L = o->L;
    const char *path = lua_tostring(L, index);
    if (strlen(path) != lua_rawlen(L, index) || !*path)
        refuse(o, "options.to: a path expected");
    lua_pushfstring(L, "%s.part", path);
    const char *part = lua_tostring(L, -1);
    int fd = oe_sink_open(part);
    if (fd < 0 && errno == EBUSY)
        refuse(o, "options.to: another call writes this file");
    if (fd < 0)
        refuse_file(o, part, errno);
    oe_sink *s = oe_sink_new(fd, 0, part, path);
    lua_pop(L, 1);
    return s;
}

static oe_sink *sink_to_handle(const opening *o, int index)
{
    bool open = false;
    long long from = -1;
    if (!oe_handles_is(o->L, index, &open) || !open)
        refuse(o, "options.to: a path or an open file expected");
    int fd = oe_handles_copy(o->L, index, true, &from);
    if (fd < 0)
        refuse(o, errno == EBADF ? "options.to: a file that is open for writing, and not for appending, expected"
                                 : strerror(errno));
    if (from < 0) {
        close(fd);
        refuse(o, "options.to: a regular file expected");
    }
    return oe_sink_new(fd, from, NULL, NULL);
}

static void open_sink(const opening *o, int index, oe_sink **sink)
{
    lua_State *L = o->L;
    bool path = lua_type(L, index) == LUA_TSTRING;
    if (lua_isnil(L, index))
        return;
    *sink = path ? sink_to_path(o, index) : sink_to_handle(o, index);
    if (!*sink)
        luaL_error(L, "not enough memory");
    if (!path) {
        lua_pushvalue(L, index);
        lua_setfield(L, o->kept, "to");
    }
}

void oe_files_open(lua_State *L, const oe_row *row, bool driven, size_t most, oe_files *into)
{
    static const oe_member upload[] = { { "progress", OE_IS_FUNCTION }, { NULL, OE_IS_ANY } };
    static const oe_member fetch[] = { { "progress", OE_IS_FUNCTION },
                                       { "allowPrivate", OE_IS_FLAG },
                                       { NULL, OE_IS_ANY } };
    static const oe_member download[] = { { "progress", OE_IS_FUNCTION }, { "to", OE_IS_ANY }, { NULL, OE_IS_ANY } };
    int options = oe_argument_find(row, "options", 7);
    const oe_reader r = { L, row->name, options };
    lua_newtable(L);
    opening o = { L, row, options, lua_gettop(L), driven, most };
    if (lua_istable(L, options)) {
        int copied = oe_members_copy(&r, options, "options",
                                     row->body.kind == OE_PARTS ? upload
                                     : row->foreign             ? fetch
                                                                : download);
        oe_table_copy(L, copied, o.kept, "progress");
        lua_getfield(L, copied, "allowPrivate");
        into->allow_private = lua_toboolean(L, -1) != 0;
        lua_getfield(L, copied, "to");
        open_sink(&o, lua_gettop(L), &into->sink);
        lua_settop(L, o.kept);
    }
    if (row->body.kind == OE_PARTS)
        open_upload(&o, &into->upload);
    if (row->foreign) {
        oe_argument_push(L, row, "filename");
        (void)lua_tostring(L, -1);
        lua_setfield(L, o.kept, "filename");
        oe_argument_push(L, row, "mimeType");
        lua_setfield(L, o.kept, "mimeType");
    }
}
