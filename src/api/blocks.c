/* Blocks: blocks of pages, and their products. */
#include "api/api.h"

#define BASE "/api/content/blocks"

#define BLOCK OE_ARG_MARKER("block marker")
#define SIGN_PRICE { "signPrice", OE_STRING, OE_FALLBACK_NIL, NULL, "storage of orders whose price is to be signed", NULL }
#define PRODUCTS OE_FOLLOWS( \
    { .method = "Blocks.getProductsByBlockMarker", .argument = "identifier", .type = "product_block", .into = "products" }, \
    { .method = "Blocks.getSimilarProducts", .argument = "identifier", .type = "similar_products_block", .into = "similarProducts", \
      .beside = true })

const oe_entity oe_blocks_entities[] = {

{ "Block", "A block.",
  "{id integer, localizeInfos {*}, version integer, position integer, identifier string, type string, "
  "templateIdentifier string|null, isVisible boolean, attributeValues {*} (by marker), similarProducts? @Products, "
  "countElementsPerRow? integer, quantity? integer, products? [@Product]}" },

{ "Blocks", "A page of blocks.", "{items [@Block], total integer (of all pages)}" },

{ "FoundBlock", "A block that a search has found.", "{id integer, identifier string, name string}" },

{ NULL, NULL, NULL },
};

const oe_row oe_blocks_rows[] = {

{ "getBlocks", "Blocks, with their products.",
  .args = { { "type", OE_STRING, OE_FALLBACK_NIL, NULL, "only of this type, such as \"product_block\"", NULL }, OE_ARG_LANG, OE_ARG_OFFSET,
            OE_ARG_LIMIT },
  .verb = OE_POST, .reads = true, .path = BASE "{?langCode,type?,offset,limit}",
  .returns = "@Blocks", .pages = true, .reply = OE_STEPS(&oe_step_validate, &oe_step_normalize, &oe_step_clean_blocks), .follows = PRODUCTS },

{ "getBlockByMarker", "One block, with its products.",
  .args = { BLOCK, OE_ARG_LANG, { "offset", OE_INTEGER, "0", NULL, "first product, from 0", NULL },
            { "limit", OE_INTEGER, "30", NULL, "products at most", NULL } },
  .verb = OE_GET, .path = BASE "/marker/{marker}{?langCode}",
  .returns = "@Block", .fails = "404 unknown marker",
  .reply = OE_STEPS(&oe_step_validate, &oe_step_normalize, &oe_step_clean_blocks), .follows = PRODUCTS },

{ "getSimilarProducts", "Products of a block of similar products.",
  .args = { BLOCK, OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT, SIGN_PRICE },
  .verb = OE_GET, .path = BASE "/{marker}/similar-products{?langCode,offset,limit,signPrice}",
  .returns = "@Products", .pages = true, .fails = "404 unknown marker", .reply = OE_NORMALIZED },

{ "getProductsByBlockMarker", "Products of a block.",
  .args = { BLOCK, OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT, SIGN_PRICE },
  .verb = OE_GET, .path = BASE "/{marker}/products{?langCode,offset,limit,signPrice}",
  .returns = "[@Product]", .pages = true, .fails = "404 unknown marker", .reply = OE_STEPS(&oe_step_normalize, &oe_step_items) },

{ "getFrequentlyOrderedProducts", "Products that are often ordered together with one, as a block says.",
  .args = { OE_ARG_ID("productId", "product id"), BLOCK, OE_ARG_LANG, SIGN_PRICE },
  .verb = OE_GET, .path = BASE "/{marker}/products/{productId}/frequently-ordered{?langCode,signPrice}",
  .returns = "@Products", .fails = "404 unknown marker or product", .reply = OE_NORMALIZED },

{ "searchBlock", "Blocks whose name contains a text.",
  .args = { OE_ARG_TEXT("name", "text to look for"), OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/quick/search{?langCode,name}",
  .returns = "[@FoundBlock]", .reply = OE_VALIDATED },

{ .name = NULL },
};
