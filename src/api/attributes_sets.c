/* AttributesSets: sets of attributes, and what each attribute is. */
#include "api/api.h"

#define BASE "/api/content/attributes-sets"

#define SET OE_ARG_MARKER("marker of the set")

const oe_entity oe_attributes_sets_entities[] = {

{ "AttributeSet", "A set of attributes.",
  "{id integer, createdDate string, updatedDate string, version integer, identifier string, typeId integer, title string, "
  "schema {*} (of its attributes), isVisible boolean, properties {*}, type {id integer, type string}, position integer}" },

{ "AttributeSets", "A page of sets of attributes.", "{items [@AttributeSet], total integer (of all pages)}" },

{ "Attribute", "What an attribute is.",
  "{type string (such as \"string\", \"list\" or \"timeInterval\"), value? any, initialValue any, marker string, "
  "position integer, listTitles? [any]|{*} (the choices of a list: title, value), validators? {*}|[any], "
  "localizeInfos {*}|[any], additionalFields? {*}|[any] (by marker)}" },

{ NULL, NULL, NULL },
};

const oe_row oe_attributes_sets_rows[] = {

{ "getAttributes", "Sets of attributes.",
  .args = { OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT,
            { "typeId", OE_ID, OE_FALLBACK_NIL, NULL, "only those of this type", NULL },
            { "sortBy", OE_STRING, "id", NULL, "member that they are sorted by", NULL } },
  .verb = OE_GET, .path = BASE "{?langCode,offset,limit,typeId,sortBy}",
  .returns = "@AttributeSets", .pages = true, .reply = OE_VALIDATED_SHAPED },

{ "getAttributesByMarker", "The attributes of one set.",
  .args = { SET, OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/{marker}/attributes{?langCode}",
  .returns = "[@Attribute]", .fails = "404 unknown marker", .reply = OE_VALIDATED_SHAPED },

{ "getSingleAttributeByMarkerSet", "One attribute of a set.",
  .args = { OE_ARG_TEXT("setMarker", "marker of the set"), OE_ARG_TEXT("attributeMarker", "marker of the attribute"), OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/{setMarker}/attributes/{attributeMarker}{?langCode}",
  .returns = "@Attribute", .fails = "404 unknown marker", .reply = OE_VALIDATED_SHAPED },

{ "getAttributeSetByMarker", "One set of attributes.",
  .args = { SET, OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/marker/{marker}{?langCode}",
  .returns = "@AttributeSet", .fails = "404 unknown marker", .reply = OE_VALIDATED_SHAPED },

{ .name = NULL },
};
