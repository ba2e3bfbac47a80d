/* The calendar of schedules: days and their ISO texts, in UTC. No Lua in it; the machine's time zone has no say. A day is
   counted from 0000-01-01.

   A schedule's two dates are days, whatever time of day they carry, and both belong to it; they and the days between are
   its base days. They lead to:
     week         every seventh day from the base day to the end of its month
     month        the base day's number in its month and the eleven after it; a month without that number has none
     week, month  the base day's weekday, all over its month and the eleven after it
     neither      the base day
   Each day is meant once, however many base days lead to it. */
#include "reply/reply.h"

#include <math.h>
#include <string.h>

#define EPOCH 719528     /* 1970-01-01 */
#define LAST_DAY 3652424 /* 9999-12-31: years have four digits */
#define MARCH_1 60       /* 0000-03-01 */
#define YEARS_400 146097 /* days; the calendar repeats itself after them */

typedef struct date {
    int month, day; /* both from 0; January 0000 is month 0 */
} date;

/* The first day of a month. Years are counted from March 400 years before, which moves the leap day to their end. */
static int month_start(int month)
{
    int months = month + 400 * 12 - 2, year = months / 12;
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * (months % 12) + 2) / 5 + MARCH_1 - YEARS_400;
}

static date date_of(int day)
{
    date d = { .month = (int)(day / (365.2425 / 12)) };
    while (month_start(d.month) > day)
        d.month--;
    while (month_start(d.month + 1) <= day)
        d.month++;
    d.day = day - month_start(d.month);
    return d;
}

/* Reads exactly n digits. */
static bool read_digits(const char **s, int n, int *value)
{
    *value = 0;
    for (; n > 0; n--, (*s)++) {
        if (**s < '0' || **s > '9')
            return false;
        *value = *value * 10 + (**s - '0');
    }
    return true;
}

static bool skip(const char **s, char c)
{
    if (**s != c)
        return false;
    (*s)++;
    return true;
}

/* Reads Z, +HH:MM, +HHMM or nothing: the minutes that the clock is ahead of UTC. */
static bool read_zone(const char **s, int *ahead)
{
    int h, m;
    *ahead = 0;
    if (skip(s, 'Z') || **s == '\0')
        return true;
    bool behind = **s == '-';
    if (!skip(s, behind ? '-' : '+') || !read_digits(s, 2, &h))
        return false;
    skip(s, ':');
    if (!read_digits(s, 2, &m) || h > 23 || m > 59)
        return false;
    *ahead = (h * 60 + m) * (behind ? -1 : 1);
    return true;
}

/* Reads THH:MM[:SS[.fraction]][zone], or nothing: the minutes since 00:00 UTC. */
static bool read_minutes(const char *s, int *minutes)
{
    int h, m, seconds, ahead;
    *minutes = 0;
    if (*s == '\0')
        return true;
    if (!skip(&s, 'T') || !read_digits(&s, 2, &h) || !skip(&s, ':') || !read_digits(&s, 2, &m) || h > 24 || m > 59)
        return false;
    if (skip(&s, ':') && (!read_digits(&s, 2, &seconds) || seconds > 59))
        return false;
    if (skip(&s, '.'))
        s += strspn(s, "0123456789");
    if (!read_zone(&s, &ahead))
        return false;
    *minutes = h * 60 + m - ahead;
    return *s == '\0';
}

bool oe_calendar_read(const char *s, int *day)
{
    int year, month, number, minutes;
    if (!read_digits(&s, 4, &year) || !skip(&s, '-') || !read_digits(&s, 2, &month) || !skip(&s, '-') ||
        !read_digits(&s, 2, &number) || !read_minutes(s, &minutes) || month < 1 || month > 12)
        return false;
    int first = month_start(year * 12 + month - 1);
    if (number < 1 || number > month_start(year * 12 + month) - first)
        return false;
    *day = first + number - 1 + (int)floor(minutes / (24 * 60.0));
    return *day >= 0 && *day <= LAST_DAY;
}

bool oe_calendar_read_ms(double ms, int *day)
{
    double d = floor(ms / (24 * 60 * 60 * 1000.0)) + EPOCH;
    if (!(d >= 0 && d <= LAST_DAY))
        return false;
    *day = (int)d;
    return true;
}

static char *write_digits(char *p, int n, int value, char after)
{
    for (int i = n; i > 0; value /= 10)
        p[--i] = (char)('0' + value % 10);
    p[n] = after;
    return p + n + 1;
}

void oe_calendar_write(char *text, int day, int ms)
{
    date d = date_of(day);
    text = write_digits(text, 4, d.month / 12, '-');
    text = write_digits(text, 2, d.month % 12 + 1, '-');
    text = write_digits(text, 2, d.day + 1, 'T');
    text = write_digits(text, 2, ms / (60 * 60 * 1000), ':');
    text = write_digits(text, 2, ms / (60 * 1000) % 60, ':');
    text = write_digits(text, 2, ms / 1000 % 60, '.');
    write_digits(text, 3, ms % 1000, 'Z');
}

bool oe_calendar_has(const oe_calendar *c, int i)
{
    return c->days[i / 8] >> (i % 8) & 1;
}

static void mark(oe_calendar *c, int day, long *work)
{
    int i = day - c->origin;
    if (day >= LAST_DAY || *work <= 0) /* 24:00 of the last day would be beyond it */
        return;
    --*work;
    c->days[i / 8] |= (unsigned char)(1u << (i % 8));
    if (i >= c->end)
        c->end = i + 1;
}

/* Marks the days that one base day leads to. */
static void mark_all(oe_calendar *c, int base, bool week, bool month, long *work)
{
    date d = date_of(base);
    int months = month ? 12 : 1;
    if (week) {
        int day = month ? base - d.day / 7 * 7 : base;
        for (int end = month_start(d.month + months); day < end; day += 7)
            mark(c, day, work);
        return;
    }
    for (int k = 0; k < months; k++) {
        int day = month_start(d.month + k) + d.day;
        if (day < month_start(d.month + k + 1))
            mark(c, day, work);
    }
}

void oe_calendar_mark(oe_calendar *c, int from, int to, bool week, bool month, long *work)
{
    c->origin = month_start(date_of(from).month);
    if (to - from >= OE_CALENDAR_BASE)
        to = from + OE_CALENDAR_BASE - 1;
    for (int day = from; day <= to && *work > 0; day++)
        /* a week later in the same month leads nowhere new */
        if (!week || day - 7 < from || date_of(day).day < 7)
            mark_all(c, day, week, month, work);
}
