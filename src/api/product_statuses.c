/* ProductStatuses: statuses that products can have. */
#include "api/api.h"

#define BASE "/api/content/product-statuses"

const oe_entity oe_product_statuses_entities[] = {

{ "ProductStatus", "A status that products can have.",
  "{id integer, identifier string, localizeInfos {*}, isDefault boolean, version integer, position integer}" },

{ NULL, NULL, NULL },
};

const oe_row oe_product_statuses_rows[] = {

{ "getProductStatuses", "Statuses of products.",
  .args = { OE_ARG_LANG_OF("language of the result; the server is not told") },
  .verb = OE_GET, .path = BASE,
  .returns = "[@ProductStatus]", .reply = OE_VALIDATED_NORMALIZED },

{ "getProductsByStatusMarker", "One status of products.",
  .args = { OE_ARG_MARKER("status marker"), OE_ARG_LANG_OF("language of the result; the server is not told") },
  .verb = OE_GET, .path = BASE "/marker/{marker}",
  .returns = "@ProductStatus", .fails = "404 unknown marker", .reply = OE_VALIDATED_NORMALIZED },

{ "validateMarker", "Tells whether a status has the marker.",
  .args = { OE_ARG_MARKER("status marker") },
  .verb = OE_GET, .path = BASE "/marker-validation/{marker}",
  .sent = "{valid boolean}|boolean", .returns = "boolean", .reply = OE_STEPS(&oe_step_validate, &oe_step_valid) },

{ .name = NULL },
};
