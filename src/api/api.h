/* Rows of the API. A row is a method; request.c interprets it. */
#ifndef ONEENTRY_API_H
#define ONEENTRY_API_H

#include <stdbool.h>
#include <stddef.h>

/* Each enum and its names come from one list. */
#define OE_VERBS(X) X(GET) X(POST) X(PUT) X(DELETE)

#define OE_TYPES(X)                                                                                                    \
    X(NONE, "")          /* end of the argument list */                                                                \
    X(STRING, "string")  /* string, or an integer written as digits */                                                 \
    X(LANGS, "languages") /* a language, or a list of them: see base/langs.c */                                        \
    X(INTEGER, "integer") /* integer >= 0, or a string of digits */                                                    \
    X(ID, "id")          /* the same; one resource */                                                                  \
    X(BOOLEAN, "boolean")                                                                                              \
    X(TABLE, "table") /* becomes a JSON object */                                                                      \
    X(QUERY, "query") /* a flat table; its members are parameters of the query */                                      \
    X(ITEMS, "list")  /* becomes a JSON list, also when it is empty */                                                 \
    X(FILE, "file")   /* a file, or a list of files: see request/files.c */                                            \
    X(IDS, "ids")     /* ids with commas between them, or a list of ids: see call/parts.c */

#define OE_BODIES(X)                                                                                                   \
    X(NO_BODY, "")                                                                                                     \
    X(OBJECT, "object")   /* the table argument `of` */                                                                \
    X(MEMBERS, "members") /* `of`: "member" or "member:argument", separated by blanks */                               \
    X(ARRAY, "list")      /* the list argument `of` */                                                                 \
    X(PARTS, "parts")     /* `of`: "field:argument", files of a form */

/* Effects of a method on the session. */
#define OE_FLAGS(X)                                                                                                    \
    X(USER, "user")          /* documented to need a logged-in user */                                                 \
    X(LOGIN, "login")        /* the reply's tokens become the session's */                                             \
    X(LOGOUT, "logout")      /* a truthy reply ends the session */                                                     \
    X(FINAL_401, "final401") /* 401 is an answer, not a reason to refresh */                                           \
    X(ROTATE, "rotate")      /* a reply without a new refresh token is malformed */

#define OE_VERB_ENUM(name) OE_##name,
enum oe_verb { OE_VERBS(OE_VERB_ENUM) };
#define OE_TYPE_ENUM(name, text) OE_##name,
enum oe_type { OE_TYPES(OE_TYPE_ENUM) };
#define OE_BODY_ENUM(name, text) OE_##name,
enum oe_body_kind { OE_BODIES(OE_BODY_ENUM) };
#define OE_FLAG_BIT(name, text) OE_BIT_##name,
enum oe_flag_bit { OE_FLAGS(OE_FLAG_BIT) };
#define OE_FLAG_ENUM(name, text) OE_##name = 1 << OE_BIT_##name,
enum oe_flag { OE_FLAGS(OE_FLAG_ENUM) };

/* An argument is required unless it has a fallback. */
#define OE_FALLBACK_LANG "$lang" /* the client's langCode */
#define OE_FALLBACK_NIL ""       /* nothing */
#define OE_FALLBACK_LIST "[]"    /* an empty list */
#define OE_FALLBACK_OBJECT "{}"  /* an empty object */

typedef struct oe_arg {
    const char *name;
    enum oe_type type;
    const char *fallback; /* NULL; OE_FALLBACK_*; "=name" another argument; of an OE_QUERY "name=value", separated by blanks:
                             members that it has unless the caller sets them; else a boolean, an integer or a text */
    const char *choices;  /* NULL, or the accepted strings separated by blanks */
    const char *about;    /* words, or NULL: the name says it */
    const char *shape;    /* NULL, or the members of a table, in the notation of entities.c */
} oe_arg;

/* A call sends this by itself after a 401, too (refresh.c). */
#define OE_REFRESH_PATH "/api/content/users-auth-providers/marker/{marker}/users/refresh"

#define OE_MAX_ARGS 8

/* A special case of a body (request/edits.c). */
typedef struct oe_edit oe_edit;
#define OE_EDITS(...) (const oe_edit *const[]){ __VA_ARGS__, NULL }
/* A check of a list argument (request/checks.c). */
typedef struct oe_check oe_check;

typedef struct oe_body {
    enum oe_body_kind kind;
    const char *of;              /* see OE_BODIES */
    const char *lists;           /* NULL, or members whose empty table is [] */
    const oe_edit *const *edits; /* NULL, or OE_EDITS of an OE_OBJECT */
    const oe_check *check;       /* NULL, or the check of the body's OE_ITEMS argument */
} oe_body;

/* A step from the reply to what the method returns (the files of reply/). */
typedef struct oe_step oe_step;
#define OE_STEPS(...) (const oe_step *const[]){ __VA_ARGS__, NULL }

/* A request that follows from the value that a reply has come to: for the object that it is, or each object of the list that it is
   or has as `items`. */
typedef struct oe_follow {
    const char *method;   /* "Table.method" */
    const char *argument; /* the object's member that is its first argument; the others are the call's own, by name */
    const char *type;     /* NULL, or only for objects of this `type` */
    const char *into;     /* the object's member that its value becomes; NULL: it takes the object's place, which goes when there is none */
    bool beside;          /* at the same time as the one before, else after it */
} oe_follow;
#define OE_FOLLOWS(...) (const oe_follow[]){ __VA_ARGS__, { NULL, NULL, NULL, NULL, false } }

typedef struct oe_row {
    const char *name, *about;
    oe_arg args[OE_MAX_ARGS];
    enum oe_verb verb;
    bool reads;          /* a POST that changes nothing: repeated like a GET */
    const char *path;    /* {name} is one encoded segment, {name/} keeps its slashes; {?a,b} the query, in that order:
                            "name", "name=argument", "*argument" (an OE_QUERY, spread); "name?" is left out when empty */
    oe_body body;
    const oe_step *const *reply; /* NULL, or OE_STEPS, in this order */
    const oe_follow *follows;    /* NULL, or OE_FOLLOWS */
    const char *uploads; /* NULL, or the method that the files of its body go through first */
    const char *sent;    /* NULL, or the reply's shape where a step makes another of it */
    const char *returns; /* the value's shape, in the notation of entities.c */
    const char *fails;   /* NULL, or statuses and why, separated by "; "; OE_USER stands for "401 no user session" */
    unsigned session;    /* enum oe_flag */
    bool pages;          /* the reply is a page of a list: the next one begins at `offset`, an argument or a member of its OE_QUERY */
    bool polls;          /* asks again while the payment session is waiting, as its argument `options` says */
    bool files;          /* moves files, as its argument `options` says */
    bool foreign;        /* the path is the url of any server, which gets nothing of the project's */
    bool extension;      /* ours; the official SDK has no such method */
} oe_row;

/* The shape of a reply, a body or a part of one, in the notation of entities.c. */
typedef struct oe_entity {
    const char *name, *about, *shape;
} oe_entity;

typedef struct oe_module {
    const char *name, *about;
    const oe_row *rows;          /* ends with a row without name */
    const oe_entity *entities;   /* ends with an entity without name */
} oe_module;

#pragma GCC visibility push(hidden)

/* By enum oe_verb, enum oe_type, enum oe_body_kind and the number of a flag's bit. */
extern const char *const oe_verb_names[], *const oe_type_names[], *const oe_body_names[], *const oe_flag_names[];
extern const size_t oe_flag_count;

/* Ends with a module without name. */
extern const oe_module oe_modules[];

/* Returns the shape of an entity of any module, or NULL. */
const char *oe_entity_find(const char *name, size_t n);

/* Returns the number of the method called "Table.method", or -1; the row of that number. */
int oe_row_find(const char *method);
const oe_row *oe_row_at(int number);

/* Does the method change nothing? Then its request may be sent more than once. */
bool oe_row_reads(const oe_row *row);

extern const oe_entity oe_common_entities[];
extern const oe_row oe_admins_rows[], oe_attributes_sets_rows[], oe_auth_provider_rows[], oe_blocks_rows[],
    oe_discounts_rows[], oe_events_rows[], oe_file_uploading_rows[], oe_form_data_rows[], oe_forms_rows[], oe_general_types_rows[],
    oe_integration_collections_rows[], oe_locales_rows[], oe_menus_rows[], oe_orders_rows[], oe_pages_rows[], oe_payments_rows[],
    oe_product_statuses_rows[], oe_products_rows[], oe_sitemap_rows[], oe_system_rows[], oe_template_previews_rows[],
    oe_templates_rows[], oe_users_rows[];
extern const oe_entity oe_admins_entities[], oe_attributes_sets_entities[], oe_auth_provider_entities[],
    oe_blocks_entities[], oe_discounts_entities[], oe_events_entities[], oe_file_uploading_entities[], oe_form_data_entities[], oe_forms_entities[],
    oe_general_types_entities[], oe_integration_collections_entities[], oe_locales_entities[], oe_menus_entities[], oe_orders_entities[],
    oe_pages_entities[], oe_payments_entities[], oe_product_statuses_entities[], oe_products_entities[],
    oe_sitemap_entities[], oe_system_entities[], oe_template_previews_entities[], oe_templates_entities[],
    oe_users_entities[];

extern const oe_edit oe_edit_wrap_form_data;       /* formData goes under the language */
extern const oe_edit oe_edit_upload_form_data;     /* the same, without buttons; its files are uploaded first */
extern const oe_edit oe_edit_set_lang_code;        /* langCode is the language, whatever it was */
extern const oe_edit oe_edit_default_lang_code;    /* langCode is the language unless the caller set one */
extern const oe_edit oe_edit_omit_empty_phone_sms; /* notificationData.phoneSMS == "" is left out */

extern const oe_check oe_check_filters; /* of products and other things by their attributes */

extern const oe_step oe_step_validate;     /* config.validation checks the reply, as the official SDK does */
extern const oe_step oe_step_normalize;    /* texts in the language of the call, values of attributes */
extern const oe_step oe_step_single_images; /* after normalize: in attributeValues, an image alone is no list */
extern const oe_step oe_step_clean_blocks;         /* blocks without their settings, but the numbers of rows and products */
extern const oe_step oe_step_clean_blocks_of_page; /* the same, with the pages of products */
extern const oe_step oe_step_items;         /* the member `items` */
extern const oe_step oe_step_valid;         /* the member `valid` */
extern const oe_step oe_step_success;       /* true */
extern const oe_step oe_step_bytes;        /* the reply is a file: its bytes, or their number when they went elsewhere */
extern const oe_step oe_step_file;         /* the reply is a file that upload accepts */
extern const oe_step oe_step_pick_waiting; /* of payment sessions, the newest that is waiting, or false */

#pragma GCC visibility pop

/* Common steps. */
#define OE_VALIDATED OE_STEPS(&oe_step_validate)
#define OE_NORMALIZED OE_STEPS(&oe_step_normalize)
#define OE_VALIDATED_NORMALIZED OE_STEPS(&oe_step_validate, &oe_step_normalize)
#define OE_VALIDATED_SHAPED OE_STEPS(&oe_step_validate, &oe_step_normalize, &oe_step_single_images)

/* Common arguments. */
#define OE_ARG_TEXT(name, about) { name, OE_STRING, NULL, NULL, about, NULL }
#define OE_ARG_MARKER(about) OE_ARG_TEXT("marker", about)
#define OE_ARG_ID(name, about) { name, OE_ID, NULL, NULL, about, NULL }
#define OE_ARG_BODY(shape) { "body", OE_TABLE, NULL, NULL, NULL, shape }
#define OE_ARG_IDS(about) { "ids", OE_IDS, NULL, NULL, about, "string|[integer]" }
#define OE_ARG_LANG_OF(about) { "langCode", OE_LANGS, OE_FALLBACK_LANG, NULL, about, NULL }
#define OE_ARG_LANG OE_ARG_LANG_OF("locale")
/* A table of parameters; `defaults` as in oe_arg. */
#define OE_ARG_QUERY_WITH(shape, defaults) { "userQuery", OE_QUERY, defaults, NULL, "parameters by their names", shape }
#define OE_ARG_QUERY(shape) OE_ARG_QUERY_WITH(shape, OE_FALLBACK_NIL)
#define OE_ARG_FILTERS { "body", OE_ITEMS, OE_FALLBACK_LIST, NULL, "filters; all of them hold", "[@Filter]" }
#define OE_ARG_OFFSET { "offset", OE_INTEGER, "0", NULL, "first item, from 0", NULL }
#define OE_ARG_LIMIT { "limit", OE_INTEGER, "30", NULL, "items at most; a restricted project caps it at 10", NULL }

#endif
