/* Pages: the tree of pages. */
#include "api/api.h"

#define BASE "/api/content/pages"

#define PAGE_URL OE_ARG_TEXT("url", "url of the page, such as \"about/our-team\"")

const oe_entity oe_pages_entities[] = {

{ "PageConfig", "How a page shows its products.", "{rowsPerPage integer|null, productsPerRow integer|null}" },

{ NULL, NULL, NULL },
};

const oe_row oe_pages_rows[] = {

{ "getConfigPageByUrl", "How a page shows its products.",
  .args = { PAGE_URL },
  .verb = OE_GET, .path = BASE "/{url/}/config",
  .returns = "@PageConfig", .fails = "404 unknown page", .reply = OE_VALIDATED },

{ .name = NULL },
};
