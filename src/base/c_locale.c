/* The host's locale has no influence: numbers are read and written under the C locale, names of hosts under C.UTF-8. */
#include "base/base.h"

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

locale_t oe_c_locale_enter(void)
{
    locale_t c = c_locale();
    return c ? uselocale(c) : (locale_t)0;
}

void oe_c_locale_leave(locale_t before)
{
    if (before)
        uselocale(before);
}

bool oe_c_locale_enter_utf8(oe_utf8 *u)
{
    u->made = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    u->before = u->made ? uselocale(u->made) : (locale_t)0;
    return u->made != (locale_t)0;
}

void oe_c_locale_leave_utf8(const oe_utf8 *u)
{
    oe_c_locale_leave(u->before);
    if (u->made)
        freelocale(u->made);
}
