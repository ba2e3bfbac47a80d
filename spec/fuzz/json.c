/* The JSON writer. What it writes is what lua-cjson and our own reader read back as an equal value; what is no JSON
   is refused: numbers that are not finite, strings that are not UTF-8, lists with holes, mixed tables, cycles,
   functions, userdata, more than OE_JSON_DEPTH tables in each other. */
#include "fuzz.h"

#include <math.h>
#include <string.h>

#define MEMBERS_WITH_LISTS "products authData"
#define TOO_MANY 100000 /* values, when a table that is there twice holds another that is, and so on */

static const char *const names[] = { "id", "products", "authData", "formData", "value", "__index", "\xc3\xa9", NULL };

typedef struct model {
    lua_State *L;
    long values;
    bool is_json;
} model;

/* Decodes one code point by the definition, not by ranges of bytes. */
static bool is_text(const char *s, size_t n)
{
    static const unsigned least[] = { 0, 0x80, 0x800, 0x10000 };
    for (size_t i = 0; i < n;) {
        unsigned c = (unsigned char)s[i++];
        unsigned more = c < 0x80                ? 0
                        : c >= 0xc0 && c < 0xe0 ? 1
                        : c >= 0xe0 && c < 0xf0 ? 2
                        : c >= 0xf0 && c < 0xf8 ? 3
                                                : 9;
        if (more == 9 || more > n - i)
            return false;
        unsigned point = more ? c & (0x3fu >> more) : c;
        for (unsigned k = 0; k < more; k++, i++) {
            if (((unsigned char)s[i] & 0xc0) != 0x80)
                return false;
            point = point << 6 | ((unsigned char)s[i] & 0x3fu);
        }
        if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
            return false;
    }
    return true;
}

static bool is_marked_list(lua_State *L, int index)
{
    bool marked = false;
    if (lua_getmetatable(L, index)) {
        oe_lists_push_metatable(L);
        marked = lua_rawequal(L, -1, -2);
        lua_pop(L, 2);
    }
    return marked;
}

/* Looks at the value on top of the stack. When that is no JSON, leaves rubbish there for the caller to drop. */
static void look(model *m, int depth)
{
    lua_State *L = m->L;
    size_t n, strings = 0, items = 0;
    const char *s;
    luaL_checkstack(L, 10, "too deep");
    if (++m->values > TOO_MANY)
        return;
    switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN:
        return;
    case LUA_TLIGHTUSERDATA:
        m->is_json = m->is_json && lua_touserdata(L, -1) == NULL;
        return;
    case LUA_TNUMBER:
        m->is_json = m->is_json && isfinite(lua_tonumber(L, -1));
        return;
    case LUA_TSTRING:
        s = lua_tolstring(L, -1, &n);
        m->is_json = m->is_json && is_text(s, n);
        return;
    case LUA_TTABLE:
        break;
    default:
        m->is_json = false;
        return;
    }
    if (depth >= OE_JSON_DEPTH) {
        m->is_json = false;
        return;
    }
    lua_Integer last = 0;
    for (lua_pushnil(L); m->is_json && lua_next(L, -2); lua_pop(L, 1)) {
        if (lua_type(L, -2) == LUA_TSTRING) {
            strings++;
            s = lua_tolstring(L, -2, &n);
            m->is_json = m->is_json && is_text(s, n);
        } else if (lua_isinteger(L, -2) && lua_tointeger(L, -2) > 0) {
            items++;
            last = lua_tointeger(L, -2) > last ? lua_tointeger(L, -2) : last;
        } else {
            m->is_json = false;
        }
        look(m, depth + 1);
    }
    if (m->is_json && ((items > 0 && strings > 0) || (size_t)last != items || (strings > 0 && is_marked_list(L, -1))))
        m->is_json = false;
}

static int decode(lua_State *L)
{
    size_t n;
    const char *text = lua_tolstring(L, 1, &n);
    const oe_shaping how = { .nulls = true, .max_values = (size_t)-1 };
    if (oe_shape_read(L, text, n, &how) != OE_READ)
        return luaL_error(L, "not read");
    return 1;
}

/* Checks that the text stands for the value at `value`, by two readers. */
static void check_text(lua_State *L, int value, const oe_buffer *out)
{
    int top = lua_gettop(L);
    lua_pushlstring(L, out->p, out->n);
    const char *text = lua_tostring(L, -1);
    lua_pushcfunction(L, decode);
    lua_pushvalue(L, -2);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK || !fuzz_equal(L, value, top + 2, true))
        fuzz_fail("our reader reads back what was written", text);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "cjson");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "decode");
    lua_pushvalue(L, top + 1);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK || !fuzz_equal(L, value, lua_gettop(L), false))
        fuzz_fail("lua-cjson reads back what was written", text);
    lua_settop(L, top);
}

/* A table at a member that is a list, or marked, is [] when empty: no difference after decoding. */
static int run(lua_State *L)
{
    fuzz_input *in = lua_touserdata(L, 1);
    fuzz_maker maker = fuzz_maker_new(L, in, names);
    fuzz_push_value(L, &maker, 0);
    int value = lua_gettop(L);
    model m = { .L = L, .is_json = true };
    look(&m, 0);
    lua_settop(L, value);
    if (m.values > TOO_MANY)
        return 0;
    oe_buffer out = { 0 };
    oe_json w = { .out = &out, .lists = MEMBERS_WITH_LISTS };
    bool written = oe_json_write(L, value, &w, 0);
    lua_settop(L, value);
    if (written != m.is_json) {
        oe_buffer_byte(&out, 0);
        fuzz_fail(m.is_json ? "JSON is written" : "what is no JSON is refused", written ? out.p : w.problem);
    }
    if (!written && (!w.problem || strlen(w.where) >= sizeof w.where))
        fuzz_fail("a refusal says why and where", w.where);
    if (written) {
        for (size_t i = 0; i < out.n; i++)
            if ((unsigned char)out.p[i] < 0x20 || out.p[i] == 0x7f)
                fuzz_fail("no control characters in the text", out.p);
        check_text(L, value, &out);
    }
    oe_buffer_free(&out);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    lua_State *L = fuzz_lua();
    if (!fuzz_protected(L, run, &in))
        fuzz_fail("the writer never raises", lua_tostring(L, -1));
    return 0;
}
