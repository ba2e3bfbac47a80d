/* Names that are nearly right. */
#include "base/base.h"

#include <ctype.h>
#include <string.h>

#define MAX_NAME 32

/* Returns how many edits (insert, delete, replace) make b of a, in any case. */
static size_t distance(const char *a, oe_text b)
{
    size_t row[MAX_NAME + 1], n = b.n < MAX_NAME ? b.n : MAX_NAME;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j],
                   best = diagonal + (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b.p[j - 1]));
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[n];
}

const char *oe_nearest_push(lua_State *L, const char *what, const char *words, const char *name)
{
    oe_text nearest = { words, strcspn(words, " ") };
    for (const char *p = words; *p; p += strspn(p, " ")) {
        oe_text word = { p, strcspn(p, " ") };
        if (distance(name, word) < distance(name, nearest))
            nearest = word;
        p += word.n;
    }
    if (distance(name, nearest) <= strlen(name) / 2) {
        lua_pushlstring(L, nearest.p, nearest.n);
        return lua_pushfstring(L, "unknown %s, did you mean '%s'?", what, lua_tostring(L, -1));
    }
    luaL_gsub(L, words, " ", ", ");
    return lua_pushfstring(L, "unknown %s; there are %s", what, lua_tostring(L, -1));
}
