/* The part of the configuration that writing a request and reading a reply need. Neither knows what a client is. */
#ifndef ONEENTRY_SETTINGS_H
#define ONEENTRY_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

/* A language that the API has refused, and until when it is believed. */
#define OE_REFUSED 8
typedef struct oe_refused {
    char lang[40];
    double until;
} oe_refused;

/* Strings belong to the client's table. */
typedef struct oe_settings {
    const char *url, *langs, *token_header; /* langs: see langs.c; token_header: "x-app-token: ..." or NULL */
    size_t url_n, langs_n;
    oe_refused refused[OE_REFUSED];
    unsigned refusals;
    bool nulls;                         /* null members stay */
    bool validate, strict, log_invalid; /* config.validation */
} oe_settings;

#endif
