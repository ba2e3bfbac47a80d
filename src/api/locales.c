/* Locales: the languages of the project. */
#include "api/api.h"

const oe_entity oe_locales_entities[] = {

{ "Locale", "A language.",
  "{id integer, shortCode string (such as \"en\"), code string (such as \"en_US\"), name string, nativeName string, "
  "isActive boolean, image string|null, position integer}" },

{ NULL, NULL, NULL },
};

const oe_row oe_locales_rows[] = {

{ "getLocales", "Active languages of the project.",
  .verb = OE_GET, .path = "/api/content/locales/active/all",
  .returns = "[@Locale]", .reply = OE_VALIDATED },

{ .name = NULL },
};
