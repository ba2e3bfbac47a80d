/* A reply's text becomes a Lua value: checked, read, shaped. Knows no client and no connection. */
#ifndef ONEENTRY_REPLY_H
#define ONEENTRY_REPLY_H

#include "api/api.h"
#include "base/base.h"

#define OE_READ_LANGS (2 * OE_MAX_LANGS + 1)
/* How a text is read. */
typedef struct oe_shaping {
    bool normalizes, images;      /* as a step says */
    oe_text langs[OE_READ_LANGS]; /* the best first; NULL ends them */
    bool nulls;                   /* null members stay */
    bool types;                   /* only types matter: each number is 0 */
    size_t max_values;
} oe_shaping;

/* A reply on its way to what the method returns. */
typedef struct oe_reply {
    const oe_row *row;
    const oe_settings *settings;
    int value;        /* its absolute index */
    oe_text bytes;    /* of a reply that is a file */
    const char *type; /* its media type, or "" */
    long long moved;  /* how many bytes went elsewhere, or -1 */
    int kept;         /* the table of oe_files_open */
} oe_reply;

/* Rows name steps; each step stands in the file that is about it. */
struct oe_step {
    const char *name; /* in oneentry.rows() */
    bool images;      /* in attributeValues, an image alone is no list; only with `normalizes` */
    bool normalizes;  /* texts are in the language of the call, values of attributes are converted */
    /* Looks at the value as the server has sent it. False: it is not to be used; a list of issues is on top of the stack. */
    bool (*check)(lua_State *L, const oe_reply *reply);
    /* Pushes the value of a reply that is a file: nothing reads it as JSON. */
    void (*push)(lua_State *L, const oe_reply *reply);
    /* Replaces the shaped value. */
    void (*take)(lua_State *L, const oe_reply *reply);
};

#pragma GCC visibility push(hidden)

/* shape.c */
enum oe_read {
    OE_READ,
    OE_READ_NOT_JSON,
    OE_READ_TOO_MANY,   /* more values and names than `max_values` */
    OE_READ_ALIKE,      /* texts that this Lua cannot tell apart quickly */
    OE_READ_INFINITE,   /* a number is beyond all doubles */
    OE_READ_EQUAL_NAMES /* names are equal once U+FFFD stands for halves of surrogate pairs */
};
/* Reads JSON text, which a NUL byte has to follow. Pushes the value for OE_READ only. Raises without memory. */
enum oe_read oe_shape_read(lua_State *L, const char *text, size_t n, const oe_shaping *how);

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
    int end;    /* behind the last day that is marked, counted from origin */
    unsigned char days[(OE_CALENDAR_SPAN + 7) / 8];
} oe_calendar;
/* Marks the days that a schedule of the base days from..to means; of too many, the first. `c` is empty. */
void oe_calendar_mark(oe_calendar *c, int from, int to, bool week, bool month, long *work);
/* Is the day at origin + i (less than c->end) marked? */
bool oe_calendar_has(const oe_calendar *c, int i);
/* Reads the UTC day of an ISO 8601 text, or of ms since 1970. False: there is none. */
bool oe_calendar_read(const char *text, int *day);
bool oe_calendar_read_ms(double ms, int *day);
#define OE_CALENDAR_SIZE 24
/* Writes "2025-04-08T09:30:00.000Z", without a NUL. */
void oe_calendar_write(char *text, int day, int ms);

/* validate.c */
/* Does the reply's value at `index` match the shape? If not, pushes a list of { path, expected, received }. */
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
long oe_message_read(lua_State *L, int body, const oe_text *langs, oe_buffer *out);
/* Bounds the masked text, and appends the number of texts left out. */
void oe_message_finish(oe_buffer *text, long more);

/* alike.c */
#if defined(LUA_JITLIBNAME)
#define OE_ALIKE_LENGTH 128 /* bytes; shorter strings are hashed whole */
#elif LUA_VERSION_NUM < 504
#define OE_ALIKE_LENGTH 32
#else
#define OE_ALIKE_LENGTH ((size_t)-1) /* strings are hashed by all their bytes, or not at all */
#endif
/* Counts a string of at least OE_ALIKE_LENGTH bytes, in a place on the stack that is nil before the first. False: this Lua
   would make them in time that grows faster than the text. */
bool oe_alike_add(lua_State *L, int place, const char *s, size_t n, bool is_name);

#pragma GCC visibility pop

#endif
