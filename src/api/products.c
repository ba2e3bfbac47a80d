/* Products: lists of them, their prices and numbers. */
#include "api/api.h"

#define BASE "/api/content/products"
#define PAGE_URL OE_ARG_TEXT("url", "url of the page, such as \"shop/shoes\"")
#define QUERY OE_ARG_QUERY("@ProductsQuery")
#define FILTERED { OE_MEMBERS, .of = "filter:body", .lists = "pageUrls", .check = &oe_check_filters }
#define COUNTED { OE_ARRAY, .of = "body", .lists = "pageUrls", .check = &oe_check_filters }

const oe_entity oe_products_entities[] = {

{ "Product", "A product.",
  "{id integer, localizeInfos {*}, statusIdentifier string|null, statusLocalizeInfos {*}, "
  "attributeSetIdentifier string|null, position integer, price number|null, "
  "additional {prices {min number, max number}}, sku string|null, isSync boolean, attributeValues {*} (by marker), "
  "categories [string], isVisible boolean, moduleFormConfigs? [any], rating? {*}, templateIdentifier? string|null, "
  "shortDescTemplateIdentifier? string|null, signedPrice? string, "
  "productPages? [{id integer, pageId integer, productId integer, positionId integer, categoryPath string}], "
  "blocks? [string], isPositionLocked? boolean, relatedIds? [integer], paymentStages? any, discountConfig? {*}}" },

{ "Products", "A page of products.", "{items [@Product], total integer (of all pages)}" },

{ "ProductGroup", "The products that have the same value of an attribute.",
  "{attrValue string, items [@Product], productIds [string], total integer}" },

{ "ProductPrices", "A page of prices.", "{items [{id integer, price number}], total integer (of all pages)}" },

{ "ProductBlock", "A block of a product.",
  "{id integer, attributeSetIdentifier string|null, localizeInfos {*}, version integer, position integer, identifier string, "
  "type string, customSettings {*}|null, templateIdentifier string|null, isVisible boolean, isSync boolean, "
  "attributeValues {*} (by marker)}" },

{ "ProductsCount", "How many products there are.",
  "{totalAll? integer, totalInCategory? integer, totalInCategoryWithNested? integer}" },

{ NULL, NULL, NULL },
};

const oe_row oe_products_rows[] = {

{ "getProducts", "Products of the project.",
  .args = { OE_ARG_FILTERS, OE_ARG_LANG, QUERY },
  .verb = OE_POST, .reads = true, .path = BASE "/all{?langCode,*userQuery}", .body = FILTERED,
  .returns = "@Products", .pages = true, .reply = OE_VALIDATED_SHAPED },

{ "getProductsByPageId", "Products of a page.",
  .args = { OE_ARG_ID("id", "page id"), OE_ARG_FILTERS, OE_ARG_LANG, QUERY },
  .verb = OE_POST, .reads = true, .path = BASE "/page/{id}{?langCode,*userQuery}", .body = FILTERED,
  .returns = "@Products", .pages = true, .fails = "404 unknown page", .reply = OE_VALIDATED_SHAPED },

{ "getProductsByPageUrl", "Products of a page.",
  .args = { PAGE_URL, OE_ARG_FILTERS, OE_ARG_LANG, QUERY },
  .verb = OE_POST, .reads = true, .path = BASE "/page/url/{url/}{?langCode,*userQuery}", .body = FILTERED,
  .returns = "@Products", .pages = true, .fails = "404 unknown page", .reply = OE_VALIDATED_SHAPED },

{ "getRelatedProductsById", "Products that are related to one.",
  .args = { OE_ARG_ID("id", "product id"), OE_ARG_LANG, QUERY },
  .verb = OE_GET, .path = BASE "/{id}/related{?langCode,*userQuery}",
  .returns = "@Products", .pages = true, .fails = "404 unknown", .reply = OE_VALIDATED_SHAPED },

{ "getProductsByIds", "Some products.",
  .args = { OE_ARG_IDS("a list of product ids, or a text of them with commas between"), OE_ARG_LANG, QUERY },
  .verb = OE_GET, .path = BASE "/ids{?ids,langCode,*userQuery}",
  .returns = "[@Product] (those that there are; of a list, in its order)",
  .reply = OE_STEPS(&oe_step_normalize, &oe_step_single_images),
  .follows = OE_FOLLOWS({ .method = "Products.getProductsByIds", .argument = "ids", .into = "items" }) },

{ "getProductById", "One product.",
  .args = { OE_ARG_ID("id", "product id"), OE_ARG_LANG, { "isNormalized", OE_BOOLEAN, OE_FALLBACK_NIL, NULL, NULL, NULL } },
  .verb = OE_GET, .path = BASE "/{id}{?langCode,isNormalized}",
  .returns = "@Product", .fails = "404 unknown", .reply = OE_VALIDATED_SHAPED },

{ "searchProduct", "Products whose title has the text.",
  .args = { OE_ARG_TEXT("name", "text"), OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/quick/search{?langCode,name}",
  .returns = "[@Product]", .follows = OE_FOLLOWS({ .method = "Products.getProductById", .argument = "id" }) },

{ "getProductsEmptyPage", "Products that are on no page, in groups.",
  .args = { { "body", OE_TABLE, OE_FALLBACK_OBJECT, NULL, "how to choose them", "{*}" }, OE_ARG_LANG, QUERY },
  .verb = OE_POST, .reads = true, .path = BASE "/empty-page{?langCode,*userQuery}", .body = { OE_OBJECT, .of = "body" },
  .returns = "[@ProductGroup]", .reply = OE_NORMALIZED },

{ "getProductsPriceByPageUrl", "Prices of the products of a page.",
  .args = { PAGE_URL, OE_ARG_LANG, QUERY },
  .verb = OE_GET, .path = BASE "/page/{url/}/prices{?langCode,*userQuery}",
  .returns = "@ProductPrices", .pages = true, .fails = "404 unknown page" },

{ "getProductBlockById", "The blocks of a product.",
  .args = { OE_ARG_ID("id", "product id") },
  .verb = OE_GET, .path = BASE "/{id}/blocks",
  .returns = "[@ProductBlock]", .fails = "404 unknown", .reply = OE_NORMALIZED },

{ "getProductsCount", "Counts products.",
  .args = { OE_ARG_FILTERS },
  .verb = OE_POST, .reads = true, .path = BASE "/all/counts", .body = COUNTED,
  .returns = "@ProductsCount" },

{ "getProductsCountByPageId", "Counts the products of a page.",
  .args = { OE_ARG_ID("id", "page id"), OE_ARG_FILTERS },
  .verb = OE_POST, .reads = true, .path = BASE "/page/{id}/counts", .body = COUNTED,
  .returns = "@ProductsCount", .fails = "404 unknown page" },

{ "getProductsCountByPageUrl", "Counts the products of a page.",
  .args = { PAGE_URL, OE_ARG_FILTERS },
  .verb = OE_POST, .reads = true, .path = BASE "/page/url/{url/}/counts", .body = COUNTED,
  .returns = "@ProductsCount", .fails = "404 unknown page" },

{ .name = NULL },
};
