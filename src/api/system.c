/* System: checks of a client, and figures of the API. */
#include "api/api.h"

#define BASE "/api/content/system"

const oe_entity oe_system_entities[] = {

{ NULL, NULL, NULL },
};

const oe_row oe_system_rows[] = {

{ "test404", "Fails with 404: for checks of how an application takes it.",
  .verb = OE_GET, .path = BASE "/test404",
  .returns = "any", .fails = "404 always" },

{ "test500", "Fails with 500: for checks of how an application takes it.",
  .verb = OE_GET, .path = BASE "/test500",
  .returns = "any", .fails = "500 always" },

{ "getApiStat", "Figures of the API's use.",
  .verb = OE_GET, .path = BASE "/api-stat",
  .returns = "any" },

{ .name = NULL },
};
