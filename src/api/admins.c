/* Admins: administrators of the project. */
#include "api/api.h"

const oe_entity oe_admins_entities[] = {

{ "Admin", "An administrator.",
  "{id integer, attributeSetId integer|null, identifier string, attributeSetIdentifier string|null, "
  "position integer|null, isSync boolean, attributeValues {*} (by marker), moduleFormConfigs? [any]}" },

{ NULL, NULL, NULL },
};

const oe_row oe_admins_rows[] = {

{ "getAdminsInfo", "Administrators with their attributes, a page of them.",
  .args = { OE_ARG_FILTERS, OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_POST, .reads = true, .path = "/api/content/admins/all{?langCode,offset,limit}",
  .body = { OE_ARRAY, .of = "body", .lists = "pageUrls", .check = &oe_check_filters },
  .returns = "[@Admin]", .pages = true, .reply = OE_VALIDATED_NORMALIZED },

{ .name = NULL },
};
