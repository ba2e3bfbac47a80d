/* Templates: templates of pages, blocks and products. */
#include "api/api.h"

#define BASE "/api/content/templates"

const oe_entity oe_templates_entities[] = {

{ "Template", "A template.",
  "{id integer, attributeSetIdentifier string|null, title string, generalTypeId integer, identifier string, "
  "version integer, generalTypeName string, attributeValues {*} (by marker), position integer}" },

{ NULL, NULL, NULL },
};

const oe_row oe_templates_rows[] = {

{ "getAllTemplates", "All templates, by type.",
  .args = { OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/all{?langCode}",
  .returns = "{*} (by type, a list of templates)", .reply = OE_VALIDATED_NORMALIZED },

{ "getTemplateByType", "Templates of one type.",
  .args = { OE_ARG_TEXT("type", "type, such as \"common_page\" or \"product\""), OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "{?type,langCode}",
  .returns = "[@Template]", .reply = OE_VALIDATED_NORMALIZED },

{ "getTemplateByMarker", "One template.",
  .args = { OE_ARG_MARKER("template marker"), OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/marker/{marker}{?langCode}",
  .returns = "@Template", .fails = "404 unknown marker", .reply = OE_VALIDATED_NORMALIZED },

{ .name = NULL },
};
