/* Works out schedules of timeInterval attributes: combines their days (calendar.c) with their hours to pairs of instants.
   Pairs are ordered by start, then by end; none is there twice. */
#include "reply/reply.h"

#include <math.h>
#include <stdlib.h>

#define DAY (24 * 60 * 60 * 1000) /* in ms */

/* Times of a day, in ms. An end before its start stays on the same day. */
typedef struct slot {
    int start, end;
} slot;

/* Reads element i of the list at `index`, a text or ms since 1970, as a UTC day. */
static bool get_day(lua_State *L, int index, int i, int *day)
{
    bool found = false;
    lua_rawgeti(L, index, i);
    if (lua_type(L, -1) == LUA_TSTRING)
        found = oe_calendar_read(lua_tostring(L, -1), day);
    else if (lua_type(L, -1) == LUA_TNUMBER)
        found = oe_calendar_read_ms((double)lua_tonumber(L, -1), day);
    lua_pop(L, 1);
    return found;
}

static bool is_true(lua_State *L, int index, const char *name)
{
    lua_getfield(L, index, name);
    bool yes = lua_type(L, -1) == LUA_TBOOLEAN && lua_toboolean(L, -1);
    lua_pop(L, 1);
    return yes;
}

/* Marks the days of the schedule at `index`; the member called `dates` has its dates. False: it names none. */
static bool read_calendar(lua_State *L, int index, const char *dates, oe_calendar *c, long *work)
{
    int from, to;
    lua_getfield(L, index, dates);
    int list = lua_gettop(L);
    bool found = lua_istable(L, list) && get_day(L, list, 1, &from) && get_day(L, list, 2, &to);
    lua_pop(L, 1);
    if (found)
        oe_calendar_mark(c, from, to, is_true(L, index, "inEveryWeek"), is_true(L, index, "inEveryMonth"), work);
    return found;
}

/* Reads { hours, minutes } at `index`. */
static bool read_time(lua_State *L, int index, int *ms)
{
    if (!lua_istable(L, index))
        return false;
    lua_getfield(L, index, "hours");
    lua_getfield(L, index, "minutes");
    double h = lua_isnumber(L, -2) ? (double)lua_tonumber(L, -2) : -1;
    double m = lua_isnumber(L, -1) ? (double)lua_tonumber(L, -1) : -1;
    lua_pop(L, 2);
    if (!(h >= 0 && m >= 0 && m < 60 && h * 60 + m <= 24 * 60))
        return false;
    *ms = ((int)h * 60 + (int)m) * 60 * 1000;
    return true;
}

/* Is it a slot of this day? A start at 24:00 belongs to the next one. */
static bool is_slot(bool found, const slot *t)
{
    return found && t->start < DAY;
}

/* Reads element i of the list on top of the stack, [start, end]. */
static bool read_pair(lua_State *L, int i, slot *t)
{
    lua_rawgeti(L, -1, i);
    bool found = false;
    if (lua_istable(L, -1)) {
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        int end = lua_gettop(L);
        found = read_time(L, end - 1, &t->start) && read_time(L, end, &t->end);
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
    return is_slot(found, t);
}

/* Reads element i of the list on top of the stack, { start, end, period }; *period in ms. Returns its number of slots: none
   without a period that leads anywhere. */
static int read_interval(lua_State *L, int i, slot *t, int *period)
{
    lua_rawgeti(L, -1, i);
    bool found = false;
    double minutes = 0;
    if (lua_istable(L, -1)) {
        int interval = lua_gettop(L);
        lua_getfield(L, interval, "start");
        lua_getfield(L, interval, "end");
        lua_getfield(L, interval, "period");
        found = read_time(L, interval + 1, &t->start) && read_time(L, interval + 2, &t->end);
        minutes = lua_isnumber(L, -1) ? (double)lua_tonumber(L, -1) : 0;
        lua_pop(L, 3);
    }
    lua_pop(L, 1);
    double ms = floor(minutes * 60 * 1000);
    if (!is_slot(found, t) || !(ms >= 1 && ms <= DAY))
        return 0;
    *period = (int)ms;
    return t->end > t->start ? (t->end - t->start) / *period : 0;
}

static int compare_slots(const void *a, const void *b)
{
    const slot *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static int sort_slots(slot *slots, int n)
{
    int kept = 0;
    qsort(slots, (size_t)n, sizeof *slots, compare_slots);
    for (int i = 0; i < n; i++)
        if (kept == 0 || compare_slots(&slots[kept - 1], &slots[i]) != 0)
            slots[kept++] = slots[i];
    return kept;
}

/* Pushes a buffer with the slots of an entity's `times`. */
static slot *push_entity_slots(lua_State *L, int index, int *n, long *work)
{
    lua_getfield(L, index, "times");
    int listed = lua_istable(L, -1) ? (int)lua_rawlen(L, -1) : 0;
    if (listed > *work)
        listed = (int)*work;
    *work -= listed;
    slot *slots = lua_newuserdata(L, ((size_t)listed + 1) * sizeof *slots);
    lua_insert(L, -2);
    *n = 0;
    for (int i = 1; i <= listed; i++)
        *n += read_pair(L, i, &slots[*n]);
    lua_pop(L, 1);
    return slots;
}

/* Pushes a buffer with the slots of a form's `intervals`. Each is cut into slots of its period; a shorter rest is dropped. */
static slot *push_form_slots(lua_State *L, int index, int *n, long *work)
{
    slot t;
    int period = 0;
    lua_getfield(L, index, "intervals");
    int listed = (int)lua_rawlen(L, -1);
    long total = 0;
    for (int i = 1; i <= listed && total < *work; i++)
        total += read_interval(L, i, &t, &period);
    if (total > *work)
        total = *work;
    *work -= total;
    slot *slots = lua_newuserdata(L, ((size_t)total + 1) * sizeof *slots);
    lua_insert(L, -2);
    *n = 0;
    for (int i = 1; i <= listed && *n < total; i++) {
        int count = read_interval(L, i, &t, &period);
        for (int start = t.start; count > 0 && *n < total; count--, start += period)
            slots[(*n)++] = (slot){ start, start + period };
    }
    lua_pop(L, 1);
    return slots;
}

static void push_instant(lua_State *L, int day, int ms)
{
    char text[OE_CALENDAR_SIZE];
    oe_calendar_write(text, day + ms / DAY, ms % DAY);
    lua_pushlstring(L, text, sizeof text);
}

static void push_list(lua_State *L, int room, int list_metatable)
{
    lua_createtable(L, room, 0);
    lua_pushvalue(L, list_metatable);
    lua_setmetatable(L, -2);
}

/* Pushes the list of pairs: the slots of every day. */
static void push_pairs(lua_State *L, const oe_calendar *c, const slot *slots, int n, int list_metatable, long *work)
{
    int pairs = 0;
    push_list(L, 0, list_metatable);
    for (int i = 0; n > 0 && i < c->end; i++) {
        if (!oe_calendar_has(c, i))
            continue;
        for (int k = 0; k < n; k++) {
            if (*work <= 0)
                return;
            --*work;
            push_list(L, 2, list_metatable);
            push_instant(L, c->origin + i, slots[k].start);
            lua_rawseti(L, -2, 1);
            push_instant(L, c->origin + i, slots[k].end);
            lua_rawseti(L, -2, 2);
            lua_rawseti(L, -2, ++pairs);
        }
    }
}

/* Sets timeIntervals in the schedule at `index`; without readable dates or times it is empty. */
static void set_intervals(lua_State *L, int index, bool is_form, int list_metatable, long *work)
{
    oe_calendar c = { 0 };
    int n = 0;
    slot *slots = is_form ? push_form_slots(L, index, &n, work) : push_entity_slots(L, index, &n, work);
    if (!read_calendar(L, index, is_form ? "range" : "dates", &c, work))
        n = 0;
    push_pairs(L, &c, slots, sort_slots(slots, n), list_metatable, work);
    lua_setfield(L, index, "timeIntervals");
    lua_pop(L, 1);
}

/* Is the value at `index` an object that may get a member? */
static bool is_object(lua_State *L, int index)
{
    if (!lua_istable(L, index) || lua_rawlen(L, index) > 0)
        return false;
    if (!lua_getmetatable(L, index))
        return true;
    lua_pop(L, 1);
    return false;
}

/* Sets timeIntervals in every schedule of the list on top of the stack; pops the list. */
static void set_all(lua_State *L, bool is_form, int list_metatable, long *work)
{
    int list = lua_gettop(L);
    int n = lua_istable(L, list) ? (int)lua_rawlen(L, list) : 0;
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, list, i);
        int schedule = lua_gettop(L);
        bool wanted = is_object(L, schedule);
        if (wanted && is_form) {
            lua_getfield(L, schedule, "intervals");
            wanted = lua_istable(L, -1);
        }
        lua_settop(L, schedule);
        if (wanted)
            set_intervals(L, schedule, is_form, list_metatable, work);
        lua_settop(L, list);
    }
    lua_pop(L, 1);
}

void oe_schedule_entity(lua_State *L, int index, int list_metatable, long *work)
{
    luaL_checkstack(L, 20, "not enough memory for a schedule");
    lua_getfield(L, index, "value");
    int groups = lua_gettop(L);
    int n = lua_istable(L, groups) ? (int)lua_rawlen(L, groups) : 0;
    for (int i = 1; i <= n; i++) {
        lua_rawgeti(L, groups, i);
        if (lua_istable(L, -1)) {
            lua_getfield(L, -1, "values");
            set_all(L, false, list_metatable, work);
        }
        lua_settop(L, groups);
    }
    lua_pop(L, 1);
}

void oe_schedule_form(lua_State *L, int index, int list_metatable, long *work)
{
    luaL_checkstack(L, 20, "not enough memory for a schedule");
    lua_getfield(L, index, "localizeInfos");
    if (lua_istable(L, -1)) {
        lua_getfield(L, -1, "intervals");
        set_all(L, true, list_metatable, work);
    }
    lua_pop(L, 1);
}
