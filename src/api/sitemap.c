/* Sitemap: sitemaps of the site. */
#include "api/api.h"

#define BASE "/api/content/sitemap/"

const oe_entity oe_sitemap_entities[] = {

{ "SitemapQuery", "What sitemaps are made of.",
  "{baseUrls? {*} (by locale, the url that its pages begin with), url? string, lastmod? string, changefreq? string, "
  "priority? number}" },

{ NULL, NULL, NULL },
};

const oe_row oe_sitemap_rows[] = {

{ "getSitemap", "Urls of the sitemaps.",
  .verb = OE_GET, .path = BASE,
  .returns = "[string]", .reply = OE_NORMALIZED },

{ "updateSitemap", "Makes the sitemaps anew.",
  .args = { OE_ARG_BODY("@SitemapQuery") },
  .verb = OE_POST, .path = BASE, .body = { OE_OBJECT, .of = "body" },
  .returns = "[string] (urls of the sitemaps)", .reply = OE_NORMALIZED },

{ .name = NULL },
};
