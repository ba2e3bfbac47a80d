/* Numbers are read and written with a point, whatever the host's locale says: a section of C code under the C locale. */
#include "oneentry.h"

#include <stdatomic.h>

/* The C locale, made once in a process and never freed, as threads of other Lua states may be using it. Where there is no
   memory for it the next one tries again. */
static locale_t c_locale(void)
{
    static _Atomic(locale_t) made;
    locale_t mine = made, none = (locale_t)0;
    if (mine)
        return mine;
    mine = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!mine || atomic_compare_exchange_strong(&made, &none, mine))
        return mine;
    freelocale(mine);
    return none;
}

locale_t oe_locale_enter(void)
{
    locale_t c = c_locale();
    return c ? uselocale(c) : (locale_t)0;
}

void oe_locale_leave(locale_t before)
{
    if (before)
        uselocale(before);
}
