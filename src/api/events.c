/* Events: subscriptions to changes of products. */
#include "api/api.h"

#define BASE "/api/content/events"
#define SUBSCRIPTION { OE_MEMBERS, .of = "locale:langCode productId" }

const oe_entity oe_events_entities[] = {

{ "Subscriptions", "A page of subscriptions.",
  "{items [{eventMarker string, productId integer}], total integer (of all pages)}" },

{ NULL, NULL, NULL },
};

const oe_row oe_events_rows[] = {

{ "getAllSubscriptions", "Subscriptions of the user.",
  .args = { OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_GET, .path = BASE "/subscriptions{?offset,limit}",
  .returns = "@Subscriptions", .pages = true, .session = OE_USER },

{ "subscribeByMarker", "Subscribes the user to changes of a product.",
  .args = { OE_ARG_MARKER("event marker"), OE_ARG_ID("productId", "product id"), OE_ARG_LANG_OF("language of messages") },
  .verb = OE_POST, .path = BASE "/subscribe/marker/{marker}", .body = SUBSCRIPTION,
  .returns = "boolean (true)", .fails = "404 unknown marker", .reply = OE_STEPS(&oe_step_success), .session = OE_USER },

{ "unsubscribeByMarker", "Ends a subscription of the user.",
  .args = { OE_ARG_MARKER("event marker"), OE_ARG_ID("productId", "product id"), OE_ARG_LANG_OF("language of messages") },
  .verb = OE_DELETE, .path = BASE "/unsubscribe/marker/{marker}", .body = SUBSCRIPTION,
  .returns = "boolean (true)", .fails = "404 unknown marker", .reply = OE_STEPS(&oe_step_success), .session = OE_USER },

{ .name = NULL },
};
