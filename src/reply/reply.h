/* A reply's text becomes a Lua value: decoded, checked, shaped. Knows no client and no connection. */
#ifndef ONEENTRY_REPLY_H
#define ONEENTRY_REPLY_H

#include "api/api.h"
#include "base/base.h"

/* A decoded reply on its way to what the method returns. */
typedef struct oe_reply {
    const oe_row *row;
    const oe_settings *settings;
    const char *lang; /* of the call; NULL: the caller wants raw data */
    int value;        /* its absolute index */
    bool marked;      /* oe_json_decode's */
    bool shaped;
} oe_reply;

/* A reply that is not OE_MADE is not to be used. OE_DIFFERS: the list of oe_validate is on top of the stack. */
enum oe_made { OE_MADE, OE_DIFFERS, OE_INFINITE /* a number is beyond all doubles */ };

/* Rows name steps; each step stands in the file that is about it. */
struct oe_step {
    const char *name; /* in oneentry.rows() */
    enum oe_made (*take)(lua_State *L, oe_reply *reply);
};

#pragma GCC visibility push(hidden)

/* decode.c */
/* Decodes with the function at the absolute index `decode`. Pushes the value, or pushes nothing and returns false.
   *marked: integers that a double cannot hold are strings after OE_JSON_LONG, and empty lists may hold OE_JSON_EMPTY, for
   oe_shape to resolve. */
#define OE_JSON_LONG                                                                                                   \
    "\xff"                                                                                                             \
    "int:"
#define OE_JSON_LONG_SIZE (sizeof OE_JSON_LONG - 1)
#define OE_JSON_EMPTY "\xff"
bool oe_json_decode(lua_State *L, int decode, const char *text, size_t n, bool *marked);
/* Pushes a private cjson.decode. */
void oe_json_push_decoder(lua_State *L);
/* Does the text hold at most `max` values? Ask before decoding: each value takes memory. */
bool oe_json_is_within(const char *text, size_t n, size_t max);
/* Returns the position after the string that begins before `at`. */
size_t oe_json_skip_string(const char *text, size_t n, size_t at);
/* Counts the items of the decoded list at `index`: none, when it holds OE_JSON_EMPTY alone. */
int oe_json_items(lua_State *L, int index);

/* shape.c: turns the decoded value at the absolute `index` into the method's result, in place. `lang` is NULL for methods
   that do not normalise, and for raw data; `marked` is oe_json_decode's. False: the value holds a number beyond all doubles;
   do not use it. */
bool oe_shape(lua_State *L, int index, const oe_settings *settings, const char *lang, bool marked);
/* The same, but a second time does nothing. */
enum oe_made oe_shape_reply(lua_State *L, oe_reply *reply, const char *lang);

/* attributes.c, of the attribute at the absolute `index` */
/* A list of additionalFields becomes a map by marker; the last of equal ones wins. */
void oe_attribute_fields(lua_State *L, int index);
/* The value becomes a number, as JavaScript converts, but an empty or unreadable one is absent; null and nil stay. */
void oe_attribute_number(lua_State *L, int index);

/* schedule.c: sets timeIntervals in every schedule of the attribute at the absolute `index`, if it has any; the metatable
   is that of lists. *work counts down the days that may still be looked at and the pairs that may be made. */
#define OE_SCHEDULE_WORK (1L << 18) /* of one reply: some 50 MB of pairs, years of half-hour slots */
void oe_schedule_entity(lua_State *L, int index, int list_metatable, long *work);
void oe_schedule_form(lua_State *L, int index, int list_metatable, long *work);

/* calendar.c: days, counted from 0000-01-01, and their texts; no Lua in it */
#define OE_CALENDAR_BASE 3653 /* base days of one schedule, ten years: more come of a mistyped date */
#define OE_CALENDAR_SPAN (31 + OE_CALENDAR_BASE + 366)
typedef struct oe_calendar {
    int origin; /* the first of the month of the first base day */
    unsigned char days[(OE_CALENDAR_SPAN + 7) / 8];
} oe_calendar;
/* Marks the days that a schedule of the base days from..to means; of too many, the first. `c` is empty. */
void oe_calendar_mark(oe_calendar *c, int from, int to, bool week, bool month, long *work);
/* Is the day at origin + i (less than OE_CALENDAR_SPAN) marked? */
bool oe_calendar_has(const oe_calendar *c, int i);
/* Reads the UTC day of an ISO 8601 text, or of ms since 1970. False: there is none. */
bool oe_calendar_read(const char *text, int *day);
bool oe_calendar_read_ms(double ms, int *day);
#define OE_CALENDAR_SIZE 24
/* Writes "2025-04-08T09:30:00.000Z", without a NUL. */
void oe_calendar_write(char *text, int day, int ms);

/* validate.c */
/* Does the decoded reply at `index` match the shape? If not, pushes a list of { path, expected, received }. */
bool oe_validate(lua_State *L, const char *shape, int index);
/* Pushes the list as a sentence. */
void oe_validate_push_message(lua_State *L, int issues);

/* waiting.c */
/* Is the value on top of the stack a payment session that is waiting? */
bool oe_waiting_is(lua_State *L);

/* message.c */
#define OE_MAX_MESSAGE 16384 /* bytes of an error's text */
/* Appends the texts under `message` of the error body at `body`, joined, in one of the languages `langs`, a list that ends
   with NULL, where there are several. Returns the number of texts left out. */
long oe_message_read(lua_State *L, int body, const char *const *langs, oe_buffer *out);
/* Bounds the masked text, and appends the number of texts left out. */
void oe_message_finish(oe_buffer *text, long more);

/* alike.c */
/* Can this Lua make the strings of the JSON text in time that grows no faster than the text? */
bool oe_alike_is_cheap(const char *text, size_t n);

#pragma GCC visibility pop

#endif
