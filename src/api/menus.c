/* Menus: menus and their pages. */
#include "api/api.h"

const oe_entity oe_menus_entities[] = {

{ "Menu", "A menu.", "{id integer, identifier string, localizeInfos {*}, pages [@MenuPage]|@MenuPage}" },

{ "MenuPage", "An entry of a menu.",
  "{children? [@MenuPage]|@MenuPage, id integer|null, pageUrl string|null, localizeInfos {*}, attributeValues {*} (by marker), "
  "position integer, parentId integer|null}" },

{ NULL, NULL, NULL },
};

const oe_row oe_menus_rows[] = {

{ "getMenusByMarker", "A menu with its pages.",
  .args = { OE_ARG_MARKER("menu marker"), OE_ARG_LANG },
  .verb = OE_GET, .path = "/api/content/menus/marker/{marker}{?langCode}",
  .returns = "@Menu", .fails = "404 unknown marker", .reply = OE_VALIDATED_SHAPED },

{ .name = NULL },
};
