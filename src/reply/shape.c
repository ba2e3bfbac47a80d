/* Turns a decoded reply into a method's result: numbers, nulls, lists, languages, attributes. One walk, in place.

   Languages: a member whose value has the language as a key is replaced by what is there, as it is; only attributes are
   looked at in it. A map that has neither the language of the call nor the client's stays, shaped inside. A root or a list
   element is never replaced.
   Attributes: the values of `attributeValues`, else those of `attributes`, else the object itself if it has a `type`. */
#include "reply/reply.h"

#include <math.h>
#include <string.h>

/* The mode of a table: NORMAL goes down to its members, the rules are for itself, KIDS(rules) for its members. */
enum {
    NORMAL = 1 << 0, /* languages and attributes are looked for */
    FIELDS = 1 << 1, /* additionalFields by marker */
    FLAGS = 1 << 2,  /* null flags are false */
    NUMBER = 1 << 3, /* value of type integer and float is a number */
    ENTITY = 1 << 4, /* schedules in value */
    FORM = 1 << 5,   /* schedules in localizeInfos.intervals */
    RULES = FIELDS | FLAGS | NUMBER | ENTITY | FORM
};
#define DEPTH_STEP 32 /* stack slots that are asked for at a time */
#define KIDS(rules) ((unsigned)(rules) << 8)

typedef struct shaper {
    lua_State *L;
    int lang[2]; /* places on the stack; 0: none */
    int list_metatable;
    int room; /* the stack has room for tables up to here */
    bool nulls, marked;
    bool infinite; /* a number beyond all doubles was seen, which lua-cjson makes infinite */
    long work;     /* left for schedules */
} shaper;

enum name { OTHER, TYPE, ATTRIBUTES };

/* Signs of an attribute, which the walk over an object has seen. */
typedef struct notes {
    bool type, values, attributes, fields;
    enum { OTHER_TYPE, NUMERIC, INTERVAL } kind;
    unsigned null_flags; /* by position in flags[] */
} notes;

static const char *const flags[] = {
    "isLogin", "isSignUp", "isNotificationEmail", "isNotificationPhonePush", "isNotificationPhoneSMS", NULL
};

/* Pushes the integer that a marked text on top of the stack stands for. */
static bool push_long(lua_State *L)
{
    size_t n;
    const char *s = lua_tolstring(L, -1, &n);
    if (n <= OE_JSON_LONG_SIZE || memcmp(s, OE_JSON_LONG, OE_JSON_LONG_SIZE) != 0)
        return false;
    oe_number_push_integer(L, s + OE_JSON_LONG_SIZE, n - OE_JSON_LONG_SIZE);
    return true;
}

/* Pushes the replacement of the scalar on top of the stack, or pushes nothing. */
static bool push_scalar(shaper *s, int type)
{
    lua_State *L = s->L;
    if (type == LUA_TNUMBER) {
        double d = (double)lua_tonumber(L, -1);
#if OE_HAS_INTEGERS
        if (oe_number_is_long(d)) {
            lua_Integer i = (lua_Integer)d;
            if ((double)i != d || lua_isinteger(L, -1))
                return false;
            lua_pushinteger(L, i);
            return true;
        }
#endif
        s->infinite = s->infinite || isinf(d);
        return false;
    }
    return type == LUA_TSTRING && s->marked && push_long(L);
}

/* Does a scalar of that type stay as it is? */
static bool is_final(const shaper *s, int type)
{
    return type == LUA_TBOOLEAN || (type == LUA_TSTRING && !s->marked);
}

static void shape_table(shaper *s, int index, int n, unsigned mode);

/* Replaces the table on top of the stack by its translation. False: it has none. */
static bool translate(shaper *s)
{
    lua_State *L = s->L;
    for (int i = 0; i < 2 && s->lang[i]; i++) {
        lua_pushvalue(L, s->lang[i]);
        lua_rawget(L, -2);
        if (!lua_isnil(L, -1)) {
            lua_replace(L, -2);
            return true;
        }
        lua_pop(L, 1);
    }
    return false;
}

/* Shapes the member's value of that type on top of the stack. True: the new top has to take its place. */
static bool shape_value(shaper *s, int type, unsigned mode)
{
    lua_State *L = s->L;
    bool changed = false;
    int n = type == LUA_TTABLE ? (int)lua_rawlen(L, -1) : 0;
    if (type == LUA_TTABLE && (mode & NORMAL) && n == 0 && translate(s)) {
        changed = true;
        mode &= ~(unsigned)NORMAL;
        type = lua_type(L, -1);
        n = type == LUA_TTABLE ? (int)lua_rawlen(L, -1) : 0;
    }
    if (type == LUA_TTABLE) {
        shape_table(s, lua_gettop(L), n, mode);
        return changed;
    }
    if (type == LUA_TLIGHTUSERDATA && !s->nulls) {
        lua_pushnil(L);
        return true;
    }
    return push_scalar(s, type) || changed;
}

/* Returns the mode of a table's members. */
static unsigned inner(unsigned mode)
{
    return (mode & NORMAL) | ((mode >> 8) & RULES);
}

static void shape_list(shaper *s, int index, int n, unsigned mode)
{
    lua_State *L = s->L;
    int value = lua_gettop(L) + 1;
    unsigned inside = inner(mode);
    lua_pushvalue(L, s->list_metatable);
    lua_setmetatable(L, index);
    if (s->marked && oe_json_items(L, index) == 0) {
        lua_pushnil(L);
        lua_rawseti(L, index, 1);
        return;
    }
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, index, i);
        int type = lua_type(L, value);
        if (type == LUA_TTABLE)
            shape_table(s, value, (int)lua_rawlen(L, value), inside);
        else if (push_scalar(s, type))
            lua_rawseti(L, index, i);
        lua_settop(L, value - 1);
    }
}

/* Notes that the key at `key`, a string as all keys of decoded objects, is there. */
static enum name note_name(lua_State *L, int key, notes *seen)
{
    size_t n;
    const char *name = lua_tolstring(L, key, &n);
    switch (n) {
    case 4:
        return memcmp(name, "type", 4) == 0 ? TYPE : OTHER;
    case 10:
        if (memcmp(name, "attributes", 10) != 0)
            return OTHER;
        seen->attributes = true;
        return ATTRIBUTES;
    case 15:
        if (memcmp(name, "attributeValues", 15) != 0)
            return OTHER;
        seen->values = true;
        return ATTRIBUTES;
    case 16:
        seen->fields = seen->fields || memcmp(name, "additionalFields", 16) == 0;
        return OTHER;
    default:
        return OTHER;
    }
}

static void note_null(lua_State *L, int key, notes *seen)
{
    const char *name = lua_tostring(L, key);
    if (name[0] != 'i' || name[1] != 's') /* as all flags begin */
        return;
    for (unsigned i = 0; flags[i]; i++)
        if (strcmp(name, flags[i]) == 0)
            seen->null_flags |= 1u << i;
}

/* Notes the type of an attribute, shaped, on top of the stack. */
static void note_type(lua_State *L, notes *seen)
{
    const char *type = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    seen->type = true;
    if (strcmp(type, "integer") == 0 || strcmp(type, "float") == 0)
        seen->kind = NUMERIC;
    else if (strcmp(type, "timeInterval") == 0)
        seen->kind = INTERVAL;
}

/* Shapes the member `name`, whose elements are attributes. False: it is null, which is as good as absent. */
static bool shape_attributes(shaper *s, int index, const char *name, unsigned mode)
{
    lua_State *L = s->L;
    lua_getfield(L, index, name);
    int value = lua_gettop(L);
    if (shape_value(s, lua_type(L, value), mode)) {
        lua_pushvalue(L, -1);
        lua_setfield(L, index, name);
    }
    bool present = !lua_isnil(L, -1) && !oe_is_null(L, -1);
    lua_settop(L, value - 1);
    return present;
}

static void set_flags(lua_State *L, int index, unsigned null_flags)
{
    for (unsigned i = 0; flags[i]; i++) {
        if (null_flags & (1u << i)) {
            lua_pushboolean(L, 0);
            lua_setfield(L, index, flags[i]);
        }
    }
}

static void apply_rules(shaper *s, int index, unsigned rules, const notes *seen)
{
    lua_State *L = s->L;
    if ((rules & FIELDS) && seen->fields)
        oe_attribute_fields(L, index);
    if (rules & FLAGS)
        set_flags(L, index, seen->null_flags);
    if ((rules & NUMBER) && seen->kind == NUMERIC)
        oe_attribute_number(L, index);
    if ((rules & ENTITY) && seen->kind == INTERVAL)
        oe_schedule_entity(L, index, s->list_metatable, &s->work);
    if ((rules & FORM) && seen->kind == INTERVAL)
        oe_schedule_form(L, index, s->list_metatable, &s->work);
}

/* Finishes the object once all its members are known. */
static void finish_object(shaper *s, int index, unsigned mode, const notes *seen)
{
    bool normal = mode & NORMAL, values = false, attributes = false;
    unsigned rules = mode & RULES;
    if (seen->values) {
        unsigned kids = normal ? FIELDS | NUMBER | ENTITY : 0u;
        values = shape_attributes(s, index, "attributeValues", inner(mode) | KIDS(kids));
    }
    if (seen->attributes) {
        unsigned kids = normal && !values ? FIELDS | FLAGS | FORM : 0u;
        attributes = shape_attributes(s, index, "attributes", inner(mode) | KIDS(kids));
    }
    if (normal && seen->type && !values && !attributes)
        rules |= FIELDS | FLAGS | NUMBER | ENTITY;
    if (rules)
        apply_rules(s, index, rules, seen);
}

static void shape_object(shaper *s, int index, unsigned mode)
{
    lua_State *L = s->L;
    notes seen = { 0 };
    int key = lua_gettop(L) + 1;
    unsigned inside = inner(mode);
    for (lua_pushnil(L); lua_next(L, index); lua_settop(L, key)) {
        int type = lua_type(L, key + 1);
        enum name name = mode ? note_name(L, key, &seen) : OTHER;
        if (name == ATTRIBUTES) /* shaped when all members are known */
            continue;
        if (mode && type == LUA_TLIGHTUSERDATA)
            note_null(L, key, &seen);
        bool changed = !is_final(s, type) && shape_value(s, type, inside);
        if (name == TYPE)
            note_type(L, &seen);
        if (changed) {
            lua_pushvalue(L, key);
            lua_pushvalue(L, -2);
            lua_rawset(L, index);
        }
    }
    if (mode)
        finish_object(s, index, mode, &seen);
}

/* Shapes the table at `index`; its length is n. */
static void shape_table(shaper *s, int index, int n, unsigned mode)
{
    if (index > s->room) {
        luaL_checkstack(s->L, 12 + DEPTH_STEP, "not enough memory for the answer");
        s->room = index + DEPTH_STEP;
    }
    if (n > 0)
        shape_list(s, index, n, mode);
    else
        shape_object(s, index, mode);
}

bool oe_shape(lua_State *L, int index, const oe_settings *settings, const char *lang, bool marked)
{
    shaper s = { .L = L, .nulls = settings->nulls, .marked = marked, .work = OE_SCHEDULE_WORK };
    unsigned mode = lang ? NORMAL : 0u;
    luaL_checkstack(L, 8, "not enough memory for the answer");
    oe_lists_push_metatable(L);
    s.list_metatable = lua_gettop(L);
    if (lang) {
        lua_pushstring(L, lang);
        s.lang[0] = lua_gettop(L);
        if (strcmp(lang, settings->lang) != 0) {
            lua_pushstring(L, settings->lang);
            s.lang[1] = lua_gettop(L);
        }
    }
    lua_pushvalue(L, index);
    if (lua_istable(L, index))
        shape_table(&s, index, (int)lua_rawlen(L, index), mode);
    else if (push_scalar(&s, lua_type(L, index)))
        lua_replace(L, index);
    lua_settop(L, index);
    return !s.infinite;
}

enum oe_made oe_shape_reply(lua_State *L, oe_reply *reply, const char *lang)
{
    if (reply->shaped)
        return OE_MADE;
    reply->shaped = true;
    return oe_shape(L, reply->value, reply->settings, lang, reply->marked) ? OE_MADE : OE_INFINITE;
}

static enum oe_made normalize(lua_State *L, oe_reply *reply)
{
    return oe_shape_reply(L, reply, reply->lang);
}

const oe_step oe_step_normalize = { "normalize", normalize };
