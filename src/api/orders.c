/* Orders: storages, orders, statuses, refunds. */
#include "api.h"

#define BASE "/api/content/orders-storage"
#define REFUND "/api/content/orders/{id}/refund"

const oe_row oe_orders_rows[] = {

/***
Order storages of the project.
@function Orders.getAllOrdersStorage
@param langCode string?  locale; config.langCode when nil
@param offset integer?  first item, from 0 (default 0)
@param limit integer?  items at most (default 30)
@return Storage[]  { id, localizeInfos, position?, identifier, formIdentifier?, generalTypeId, paymentAccountIdentifiers = { { identifier }, ... } }
@return nil, err  401 no user session
@source GET /api/content/orders-storage?langCode&limit&offset
*/
{ .name = "getAllOrdersStorage", .args = { OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_GET, .path = BASE "{?langCode,limit,offset}", .does = OE_USER | OE_NORMALIZE },

/***
The user's orders of one storage.
@function Orders.getAllOrdersByMarker
@param marker string  storage marker
@param langCode string?  locale; config.langCode when nil
@param offset integer?  first item, from 0 (default 0)
@param limit integer?  items at most (default 30; a restricted project caps it at 10)
@return table  { items = Order[], total = integer }; totalSum is a string here
@return nil, err  401 no user session; 404 unknown marker
@source GET /api/content/orders-storage/marker/{marker}/orders?langCode&limit&offset
*/
{ .name = "getAllOrdersByMarker", .args = { OE_ARG_MARKER, OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_GET, .path = BASE "/marker/{marker}/orders{?langCode,limit,offset}", .schema = "Orders", .does = OE_USER | OE_NORMALIZE },

/***
One order storage.
@function Orders.getOrdersStorageByMarker
@param marker string  storage marker
@param langCode string?  locale; config.langCode when nil
@return table  Storage
@return nil, err  401 no user session; 404 unknown marker
@source GET /api/content/orders-storage/marker/{marker}?langCode
*/
{ .name = "getOrdersStorageByMarker", .args = { OE_ARG_MARKER, OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/marker/{marker}{?langCode}", .does = OE_USER | OE_NORMALIZE },

/***
One order of the user.
@function Orders.getOrderByMarkerAndId
@param marker string  storage marker
@param id integer  order id
@param langCode string?  locale; config.langCode when nil
@return table  Order: { id, storageId, createdDate, statusIdentifier, formIdentifier, formData, totalSum (a string), currency,
  paymentAccountIdentifier, paymentUrl?, products, isCompleted? (absent: never paid online), ... }
@return nil, err  401 no user session; 404 unknown, or another user's
@source GET /api/content/orders-storage/marker/{marker}/orders/{id}?langCode
*/
{ .name = "getOrderByMarkerAndId", .args = { OE_ARG_MARKER, OE_ARG_ID, OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/marker/{marker}/orders/{id}{?langCode}", .schema = "Order", .does = OE_USER | OE_NORMALIZE },

/***
What an order would cost. Nothing is stored; pass couponCode again to createOrder.
@function Orders.previewOrder
@param body table  { products?, couponCode?, additionalDiscountsMarkers?, bonusAmount? }
@param langCode string?  locale; config.langCode when nil
@return table  { totalSum, totalSumWithDiscount, bonusApplied, totalDue, currency, discountConfig, orderPreview }
@return nil, err  400 "Product <id> not found", unknown or expired coupon; 401 no user session
@source POST /api/content/orders-storage/orders/preview?langCode
*/
{ .name = "previewOrder", .args = { OE_ARG_BODY, OE_ARG_LANG },
  .verb = OE_POST, .path = BASE "/orders/preview{?langCode}", .body = "body",
  .lists = "products additionalDiscountsMarkers", .does = OE_USER | OE_NORMALIZE },

/***
Creates an order. The server has no idempotency key: when err.sent is true, look for the order before repeating.
@function Orders.createOrder
@param marker string  storage marker
@param body table  { formIdentifier, paymentAccountIdentifier, formData, products = { { productId, quantity }, ... },
  couponCode?, additionalDiscountsMarkers?, bonusAmount?, statusIdentifier? }; formData (a list, or one entry) is wrapped under the language
@param langCode string?  language of formData and of the result; config.langCode when nil
@return table  { id, formIdentifier, paymentAccountIdentifier, formData, products, currency, totalSum (a number), totalDue,
  bonusApplied, discountConfig, statusIdentifier, createdDate, ... }
@return nil, err  400 bad form field, product, coupon or account; 401 no user session; 404 unknown marker
@source POST /api/content/orders-storage/marker/{marker}/orders
*/
{ .name = "createOrder", .args = { OE_ARG_MARKER, OE_ARG_BODY, OE_ARG_LANG },
  .verb = OE_POST, .path = BASE "/marker/{marker}/orders", .body = "body",
  .lists = "formData products additionalDiscountsMarkers", .schema = "WrittenOrder", .does = OE_USER | OE_NORMALIZE | OE_WRAP_FORM },

/***
Replaces an order. Cancelling is an update to the project's cancel status.
@function Orders.updateOrderByMarkerAndId
@param marker string  storage marker
@param id integer  order id
@param body table  as for createOrder
@param langCode string?  language of formData and of the result; config.langCode when nil
@return table  as of createOrder
@return nil, err  400 as createOrder, or a session that is paid or expired; 401 no user session; 404 unknown
@source PUT /api/content/orders-storage/marker/{marker}/orders/{id}?langCode
*/
{ .name = "updateOrderByMarkerAndId", .args = { OE_ARG_MARKER, OE_ARG_ID, OE_ARG_BODY, OE_ARG_LANG },
  .verb = OE_PUT, .path = BASE "/marker/{marker}/orders/{id}{?langCode}", .body = "body",
  .lists = "formData products additionalDiscountsMarkers", .schema = "WrittenOrder", .does = OE_USER | OE_NORMALIZE | OE_WRAP_FORM },

/***
Statuses that orders of one storage can have.
@function Orders.getAllStatusesByStorageMarker
@param marker string  storage marker
@param langCode string?  locale; config.langCode when nil
@param offset integer?  first item, from 0 (default 0)
@param limit integer?  items at most (default 30)
@return Status[]  { id, identifier, localizeInfos, isDefault, position, isUsed }
@return nil, err  404 unknown marker
@source GET /api/content/orders-storage/marker/{marker}/order-statuses?langCode&offset&limit
*/
{ .name = "getAllStatusesByStorageMarker", .args = { OE_ARG_MARKER, OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_GET, .path = BASE "/marker/{marker}/order-statuses{?langCode,offset,limit}", .does = OE_NORMALIZE },

/***
Refund requests of one order.
@function Orders.getRefunds
@param id integer  order id
@return Refund[]  { id, createdDate, status, amount, note, products = { [productId as string] = { quantity } }, orderId, ... }
@return nil, err  401 no user session; 403 not permitted; 404 unknown order
@source GET /api/content/orders/{id}/refund
*/
{ .name = "getRefunds", .args = { OE_ARG_ID },
  .verb = OE_GET, .path = REFUND, .does = OE_USER | OE_NORMALIZE },

/***
Asks for a refund of a paid order.
@function Orders.createRefundRequest
@param id integer  order id
@param body table  { products = { [productId as string] = { quantity = integer } }, note? }
@return boolean
@return nil, err  401 no user session; 404 "You cannot refund uncompleted order"
@source POST /api/content/orders/{id}/refund
*/
{ .name = "createRefundRequest", .args = { OE_ARG_ID, OE_ARG_BODY },
  .verb = OE_POST, .path = REFUND, .body = "body", .does = OE_USER | OE_NORMALIZE },

/***
Withdraws the refund request of an order.
@function Orders.cancelRefundRequest
@param id integer  order id
@return boolean
@return nil, err  401 no user session; 404 "Request not found"
@source DELETE /api/content/orders/{id}/refund
*/
{ .name = "cancelRefundRequest", .args = { OE_ARG_ID },
  .verb = OE_DELETE, .path = REFUND, .does = OE_USER | OE_NORMALIZE },

{ .name = NULL },
};
