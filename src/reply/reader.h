/* Reads JSON text token by token, as RFC 8259 has it. Knows no Lua, allocates nothing, copies nothing.

   Caveats: a NUL byte has to follow the text. Bytes from 0x80 on are not checked to be UTF-8. Names that stand twice in an
   object, numbers that no double can hold and lone surrogates in escapes are the caller's to judge. */
#ifndef ONEENTRY_READER_H
#define ONEENTRY_READER_H

#include <stdbool.h>
#include <stddef.h>

enum oe_kind_of_value {
    OE_JSON_BAD, /* no JSON, too deep, or too many values: see `why` */
    OE_JSON_OBJECT,
    OE_JSON_LIST,
    OE_JSON_STRING,
    OE_JSON_INTEGER, /* of at most OE_READER_DIGITS digits */
    OE_JSON_NUMBER,  /* any other */
    OE_JSON_TRUE,
    OE_JSON_FALSE,
    OE_JSON_NULL
};

#define OE_READER_DIGITS 18

typedef struct oe_reader {
    const char *at, *end;
    size_t left;    /* values and names that may still come */
    unsigned depth; /* objects and lists that are open */
    unsigned max_depth;
    bool too_many;    /* OE_JSON_BAD because of `left` */
    const char *text; /* of the last name or string, without quotes; of the last number */
    size_t n;
    bool escaped;      /* the name or string has escapes: oe_escape_unescape_json */
    bool integral;     /* the number has neither fraction nor exponent */
    long long integer; /* of OE_JSON_INTEGER */
} oe_reader;

#pragma GCC visibility push(hidden)

void oe_reader_start(oe_reader *r, const char *text, size_t n, size_t max_values, unsigned max_depth);
/* Reads a value; of an object or a list only the bracket that opens it. */
enum oe_kind_of_value oe_reader_value(oe_reader *r);
/* Reads the next name of the object, `first` or not, and its colon. False: the object has ended, or oe_reader_is_bad. */
bool oe_reader_name(oe_reader *r, bool first);
/* Is there another item in the list? False: the list has ended, or oe_reader_is_bad. */
bool oe_reader_item(oe_reader *r, bool first);
/* Reads on to the end of a value of that kind that oe_reader_value has just begun. */
bool oe_reader_skip(oe_reader *r, enum oe_kind_of_value kind);
/* Has the text ended, but for blanks? */
bool oe_reader_ended(oe_reader *r);
bool oe_reader_is_bad(const oe_reader *r);

#pragma GCC visibility pop

#endif
