#include "api.h"

const char *const oe_verb_names[] = { "GET", "POST", "PUT", "DELETE" };

const oe_module oe_modules[] = {
    { "AuthProvider", oe_auth_provider_rows },
    { "Orders", oe_orders_rows },
    { "Payments", oe_payments_rows },
    { "Users", oe_users_rows },
    { NULL, NULL },
};
