/* Private to members.c and config.c: tables whose members are known by name. */
#ifndef ONEENTRY_MEMBERS_H
#define ONEENTRY_MEMBERS_H

#include "base/base.h"

/* HEADER, LABEL and TOKEN go into a header; TOKEN and LANGS may be empty; COUNT may be 0; SECONDS, at most a day.
   LANGS, a text or a list of them, become one text (langs.c).
   A LABEL has at most OE_MAX_LABEL bytes, the other texts OE_MAX_TOKEN. */
enum oe_kind {
    OE_IS_TEXT,
    OE_IS_LANGS,
    OE_IS_HEADER,
    OE_IS_LABEL,
    OE_IS_TOKEN,
    OE_IS_SECONDS,
    OE_IS_COUNT,
    OE_IS_SIZE,
    OE_IS_FLAG,
    OE_IS_TABLE,
    OE_IS_FUNCTION,
    OE_IS_ANY
};

/* A list of members ends with a name NULL. */
typedef struct oe_member {
    const char *name;
    enum oe_kind kind;
} oe_member;

/* The function and the argument that messages name. */
typedef struct oe_reader {
    lua_State *L;
    const char *function;
    int position;
} oe_reader;

#pragma GCC visibility push(hidden)

/* Raises "bad argument ... (where.name: problem)"; name may be NULL. */
int oe_members_refuse(const oe_reader *r, const char *where, const char *name, const char *problem);
/* Pushes a plain copy of the table, checked; returns its index. Metamethods are asked once, here. */
int oe_members_copy(const oe_reader *r, int index, const char *where, const oe_member *members);
/* Pushes such a copy of the member `name`, a table; an empty one when the member is absent. */
int oe_members_of(const oe_reader *r, int index, const char *name, const char *where, const oe_member *members);

#pragma GCC visibility pop

#endif
