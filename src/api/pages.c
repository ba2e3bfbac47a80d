/* Pages: the tree of pages. */
#include "api/api.h"

#define BASE "/api/content/pages"

#define PAGE_URL OE_ARG_TEXT("url", "url of the page, such as \"about/our-team\"")
#define TEMPLATE { .method = "Templates.getTemplateByMarker", .argument = "templateIdentifier", .into = "template" }
#define TEMPLATES OE_FOLLOWS(TEMPLATE)

const oe_entity oe_pages_entities[] = {

{ "Page", "A page.",
  "{id integer, parentId integer|null, pageUrl string, depth integer, localizeInfos {*}, isVisible boolean, type string, "
  "templateIdentifier string|null, attributeSetIdentifier string|null, attributeValues {*} (by marker), "
  "moduleFormConfigs? [any], rating? {*}, isSync boolean, template? @Template, blocks? [any], position? integer, config? {*}, "
  "products? integer, childrenCount? string, total? string, categoryPath? string}" },

{ "PageConfig", "How a page shows its products.", "{rowsPerPage integer|null, productsPerRow integer|null}" },

{ NULL, NULL, NULL },
};

const oe_row oe_pages_rows[] = {

{ "getRootPages", "The pages that have no parent.",
  .args = { OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/root{?langCode}",
  .returns = "[@Page]", .reply = OE_VALIDATED_NORMALIZED, .follows = TEMPLATES },

{ "getPages", "All pages.",
  .args = { OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "{?langCode}",
  .returns = "[@Page]", .reply = OE_VALIDATED_NORMALIZED, .follows = TEMPLATES },

{ "getPageById", "One page.",
  .args = { OE_ARG_ID("id", "page id"), OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/{id}{?langCode}",
  .returns = "@Page", .fails = "404 unknown", .reply = OE_VALIDATED_NORMALIZED, .follows = TEMPLATES },

{ "getPageByUrl", "One page.",
  .args = { PAGE_URL, OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/url/{url/}{?langCode}",
  .returns = "@Page", .fails = "404 unknown page", .reply = OE_VALIDATED_NORMALIZED, .follows = TEMPLATES },

{ "getChildPagesByParentUrl", "The pages below a page.",
  .args = { PAGE_URL, OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/{url/}/children{?langCode}",
  .returns = "[@Page]", .fails = "404 unknown page", .reply = OE_VALIDATED_NORMALIZED, .follows = TEMPLATES },

{ "getBlocksByPageUrl", "The blocks of a page, without their products.",
  .args = { PAGE_URL, OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/{url/}/blocks{?langCode}",
  .returns = "[@Block]", .fails = "404 unknown page", .reply = OE_STEPS(&oe_step_normalize, &oe_step_clean_blocks_of_page) },

{ "getConfigPageByUrl", "How a page shows its products.",
  .args = { PAGE_URL },
  .verb = OE_GET, .path = BASE "/{url/}/config",
  .returns = "@PageConfig", .fails = "404 unknown page", .reply = OE_VALIDATED },

{ "searchPage", "Pages whose title has the text.",
  .args = { OE_ARG_TEXT("name", "text"), { "url", OE_STRING, OE_FALLBACK_NIL, NULL, "only below the page of this url", NULL }, OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/quick/search{?url?,lang=langCode,name}",
  .returns = "[@Page]", .reply = OE_NORMALIZED,
  .follows = OE_FOLLOWS({ .method = "Pages.getPageById", .argument = "id" }, TEMPLATE) },

{ .name = NULL },
};
