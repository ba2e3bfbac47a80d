/* Attributes in a reply: the signs by which an object is one, and the rules for it. */
#ifndef ONEENTRY_ATTRIBUTES_H
#define ONEENTRY_ATTRIBUTES_H

#include "base/base.h"

enum oe_rule {
    OE_RULE_FIELDS = 1 << 1, /* additionalFields by marker */
    OE_RULE_FLAGS = 1 << 2,  /* null flags are false */
    OE_RULE_NUMBER = 1 << 3, /* value of type integer and float is a number */
    OE_RULE_ENTITY = 1 << 4, /* schedules in value */
    OE_RULE_FORM = 1 << 5,   /* schedules in localizeInfos.intervals */
    OE_RULE_IMAGE = 1 << 6,  /* the only image of a list is value itself */
    OE_RULES = OE_RULE_FIELDS | OE_RULE_FLAGS | OE_RULE_NUMBER | OE_RULE_ENTITY | OE_RULE_FORM | OE_RULE_IMAGE
};

/* What is known of an object from the members that have been read. */
typedef struct oe_signs {
    bool type, values, attributes, fields; /* the member is there; of `values` and `attributes`: and not null */
    enum { OE_KIND_OTHER, OE_KIND_NUMERIC, OE_KIND_INTERVAL, OE_KIND_IMAGE } kind;
    unsigned null_flags;
} oe_signs;

enum oe_sign { OE_SIGN_NONE, OE_SIGN_TYPE, OE_SIGN_VALUES, OE_SIGN_ATTRIBUTES };

#pragma GCC visibility push(hidden)

/* Is the name that of a member which rules need? */
enum oe_sign oe_attribute_sign(oe_signs *signs, const char *name, size_t n);
/* Notes that the member is null. */
void oe_attribute_note_null(oe_signs *signs, const char *name);
/* Notes the type, shaped, on top of the stack. */
void oe_attribute_note_type(lua_State *L, oe_signs *signs);
/* Applies the rules to the object at the absolute `index`; the other arguments are those of oe_schedule_entity. */
void oe_attribute_apply(lua_State *L, int index, unsigned rules, const oe_signs *signs, int list_metatable, long *work);

#pragma GCC visibility pop

#endif
