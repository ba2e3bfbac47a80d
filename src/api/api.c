/* Lists the tables of the API, and finds entities by name. */
#include "api/api.h"

#include <string.h>

#define VERB_NAME(name) #name,
const char *const oe_verb_names[] = { OE_VERBS(VERB_NAME) };
#define SECOND(name, text) text,
const char *const oe_type_names[] = { OE_TYPES(SECOND) };
const char *const oe_body_names[] = { OE_BODIES(SECOND) };
const char *const oe_flag_names[] = { OE_FLAGS(SECOND) };
const size_t oe_flag_count = sizeof oe_flag_names / sizeof *oe_flag_names;

const oe_module oe_modules[] = {
    { "Admins", "Administrators of the project.", oe_admins_rows, oe_admins_entities },
    { "AttributesSets", "Sets of attributes, and what each attribute is.", oe_attributes_sets_rows, oe_attributes_sets_entities },
    { "AuthProvider", "Registration, login, codes, tokens.", oe_auth_provider_rows, oe_auth_provider_entities },
    { "Blocks", "Blocks of pages, and their products.", oe_blocks_rows, oe_blocks_entities },
    { "Discounts", "Discounts, bonuses and coupons.", oe_discounts_rows, oe_discounts_entities },
    { "Events", "Subscriptions to changes of products.", oe_events_rows, oe_events_entities },
    { "FileUploading", "Files of the project: sent, fetched, deleted.", oe_file_uploading_rows, oe_file_uploading_entities },
    { "FormData", "What was entered into forms.", oe_form_data_rows, oe_form_data_entities },
    { "Forms", "Forms and their fields.", oe_forms_rows, oe_forms_entities },
    { "GeneralTypes", "Types of things in the project.", oe_general_types_rows, oe_general_types_entities },
    { "IntegrationCollections", "Tables of your own: collections and their rows.", oe_integration_collections_rows, oe_integration_collections_entities },
    { "Locales", "The languages of the project.", oe_locales_rows, oe_locales_entities },
    { "Menus", "Menus and their pages.", oe_menus_rows, oe_menus_entities },
    { "Orders", "Storages, orders, statuses, refunds.", oe_orders_rows, oe_orders_entities },
    { "Pages", "The tree of pages.", oe_pages_rows, oe_pages_entities },
    { "Payments", "Payment sessions of orders, and the accounts they are paid to.", oe_payments_rows, oe_payments_entities },
    { "ProductStatuses", "Statuses that products can have.", oe_product_statuses_rows, oe_product_statuses_entities },
    { "Products", "Products, their prices and numbers.", oe_products_rows, oe_products_entities },
    { "Sitemap", "Sitemaps of the site.", oe_sitemap_rows, oe_sitemap_entities },
    { "System", "Checks of a client, and figures of the API.", oe_system_rows, oe_system_entities },
    { "TemplatePreviews", "Templates of previews of images.", oe_template_previews_rows, oe_template_previews_entities },
    { "Templates", "Templates of pages, blocks and products.", oe_templates_rows, oe_templates_entities },
    { "Users", "The logged-in user.", oe_users_rows, oe_users_entities },
    { NULL, NULL, NULL, NULL },
};

static const char *find(const oe_entity *e, const char *name, size_t n)
{
    while (e->name && (strlen(e->name) != n || memcmp(e->name, name, n) != 0))
        e++;
    return e->shape;
}

const char *oe_entity_find(const char *name, size_t n)
{
    const char *shape = find(oe_common_entities, name, n);
    for (const oe_module *m = oe_modules; m->name && !shape; m++)
        shape = find(m->entities, name, n);
    return shape;
}

bool oe_row_reads(const oe_row *row)
{
    return row->verb == OE_GET || row->reads;
}

int oe_row_find(const char *method)
{
    const char *name = strchr(method, '.') + 1;
    size_t n = (size_t)(name - method) - 1;
    for (int m = 0; oe_modules[m].name; m++)
        for (int i = 0; strlen(oe_modules[m].name) == n && memcmp(oe_modules[m].name, method, n) == 0 && oe_modules[m].rows[i].name; i++)
            if (strcmp(oe_modules[m].rows[i].name, name) == 0)
                return m << 8 | i;
    return -1;
}

const oe_row *oe_row_at(int number)
{
    return &oe_modules[number >> 8].rows[number & 255];
}
