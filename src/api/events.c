/* Events: subscriptions to changes of products. */
#include "api/api.h"

#define BASE "/api/content/events"

const oe_entity oe_events_entities[] = {

{ "Subscriptions", "A page of subscriptions.",
  "{items [{eventMarker string, productId integer}], total integer (of all pages)}" },

{ NULL, NULL, NULL },
};

const oe_row oe_events_rows[] = {

{ "getAllSubscriptions", "Subscriptions of the user.",
  .args = { OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_GET, .path = BASE "/subscriptions{?offset,limit}",
  .returns = "@Subscriptions", .session = OE_USER },

{ .name = NULL },
};
