/* Reads JSON text into a method's result in one walk: numbers, nulls, lists, languages, attributes.

   Languages: a member whose value has the language as a key is replaced by what is there, as it is; only attributes are
   looked at in it. A map that has none of the languages stays, shaped inside. A root or a list element is never replaced.
   Attributes: the values of `attributeValues`, else those of `attributes`, else the object itself if it has a `type`.
   Members come in any order. So the rules for an object are applied at its end, and `attributes` is read again when
   `attributeValues` comes after it. */
#include "reply/attributes.h"
#include "reply/reader.h"
#include "reply/reply.h"

#include <string.h>

#define DEPTH_STEP 32 /* stack slots that are asked for at a time */
#define MAX_HINT 64   /* members or items that a table is made for */
#define NAMES 64      /* names that are kept to be pushed again, a power of two */
#define MAX_NAME 32   /* bytes of one that is kept */

/* The mode of a table: the rules for itself, and these. */
enum {
    NORMAL = 1 << 0, /* languages and attributes are looked for, down to the last member */
    KIDS = 8         /* shifted by so many bits: the rules for its members */
};

typedef struct shaper {
    lua_State *L;
    oe_reader r;
    const oe_shaping *how;
    int list_metatable, plain, alike, names; /* places on the stack; from `names` on there are NAMES */
    oe_text kept[NAMES];                     /* the bytes of these */
    bool odd_name;                           /* the name that was read last had escapes */
    int room;                                /* the stack has room for tables up to here */
    enum oe_read result;                     /* unless the text is bad */
    long work;                               /* left for schedules */
    unsigned char items[OE_JSON_DEPTH + 1], members[OE_JSON_DEPTH + 1]; /* of the last list and object in each depth */
} shaper;

/* An object that is being read. */
typedef struct object {
    oe_signs signs;
    bool replaced; /* a name has U+FFFD for half a surrogate pair */
    unsigned count;
    unsigned kids;    /* the rules that `attributes` was read with */
    oe_reader before; /* where the value of `attributes` begins */
} object;

static enum oe_kind_of_value read_value(shaper *s, unsigned mode, bool is_member);

/* ---- texts -------------------------------------------------------------------------------------- */

/* Takes the escapes out of the string or name that was read last. */
static void unescape(shaper *s)
{
    lua_State *L = s->L;
    if (lua_isnil(L, s->plain)) {
        oe_held_push(L);
        lua_replace(L, s->plain);
    }
    oe_buffer *plain = lua_touserdata(L, s->plain);
    oe_buffer_reset(plain, OE_KEEP_BYTES);
    if (!oe_buffer_grow(plain, s->r.n))
        luaL_error(L, "not enough memory for the answer");
    s->r.n = oe_escape_unescape_json(plain->p, s->r.text, s->r.n);
    s->r.text = plain->p;
}

/* Reads the next name of the object, `first` or not. */
static bool next_name(shaper *s, bool first)
{
    if (!oe_reader_name(&s->r, first))
        return false;
    s->odd_name = s->r.escaped;
    if (s->r.escaped)
        unescape(s);
    return true;
}

/* Ends the reading, with that result. */
static void stop(shaper *s, enum oe_read result)
{
    s->result = result;
    s->r.at = NULL;
}

/* Pushes the string or name that was read last. */
static void push_text(shaper *s, bool is_name)
{
    if (s->r.n >= OE_ALIKE_LENGTH && !oe_alike_add(s->L, s->alike, s->r.text, s->r.n, is_name))
        stop(s, OE_READ_ALIKE);
    lua_pushlstring(s->L, s->r.text, s->r.n);
}

/* Pushes the name that was read last. Making a string hashes and looks for all its bytes; most names come often. */
static void push_name(shaper *s)
{
    lua_State *L = s->L;
    const char *name = s->r.text;
    size_t n = s->r.n;
    if (n == 0 || n > MAX_NAME) {
        push_text(s, true);
        return;
    }
    unsigned i =
        ((unsigned char)name[0] + (unsigned char)name[n / 2] * 5u + (unsigned char)name[n - 1] * 9u + (unsigned)n) %
        NAMES;
    oe_text *kept = &s->kept[i];
    if (kept->n == n && memcmp(kept->p, name, n) == 0) {
        lua_pushvalue(L, s->names + (int)i);
        return;
    }
    lua_pushlstring(L, name, n);
    lua_pushvalue(L, -1);
    lua_replace(L, s->names + (int)i);
    *kept = (oe_text){ lua_tostring(L, -1), n };
}

/* Would the name on top of the stack, in the object at `index`, take the place of one that differs in halves of surrogate
   pairs? */
static bool is_taken(shaper *s, int index, object *o)
{
    lua_State *L = s->L;
    size_t n;
    if (!s->odd_name && !o->replaced)
        return false;
    const char *name = lua_tolstring(L, -1, &n);
    if (!memmem(name, n, OE_REPLACEMENT, strlen(OE_REPLACEMENT)))
        return false;
    o->replaced = true;
    lua_pushvalue(L, -1);
    lua_rawget(L, index);
    bool taken = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return taken;
}

/* ---- languages ---------------------------------------------------------------------------------- */

/* Returns the rank of the language that was read last as a name, 0 for the best; or -1. */
static int rank(const shaper *s)
{
    for (int i = 0; i < OE_READ_LANGS && s->how->langs[i].p; i++)
        if (s->r.n == s->how->langs[i].n && memcmp(s->r.text, s->how->langs[i].p, s->r.n) == 0)
            return i;
    return -1;
}

/* Reads on in an object whose name of that rank was read last. Pushes the value of the best rank. */
static enum oe_kind_of_value read_translation(shaper *s, int best, unsigned mode)
{
    lua_State *L = s->L;
    int top = lua_gettop(L), now = best;
    enum oe_kind_of_value kind = OE_JSON_BAD;
    do {
        if (now >= 0 && now <= best) {
            lua_settop(L, top);
            kind = read_value(s, mode & ~(unsigned)NORMAL, false);
            best = now;
        } else {
            oe_reader_skip(&s->r, oe_reader_value(&s->r));
        }
    } while (!oe_reader_is_bad(&s->r) && next_name(s, false) && ((now = rank(s)), true));
    return kind;
}

/* ---- tables ------------------------------------------------------------------------------------- */

/* Returns the mode of a table's members. */
static unsigned inner(unsigned mode)
{
    return (mode & NORMAL) | ((mode >> KIDS) & OE_RULES);
}

/* Returns the rules for the elements of `attributes`. */
static unsigned rules_of_attributes(unsigned mode, const object *o)
{
    return (mode & NORMAL) && !o->signs.values ? OE_RULE_FIELDS | OE_RULE_FLAGS | OE_RULE_FORM : 0u;
}

/* Reads the value of the name `which`. */
static enum oe_kind_of_value read_member(shaper *s, enum oe_sign which, unsigned mode, object *o)
{
    unsigned rules = 0;
    enum oe_kind_of_value kind;
    if (which == OE_SIGN_ATTRIBUTES) {
        o->before = s->r;
        rules = o->kids = rules_of_attributes(mode, o);
    } else if (which == OE_SIGN_VALUES && (mode & NORMAL)) {
        rules = OE_RULE_FIELDS | OE_RULE_NUMBER | OE_RULE_ENTITY | (s->how->images ? OE_RULE_IMAGE : 0u);
    }
    kind = read_value(s, inner(mode) | rules << KIDS, true);
    if (which == OE_SIGN_VALUES)
        o->signs.values = kind != OE_JSON_NULL;
    else if (which == OE_SIGN_ATTRIBUTES)
        o->signs.attributes = kind != OE_JSON_NULL;
    else if (which == OE_SIGN_TYPE)
        oe_attribute_note_type(s->L, &o->signs);
    return kind;
}

/* Sets the member at `index`, its name and value on top of the stack. Null members stay only when the client wants them. */
static void set_member(shaper *s, int index, bool is_null)
{
    lua_State *L = s->L;
    if (is_null && !s->how->nulls) { /* the name may stand twice, with a value first */
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_rawget(L, index);
        bool absent = lua_isnil(L, -1);
        lua_pop(L, 1);
        if (absent) {
            lua_pop(L, 1);
            return;
        }
        lua_pushnil(L);
    }
    lua_rawset(L, index);
}

/* Reads `attributes` again, once it is known that its elements are no attributes. */
static void read_again(shaper *s, int index, unsigned mode, object *o)
{
    oe_reader behind = s->r;
    s->r = o->before;
    lua_pushliteral(s->L, "attributes");
    bool is_null = read_member(s, OE_SIGN_ATTRIBUTES, mode, o) == OE_JSON_NULL;
    set_member(s, index, is_null);
    s->r = behind;
}

/* Finishes the object once all its members are known. */
static void finish_object(shaper *s, int index, unsigned mode, object *o)
{
    unsigned rules = mode & OE_RULES;
    if (o->signs.attributes && o->kids != rules_of_attributes(mode, o))
        read_again(s, index, mode, o);
    if ((mode & NORMAL) && o->signs.type && !o->signs.values && !o->signs.attributes)
        rules |= OE_RULE_FIELDS | OE_RULE_FLAGS | OE_RULE_NUMBER | OE_RULE_ENTITY;
    if (rules)
        oe_attribute_apply(s->L, index, rules, &o->signs, s->list_metatable, &s->work);
}

/* Reads the object and pushes it, or, of a member, its translation. */
static enum oe_kind_of_value read_object(shaper *s, unsigned mode, bool is_member)
{
    lua_State *L = s->L;
    object o = { 0 };
    const enum oe_read before = s->result;
    unsigned depth = s->r.depth;
    int index = lua_gettop(L) + 1;
    bool more = next_name(s, true);
    lua_createtable(L, 0, more ? s->members[depth] : 0);
    for (; more; more = next_name(s, false)) {
        int best = is_member && (mode & NORMAL) ? rank(s) : -1;
        if (best >= 0) {
            lua_settop(L, index - 1);
            s->result = before; /* the languages that were read before are dropped */
            return read_translation(s, best, mode);
        }
        enum oe_sign which = mode ? oe_attribute_sign(&o.signs, s->r.text, s->r.n) : OE_SIGN_NONE;
        push_name(s);
        if (is_taken(s, index, &o)) {
            stop(s, OE_READ_EQUAL_NAMES);
            return OE_JSON_BAD;
        }
        enum oe_kind_of_value kind = read_member(s, which, mode, &o);
        if (kind == OE_JSON_BAD)
            return kind;
        if (kind == OE_JSON_NULL && mode)
            oe_attribute_note_null(&o.signs, lua_tostring(L, index + 1));
        set_member(s, index, kind == OE_JSON_NULL);
        o.count++;
    }
    s->members[depth] = (unsigned char)(o.count < MAX_HINT ? o.count : MAX_HINT);
    if (mode && !oe_reader_is_bad(&s->r))
        finish_object(s, index, mode, &o);
    return OE_JSON_OBJECT;
}

static enum oe_kind_of_value read_list(shaper *s, unsigned mode)
{
    lua_State *L = s->L;
    unsigned depth = s->r.depth, inside = inner(mode);
    int index = lua_gettop(L) + 1, count = 0;
    bool more = oe_reader_item(&s->r, true);
    lua_createtable(L, more ? s->items[depth] : 0, 0);
    lua_pushvalue(L, s->list_metatable);
    lua_setmetatable(L, index);
    for (; more; more = oe_reader_item(&s->r, false)) {
        if (read_value(s, inside, false) == OE_JSON_BAD)
            return OE_JSON_BAD;
        lua_rawseti(L, index, ++count);
    }
    s->items[depth] = (unsigned char)(count < MAX_HINT ? count : MAX_HINT);
    return OE_JSON_LIST;
}

static void push_number(shaper *s, enum oe_kind_of_value kind)
{
    const oe_reader *r = &s->r;
    if (s->how->types)
        lua_pushinteger(s->L, 0);
    else if (kind == OE_JSON_INTEGER)
        oe_number_push_long(s->L, r->integer, r->text, r->n);
    else if (!oe_number_push_json(s->L, r->text, r->n, r->integral))
        s->result = OE_READ_INFINITE;
}

/* Reads and pushes a value; of OE_JSON_BAD, anything. */
static enum oe_kind_of_value read_value(shaper *s, unsigned mode, bool is_member)
{
    lua_State *L = s->L;
    enum oe_kind_of_value kind = oe_reader_value(&s->r);
    switch (kind) {
    case OE_JSON_OBJECT:
    case OE_JSON_LIST:
        if (lua_gettop(L) > s->room) {
            luaL_checkstack(L, 12 + DEPTH_STEP, "not enough memory for the answer");
            s->room = lua_gettop(L) + DEPTH_STEP;
        }
        kind = kind == OE_JSON_LIST ? read_list(s, mode) : read_object(s, mode, is_member);
        break;
    case OE_JSON_STRING:
        if (s->r.escaped)
            unescape(s);
        push_text(s, false);
        break;
    case OE_JSON_INTEGER:
    case OE_JSON_NUMBER:
        push_number(s, kind);
        break;
    case OE_JSON_TRUE:
    case OE_JSON_FALSE:
        lua_pushboolean(L, kind == OE_JSON_TRUE);
        break;
    case OE_JSON_NULL:
        lua_pushlightuserdata(L, NULL);
        break;
    case OE_JSON_BAD:
        break;
    }
    return oe_reader_is_bad(&s->r) ? OE_JSON_BAD : kind;
}

enum oe_read oe_shape_read(lua_State *L, const char *text, size_t n, const oe_shaping *how)
{
    shaper s = { .L = L, .how = how, .work = OE_SCHEDULE_WORK };
    int top = lua_gettop(L);
    luaL_checkstack(L, 16 + NAMES + DEPTH_STEP, "not enough memory for the answer");
    s.room = top + NAMES + DEPTH_STEP;
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        n -= 3;
    }
    oe_reader_start(&s.r, text, n, how->max_values, OE_JSON_DEPTH);
    oe_lists_push_metatable(L);
    s.list_metatable = top + 1;
    lua_pushnil(L);
    s.plain = top + 2;
    lua_pushnil(L);
    s.alike = top + 3;
    s.names = top + 4;
    lua_settop(L, s.names + NAMES - 1);
    enum oe_kind_of_value kind = read_value(&s, how->normalizes ? NORMAL : 0u, false);
    bool whole = kind != OE_JSON_BAD && oe_reader_ended(&s.r);
    if (!lua_isnil(L, s.plain))
        oe_buffer_free(lua_touserdata(L, s.plain));
    lua_replace(L, top + 1);
    lua_settop(L, whole && s.result == OE_READ ? top + 1 : top);
    if (s.r.too_many)
        return OE_READ_TOO_MANY;
    return whole || s.result != OE_READ ? s.result : OE_READ_NOT_JSON;
}

const oe_step oe_step_normalize = { "normalize", .normalizes = true };
const oe_step oe_step_single_images = { "singleImages", .images = true };
