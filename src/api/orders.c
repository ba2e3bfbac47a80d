/* Orders: storages, orders, statuses, refunds. */
#include "api/api.h"

#define BASE "/api/content/orders-storage"
#define REFUND "/api/content/orders/{id}/refund"

#define STORAGE OE_ARG_MARKER("storage marker")
#define ORDER OE_ARG_ID("id", "order id")

const oe_entity oe_orders_entities[] = {

{ "Storage", "A storage of orders: one form, one list of statuses.",
  "{id integer, identifier string|null, localizeInfos @LocalizeInfo, position? integer|null, formIdentifier? string|null, "
  "generalTypeId? integer|null, paymentAccountIdentifiers [{identifier string}]}" },

{ "NewOrder", "The content of an order.",
  "{formIdentifier string, paymentAccountIdentifier string, formData [@FormEntry] (a list, or one entry), "
  "products [{productId integer, quantity integer}], couponCode? string, additionalDiscountsMarkers? [string], "
  "bonusAmount? number, statusIdentifier? string}" },

{ "NewPreview", "The content of an order that is previewed.",
  "{products? [{productId integer, quantity integer}], couponCode? string, additionalDiscountsMarkers? [string], "
  "bonusAmount? number}" },

{ "DiscountConfig", "The discounts that were applied.",
  "{bonus {availableBalance number, bonusApplied number, maxBonusDiscount number, minBonusAmount number|null, "
  "minOrderAmountForBonus number|null}|null, coupon any, orderDiscounts [any], productDiscounts [any], "
  "settings {allowGiftStacking boolean, allowStacking boolean, maxDiscountValue number|null}, "
  "additionalDiscountsMarkers? [string], bonusApplied? number, excludedGiftProductIds? [string], totalDue? number, "
  "totalRaw? number, totalSumWithDiscount? number}" },

{ "WrittenOrder", "An order as it is answered when it is written.",
  "{id integer, formIdentifier string, paymentAccountIdentifier string, formData [@FormEntry]|[any]|{*}, "
  "products [{productId integer, quantity integer}]|[any], currency string, totalSum number (before discounts), "
  "createdDate? string, statusIdentifier? string, couponCode? string, additionalDiscountsMarkers? [string], "
  "discountConfig? @DiscountConfig, bonusAmount? number, bonusApplied? number, totalDue? number (the sum to pay)}" },

{ "OrderProduct", "A product of an order.",
  "{id integer, quantity number, title string, sku string|null, previewImage any, price number, isGift? boolean}" },

{ "Order", "An order as it is read.",
  "{id integer, storageId integer, createdDate string, statusIdentifier? string, formIdentifier? string, "
  "formData [@FormEntry]|[any]|{*}, attributeSetIdentifier? string, totalSum string (a decimal number), currency string, "
  "paymentAccountIdentifier? string, paymentAccountLocalizeInfos? {*}, paymentUrl string|null, "
  "products [@OrderProduct]|[any], isCompleted boolean|null (null: never paid online), statusLocalizeInfos? {*}}" },

{ "Orders", "A page of orders.", "{items [@Order], total integer (of all pages)}" },

{ "Preview", "The cost of an order.",
  "{totalSum number (before discounts), totalSumWithDiscount number, bonusApplied number, "
  "totalDue number (the sum to pay), currency string, discountConfig @DiscountConfig, "
  "orderPreview [{id integer, price number, quantity number, discountPrice number|null, isGift boolean}]}" },

{ "Status", "A status that orders can have.",
  "{id? integer, identifier? string, localizeInfos? @LocalizeInfo, isDefault? boolean, position? integer, isUsed? boolean}" },

{ "Refund", "A request for a refund.",
  "{id integer, createdDate string, status string, amount number, note string, "
  "products {*} (by product id as a string: { quantity }), orderId integer, orderStorageId integer, userId integer}" },

{ "NewRefund", "The products to refund.",
  "{products {*} (by product id as a string: { quantity }), note? string}" },

{ NULL, NULL, NULL },
};

const oe_row oe_orders_rows[] = {

{ "getAllOrdersStorage", "Order storages of the project.",
  .args = { OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_GET, .path = BASE "{?langCode,limit,offset}",
  .returns = "[@Storage]", .pages = true, .reply = OE_NORMALIZED, .session = OE_USER },

{ "getAllOrdersByMarker", "The user's orders of one storage.",
  .args = { STORAGE, OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_GET, .path = BASE "/marker/{marker}/orders{?langCode,limit,offset}",
  .returns = "@Orders", .pages = true, .fails = "404 unknown marker", .reply = OE_VALIDATED_NORMALIZED, .session = OE_USER },

{ "getOrdersStorageByMarker", "One order storage.",
  .args = { STORAGE, OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/marker/{marker}{?langCode}",
  .returns = "@Storage", .fails = "404 unknown marker", .reply = OE_NORMALIZED, .session = OE_USER },

{ "getOrderByMarkerAndId", "One order of the user.",
  .args = { STORAGE, ORDER, OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/marker/{marker}/orders/{id}{?langCode}",
  .returns = "@Order", .fails = "404 unknown, or another user's", .reply = OE_VALIDATED_NORMALIZED, .session = OE_USER },

{ "previewOrder", "Calculates the cost of an order. Nothing is stored; pass couponCode again to createOrder.",
  .args = { OE_ARG_BODY("@NewPreview"), OE_ARG_LANG },
  .verb = OE_POST, .reads = true, .path = BASE "/orders/preview{?langCode}",
  .body = { OE_OBJECT, .of = "body", .lists = "products additionalDiscountsMarkers" },
  .returns = "@Preview", .fails = "400 \"Product <id> not found\", unknown or expired coupon",
  .reply = OE_NORMALIZED, .session = OE_USER },

{ "createOrder", "Creates an order. The server has no idempotency key: when err.sent is true, look for the order before repeating.",
  .args = { STORAGE, OE_ARG_BODY("@NewOrder"), OE_ARG_LANG_OF("language of formData and of the result") },
  .verb = OE_POST, .path = BASE "/marker/{marker}/orders",
  .body = { OE_OBJECT, .of = "body", .lists = "formData products additionalDiscountsMarkers",
            .edits = OE_EDITS(&oe_edit_wrap_form_data) },
  .returns = "@WrittenOrder", .fails = "400 bad form field, product, coupon or account; 404 unknown marker",
  .reply = OE_VALIDATED_NORMALIZED, .session = OE_USER },

{ "updateOrderByMarkerAndId", "Replaces an order. Cancelling is an update to the project's cancel status.",
  .args = { STORAGE, ORDER, OE_ARG_BODY("@NewOrder"), OE_ARG_LANG_OF("language of formData and of the result") },
  .verb = OE_PUT, .path = BASE "/marker/{marker}/orders/{id}{?langCode}",
  .body = { OE_OBJECT, .of = "body", .lists = "formData products additionalDiscountsMarkers",
            .edits = OE_EDITS(&oe_edit_wrap_form_data) },
  .returns = "@WrittenOrder", .fails = "400 as createOrder, or a session that is paid or expired; 404 unknown",
  .reply = OE_VALIDATED_NORMALIZED, .session = OE_USER },

{ "getAllStatusesByStorageMarker", "Statuses that orders of one storage can have.",
  .args = { STORAGE, OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_GET, .path = BASE "/marker/{marker}/order-statuses{?langCode,offset,limit}",
  .returns = "[@Status]", .pages = true, .fails = "404 unknown marker", .reply = OE_NORMALIZED },

{ "getRefunds", "Refund requests of one order.",
  .args = { ORDER },
  .verb = OE_GET, .path = REFUND,
  .returns = "[@Refund]", .fails = "403 not permitted; 404 unknown order", .reply = OE_NORMALIZED, .session = OE_USER },

{ "createRefundRequest", "Asks for a refund of a paid order.",
  .args = { ORDER, OE_ARG_BODY("@NewRefund") },
  .verb = OE_POST, .path = REFUND, .body = { OE_OBJECT, .of = "body" },
  .returns = "boolean", .fails = "404 \"You cannot refund uncompleted order\"", .reply = OE_NORMALIZED, .session = OE_USER },

{ "cancelRefundRequest", "Withdraws the refund request of an order.",
  .args = { ORDER },
  .verb = OE_DELETE, .path = REFUND,
  .returns = "boolean", .fails = "404 \"Request not found\"", .reply = OE_NORMALIZED, .session = OE_USER },

{ .name = NULL },
};
