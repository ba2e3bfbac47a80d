/* TemplatePreviews: templates of previews of images. */
#include "api/api.h"

#define BASE "/api/content/template-previews"

const oe_entity oe_template_previews_entities[] = {

{ "TemplatePreview", "The sizes of previews of images.",
  "{id integer, title string, proportions {default {horizontal @Proportion|null, vertical @Proportion|null, "
  "square {side number|string, alignmentType string}}}, identifier string, version integer, "
  "attributeValues {*} (by marker), position integer, isUsed boolean, attributeSetIdentifier? string|null}" },

{ "Proportion", "A size of previews.", "{width number|null, height number|null, alignmentType string}" },

{ NULL, NULL, NULL },
};

const oe_row oe_template_previews_rows[] = {

{ "getTemplatePreviews", "Templates of previews.",
  .args = { OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "{?langCode}",
  .returns = "[@TemplatePreview]", .reply = OE_VALIDATED_NORMALIZED },

{ "getTemplatePreviewByMarker", "One template of previews.",
  .args = { OE_ARG_MARKER("marker of the template"), OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/marker/{marker}{?langCode}",
  .returns = "@TemplatePreview", .fails = "404 unknown marker", .reply = OE_VALIDATED_NORMALIZED },

{ .name = NULL },
};
