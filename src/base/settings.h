/* The part of the configuration that writing a request and reading a reply need. Neither knows what a client is. */
#ifndef ONEENTRY_SETTINGS_H
#define ONEENTRY_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

/* Strings belong to the client's table. */
typedef struct oe_settings {
    const char *url, *lang, *token_header; /* token_header: "x-app-token: ..." or NULL */
    size_t url_n, lang_n;
    bool nulls;                         /* null members stay */
    bool validate, strict, log_invalid; /* config.validation */
} oe_settings;

#endif
