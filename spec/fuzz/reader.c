/* JSON text, to tokens and to values. Tokens lie inside the text, and skipping a value ends where reading it ends. What is read
   is written and read again as the same value, and a reply that may choose languages is JSON to the same degree. differ.c
   sets the values beside those of other readers. */
#include "fuzz.h"
#include "reply/reader.h"

#include <stdlib.h>
#include <string.h>

typedef struct text {
    const char *p; /* a NUL byte follows, and nothing after it */
    size_t n;
} text;

/* ---- tokens ------------------------------------------------------------------------------------- */

static void check_slice(const oe_reader *r, const text *t)
{
    if (r->text < t->p || r->text + r->n > t->p + t->n)
        fuzz_fail("tokens lie inside the text", t->p);
}

/* Reads the value token by token. */
static void walk(oe_reader *r, const text *t)
{
    enum oe_kind_of_value kind = oe_reader_value(r);
    if (kind == OE_JSON_STRING || kind == OE_JSON_INTEGER || kind == OE_JSON_NUMBER)
        check_slice(r, t);
    bool object = kind == OE_JSON_OBJECT;
    if (!object && kind != OE_JSON_LIST)
        return;
    for (bool first = true; object ? oe_reader_name(r, first) : oe_reader_item(r, first); first = false) {
        if (object)
            check_slice(r, t);
        walk(r, t);
    }
}

/* Is the text JSON? */
static bool check_tokens(const text *t, size_t max)
{
    oe_reader walked, skipped;
    oe_reader_start(&walked, t->p, t->n, max, OE_JSON_DEPTH);
    walk(&walked, t);
    oe_reader_start(&skipped, t->p, t->n, max, OE_JSON_DEPTH);
    oe_reader_skip(&skipped, oe_reader_value(&skipped));
    if (walked.at != skipped.at || walked.left != skipped.left)
        fuzz_fail("skipping ends where reading ends", t->p);
    bool bad = oe_reader_is_bad(&walked);
    if (walked.depth != 0 && !bad)
        fuzz_fail("all brackets are closed", t->p);
    return oe_reader_ended(&walked);
}

/* ---- values ------------------------------------------------------------------------------------- */

/* Pushes the value for OE_READ. */
static enum oe_read push_read(lua_State *L, const text *t, const char *lang)
{
    oe_shaping how = { .nulls = true, .max_values = 1000000 };
    if (lang) {
        how.normalizes = true;
        how.langs[0] = (oe_text){ lang, strlen(lang) };
    }
    int top = lua_gettop(L);
    enum oe_read result = oe_shape_read(L, t->p, t->n, &how);
    if (lua_gettop(L) != top + (result == OE_READ))
        fuzz_fail("a value alone is pushed", t->p);
    return result;
}

static void check_written(lua_State *L, int value)
{
    oe_buffer out = { 0 };
    oe_json writer = { .out = &out };
    lua_pushvalue(L, value);
    if (!oe_json_write(L, lua_gettop(L), &writer, 0)) /* a list with null, or a depth of 100 more */
        goto end;
    oe_buffer_byte(&out, 0);
    const text again = { out.p, out.n - 1 };
    if (push_read(L, &again, NULL) != OE_READ || !fuzz_equal(L, value, lua_gettop(L), false))
        fuzz_fail("what is read is written and read again", out.p);
end:
    oe_buffer_free(&out);
}

static int values(lua_State *L)
{
    const text *t = lua_touserdata(L, 1);
    bool json = check_tokens(t, 1000000);
    enum oe_read result = push_read(L, t, NULL);
    if (!json && result == OE_READ && !(t->n > 3 && memcmp(t->p, "\xef\xbb\xbf", 3) == 0))
        fuzz_fail("what is no JSON is no value", t->p);
    if (json && result == OE_READ_NOT_JSON)
        fuzz_fail("what is JSON is read", t->p);
    if (result == OE_READ)
        check_written(L, 2);
    lua_settop(L, 1);
    result = push_read(L, t, "en_US");
    if (json && result == OE_READ_NOT_JSON)
        fuzz_fail("what is JSON is read in a language", t->p);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lua_State *L = fuzz_lua();
    char *copy = malloc(size + 1);
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    copy[size] = 0;
    text t = { copy, size };
    for (size_t max = 0; max < 4; max++)
        check_tokens(&t, max);
    if (!fuzz_protected(L, values, &t))
        fuzz_fail("reading does not raise", lua_tostring(L, -1));
    free(copy);
    return 0;
}
