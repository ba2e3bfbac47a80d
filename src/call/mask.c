/* Which names are secret, and masking secrets in texts that come from elsewhere: a server may repeat what it was sent, as it
   was or escaped. No Lua in it, but for what a table's marker says. */
#include "call/call.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SECRET 4096  /* bytes that are compared; of a longer one everything after them is masked */
#define MAX_SEARCHES 500 /* through one text; with more secrets to look for, nothing of it is shown */
#define MAX_PASSES 8     /* escapes of escapes of ... */
#define GRAM 3
#define GRAMS (1u << 14)

/* ---- names -------------------------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Whatever the locale's letters are. */
static int lower(char c)
{
    return is_upper(c) ? c + 'a' - 'A' : c;
}

/* Does the name hold the part, with or without "_", "-" and blanks between its letters? */
static bool holds(const char *name, size_t n, const char *part)
{
    for (size_t k = 0; k < n; k++) {
        size_t i = k, j = 0;
        for (; i < n && part[j] && (lower(name[i]) == part[j] || (j > 0 && strchr("_- ", name[i]))); i++)
            j += lower(name[i]) == part[j];
        if (!part[j])
            return true;
        while (k + 1 < i && strchr("_- ", name[k + 1]))
            k++;
    }
    return false;
}

/* Does a word of the name begin or end before its letter i? "cardPIN_code2" has the words card, PIN and code. */
static bool is_border(const char *name, size_t n, size_t i)
{
    if (i == 0 || i == n || !is_letter(name[i - 1]) || !is_letter(name[i]))
        return true;
    if (!is_upper(name[i]))
        return false;
    return !is_upper(name[i - 1]) || (i + 1 < n && is_letter(name[i + 1]) && !is_upper(name[i + 1]));
}

static bool has_word(const char *name, size_t n, const char *word)
{
    size_t size = strlen(word);
    for (size_t i = 0; i + size <= n; i++) {
        size_t same = 0;
        while (same < size && lower(name[i + same]) == word[same])
            same++;
        if (same == size && is_border(name, n, i) && is_border(name, n, i + size))
            return true;
    }
    return false;
}

bool oe_mask_is_secret(const char *name, size_t n, bool secret_value)
{
    static const char *const parts[] = { "token",       "password",         "passwd",
                                         "secret",      "authorization",    "cardnumber",
                                         "onetimecode", "verificationcode", "activationcode" };
    static const char *const words[] = { "pin", "cvv", "cvc", "iban", "pwd", "pass", "otp" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (holds(name, n, parts[i]))
            return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (has_word(name, n, words[i]))
            return true;
    return secret_value && n == 5 && memcmp(name, "value", 5) == 0;
}

bool oe_mask_has_secret_marker(lua_State *L, int index)
{
    size_t n;
    lua_pushliteral(L, "marker");
    lua_rawget(L, index);
    const char *marker = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
    bool secret = marker && oe_mask_is_secret(marker, n, false);
    lua_pop(L, 1);
    return secret;
}

/* Takes one layer of escapes off, in place. at[i] is where the byte i of the text stands in the original, at[n] its end. */
static size_t peel(char *text, unsigned *at, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n;) {
        char bytes[4];
        size_t written, length = oe_escape_read(text + i, n - i, bytes, &written);
        unsigned from = at ? at[i] : 0;
        if (!length) {
            bytes[0] = text[i];
            written = length = 1;
        }
        for (size_t k = 0; k < written; k++) {
            text[size] = bytes[k];
            if (at)
                at[size] = from;
            size++;
        }
        i += length;
    }
    if (at)
        at[size] = at[n];
    return size;
}

/* Takes all of them off. */
static size_t peel_all(char *text, unsigned *at, size_t n)
{
    size_t before = n + 1;
    for (int i = 0; i < MAX_PASSES && n < before; i++) {
        before = n;
        n = peel(text, at, n);
    }
    return n;
}

/* ---- searching ---------------------------------------------------------------------------------- */

/* A text that is searched, and where its bytes stand in the one that is shown; NULL: at the same place. */
typedef struct hay {
    const char *text;
    size_t n;
    const unsigned *at;
    unsigned char grams[GRAMS / 8]; /* by hash: the sequences of GRAM bytes that it holds */
} hay;

static unsigned gram(const char *p)
{
    const unsigned char *s = (const unsigned char *)p;
    return (s[0] * 0x9e5u + s[1] * 0x1f35u + s[2] * 0x3a7bu) % GRAMS;
}

static void index_grams(hay *h)
{
    memset(h->grams, 0, sizeof h->grams);
    for (size_t i = 0; i + GRAM <= h->n; i++)
        h->grams[gram(h->text + i) / 8] |= (unsigned char)(1u << (gram(h->text + i) % 8));
}

static bool may_hold(const hay *h, const char *secret, size_t n)
{
    bool may = n >= GRAM && n <= h->n;
    for (size_t i = 0; may && i + GRAM <= n; i++)
        may = h->grams[gram(secret + i) / 8] >> (gram(secret + i) % 8) & 1;
    return may;
}

static bool is_part_of_word(const hay *h, size_t at)
{
    char c = h->text[at];
    return is_letter(c) || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* A text, what of it is to be masked, and how often it may still be searched. */
typedef struct masker {
    hay plain, peeled;
    unsigned char *hit; /* by byte of the plain text */
    int searches;
} masker;

static void search(masker *m, const hay *h, const char *secret, size_t n, const oe_secret *s)
{
    if (!may_hold(h, secret, n))
        return;
    if (m->searches-- <= 0) {
        memset(m->hit, 1, m->plain.n);
        return;
    }
    const char *end = h->text + h->n, *from = h->text;
    for (const char *p; (p = memmem(from, (size_t)(end - from), secret, n)); from = p + n) {
        size_t at = (size_t)(p - h->text), after = s->n > MAX_SECRET ? h->n : at + n;
        if (s->whole_word && ((at > 0 && is_part_of_word(h, at - 1)) || (after < h->n && is_part_of_word(h, after))))
            continue;
        size_t first = h->at ? h->at[at] : at, last = h->at ? h->at[after] : after;
        memset(m->hit + first, 1, last - first);
        if (after == h->n)
            break;
    }
}

static void search_all(masker *m, const oe_buffer *secrets)
{
    char peeled[MAX_SECRET];
    oe_secret s;
    for (size_t i = 0; i < secrets->n; i += s.n) {
        memcpy(&s, secrets->p + i, sizeof s);
        i += sizeof s;
        size_t n = s.n < MAX_SECRET ? s.n : MAX_SECRET;
        search(m, &m->plain, secrets->p + i, n, &s);
        memcpy(peeled, secrets->p + i, n);
        search(m, &m->peeled, peeled, peel_all(peeled, NULL, n), &s);
    }
}

static void write_masked(oe_buffer *out, const masker *m)
{
    for (size_t i = 0, end; i < m->plain.n; i = end) {
        end = i;
        while (end < m->plain.n && m->hit[end] == m->hit[i])
            end++;
        if (m->hit[i])
            oe_buffer_text(out, "***");
        else
            oe_buffer_add(out, m->plain.text + i, end - i);
    }
}

void oe_mask_text(oe_buffer *out, const char *text, size_t n, const oe_buffer *secrets)
{
    if (secrets->n == 0) {
        oe_buffer_add(out, text, n);
        return;
    }
    masker *m = calloc(1, sizeof *m + n);
    char *peeled = malloc(n + 1);
    unsigned *at = malloc((n + 1) * sizeof *at);
    if (m && peeled && at) {
        m->hit = (unsigned char *)(m + 1);
        m->searches = MAX_SEARCHES;
        m->plain = (hay){ .text = text, .n = n };
        memcpy(peeled, text, n);
        for (size_t i = 0; i <= n; i++)
            at[i] = (unsigned)i;
        m->peeled = (hay){ .text = peeled, .n = peel_all(peeled, at, n), .at = at };
        index_grams(&m->plain);
        index_grams(&m->peeled);
        search_all(m, secrets);
        write_masked(out, m);
    } else {
        out->failed = true;
    }
    free(m);
    free(peeled);
    free(at);
}
