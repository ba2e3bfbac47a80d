/* Pages: the tree of pages. */
#include "api/api.h"

#define BASE "/api/content/pages"

#define PAGE_URL OE_ARG_TEXT("url", "url of the page, such as \"about/our-team\"")

const oe_entity oe_pages_entities[] = {

{ "PageConfig", "How a page shows its products.", "{rowsPerPage integer|null, productsPerRow integer|null}" },

{ NULL, NULL, NULL },
};

const oe_row oe_pages_rows[] = {

{ "getPageById", "One page.",
  .args = { OE_ARG_ID("id", "page id"), OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/{id}{?langCode}", .returns = "any", .reply = OE_NORMALIZED,
  .follows = OE_FOLLOWS({ .method = "Templates.getTemplateByMarker", .argument = "templateIdentifier", .into = "template" }) },
{ "searchPage", "Pages whose name has the text.",
  .args = { OE_ARG_TEXT("name", "text"), { "url", OE_STRING, OE_FALLBACK_NIL, NULL, "page", NULL }, OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/quick/search{?url?,lang=langCode,name}", .returns = "any",
  .follows = OE_FOLLOWS({ .method = "Pages.getPageById", .argument = "id" },
                        { .method = "Templates.getTemplateByMarker", .argument = "templateIdentifier", .into = "template" }) },

{ "getConfigPageByUrl", "How a page shows its products.",
  .args = { PAGE_URL },
  .verb = OE_GET, .path = BASE "/{url/}/config",
  .returns = "@PageConfig", .fails = "404 unknown page", .reply = OE_VALIDATED },

{ .name = NULL },
};
