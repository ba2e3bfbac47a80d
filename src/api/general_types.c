/* GeneralTypes: types of things in the project. */
#include "api/api.h"

const oe_entity oe_general_types_entities[] = {

{ "GeneralType", "A type.", "{id integer, type string (such as \"product\", \"common_page\" or \"form\")}" },

{ NULL, NULL, NULL },
};

const oe_row oe_general_types_rows[] = {

{ "getAllTypes", "Types of things.",
  .verb = OE_GET, .path = "/api/content/general-types",
  .returns = "[@GeneralType]", .reply = OE_VALIDATED },

{ .name = NULL },
};
