/* What a row of the API says. One row is one method; request.c interprets it. */
#ifndef ONEENTRY_API_H
#define ONEENTRY_API_H

#include <stddef.h>

enum oe_verb { OE_GET, OE_POST, OE_PUT, OE_DELETE };

enum oe_type {
    OE_NONE,    /* end of the argument list */
    OE_STRING,  /* string, or an integer written as digits */
    OE_INTEGER, /* integer >= 0, or a string of digits */
    OE_ID,      /* the same; one resource */
    OE_BOOLEAN,
    OE_TABLE /* becomes a JSON object */
};

/* An argument is required unless it has a fallback. */
#define OE_FALLBACK_LANG "$lang" /* the client's langCode */
#define OE_FALLBACK_NIL ""       /* nothing */

typedef struct oe_arg {
    const char *name;
    enum oe_type type;
    const char *fallback; /* NULL; OE_FALLBACK_*; "=name" another argument; else a JSON scalar */
    const char *choices;  /* NULL, or the accepted strings separated by blanks */
} oe_arg;

/* What a method does besides sending and decoding. */
enum oe_flag {
    OE_USER = 1 << 0,         /* documented to need a logged-in user */
    OE_NORMALIZE = 1 << 1,    /* the reply is shaped (shape.c) */
    OE_LOGIN = 1 << 2,        /* the reply's tokens become the session's */
    OE_LOGOUT = 1 << 3,       /* a truthy reply ends the session */
    OE_FINAL_401 = 1 << 4,    /* 401 is an answer, not a reason to refresh */
    OE_WRAP_FORM = 1 << 5,    /* body.formData goes under the language */
    OE_BODY_LANG = 1 << 6,    /* body.langCode is the language, whatever it was */
    OE_BODY_LANG_ADD = 1 << 7, /* body.langCode is the language unless the caller set one */
    OE_DROP_EMPTY_SMS = 1 << 8, /* body.notificationData.phoneSMS == "" is left out */
    OE_ROTATE = 1 << 9,        /* a reply without a new refresh token is malformed */
    OE_EXTENSION = 1 << 10,    /* ours; the official SDK has no such method */
    OE_PICK_WAITING = 1 << 11, /* of the sessions, the newest that is waiting, or false */
    OE_POLL = 1 << 12          /* asks again while the session is waiting; argument options = { timeout, interval } */
};

/* Also what a call does by itself after a 401 (refresh.c). */
#define OE_REFRESH_PATH "/api/content/users-auth-providers/marker/{marker}/users/refresh"

#define OE_MAX_ARGS 8

typedef struct oe_row {
    const char *name;
    oe_arg args[OE_MAX_ARGS];
    enum oe_verb verb;
    const char *path;   /* {name} is one encoded segment; {?a,b} the query, in that order */
    const char *body;   /* NULL, or the table argument that is the body */
    const char *fields; /* NULL, or the body's members: "member" or "member:argument" */
    const char *lists;  /* NULL, or the body's members whose empty table is [] */
    const char *schema; /* NULL, or what config.validation checks the reply against */
    unsigned does;      /* enum oe_flag */
} oe_row;

typedef struct oe_module {
    const char *name;
    const oe_row *rows; /* ends with a row without name */
} oe_module;

#pragma GCC visibility push(hidden)

/* By enum oe_verb. */
extern const char *const oe_verb_names[];

/* Ends with a module without name. */
extern const oe_module oe_modules[];

/* What a reply looks like, in the notation of schemas.c. Ends with a schema without name. */
typedef struct oe_schema {
    const char *name, *text;
} oe_schema;
extern const oe_schema oe_schemas[];

extern const oe_row oe_auth_provider_rows[], oe_orders_rows[], oe_payments_rows[], oe_users_rows[];

#pragma GCC visibility pop

/* Common arguments. */
#define OE_ARG_MARKER { "marker", OE_STRING, NULL, NULL }
#define OE_ARG_ID { "id", OE_ID, NULL, NULL }
#define OE_ARG_BODY { "body", OE_TABLE, NULL, NULL }
#define OE_ARG_LANG { "langCode", OE_STRING, OE_FALLBACK_LANG, NULL }
#define OE_ARG_OFFSET { "offset", OE_INTEGER, "0", NULL }
#define OE_ARG_LIMIT { "limit", OE_INTEGER, "30", NULL }

#endif
