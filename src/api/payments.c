/* Payments: sessions of orders, and the accounts they are paid to. */
#include "api.h"

#define BASE "/api/content/payments"

const oe_row oe_payments_rows[] = {

/***
Payment sessions of the user, newest first.
@function Payments.getSessions
@param offset integer?  first item, from 0 (default 0)
@param limit  integer?  items at most (default 30; a restricted project caps it at 10)
@return table  { items = Session[], total = integer }
@return nil, err  401 no user session
@source GET /api/content/payments/sessions/?offset&limit
*/
{ .name = "getSessions", .args = { OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_GET, .path = BASE "/sessions/{?offset,limit}", .schema = "PaymentSessions", .does = OE_USER },

/***
One payment session.
@function Payments.getSessionById
@param id integer  session id
@return table  Session: { id, createdDate, updatedDate, type, status, paymentAccountId, orderId, paymentUrl?, amount?, clientSecret? };
  status is "waiting", "completed", "canceled" or "expired"
@return nil, err  401 no user session; 404 unknown, or another user's
@source GET /api/content/payments/sessions/{id}
*/
{ .name = "getSessionById", .args = { OE_ARG_ID },
  .verb = OE_GET, .path = BASE "/sessions/{id}", .does = OE_USER },

/***
All payment sessions of one order, canceled ones included: look for the one that is waiting.
@function Payments.getSessionByOrderId
@param id integer  order id
@return Session[]  as the server sends it; older servers send a single Session
@return nil, err  401 no user session; 404 unknown order, or another user's
@source GET /api/content/payments/sessions/order/{id}
*/
{ .name = "getSessionByOrderId", .args = { OE_ARG_ID },
  .verb = OE_GET, .path = BASE "/sessions/order/{id}", .schema = "SessionsOfOrder", .does = OE_USER },

/***
The order's session that is waiting to be paid.
@function Payments.getWaitingSession
@param orderId integer  order id
@return table|false  Session, the newest if there are several; false when none is waiting
@return nil, err  as getSessionByOrderId
@source GET /api/content/payments/sessions/order/{orderId}
*/
{ .name = "getWaitingSession", .args = { { "orderId", OE_ID, NULL, NULL } },
  .verb = OE_GET, .path = BASE "/sessions/order/{orderId}", .does = OE_USER | OE_PICK_WAITING | OE_EXTENSION },

/***
Waits until a payment session is no longer waiting: paid, canceled or expired.
@function Payments.waitForSession
@param id integer  session id
@param options table?  { timeout = seconds in all (default 300), interval = seconds between two looks (default 2) }
@return table  Session, its status not "waiting"
@return nil, err  code "timeout": still waiting then; else as getSessionById
@source GET /api/content/payments/sessions/{id}
*/
{ .name = "waitForSession", .args = { OE_ARG_ID, { "options", OE_TABLE, OE_FALLBACK_NIL, NULL } },
  .verb = OE_GET, .path = BASE "/sessions/{id}", .does = OE_USER | OE_POLL | OE_EXTENSION },

/***
Opens a payment session for an order; the server cancels the order's waiting one.
@function Payments.createSession
@param orderId integer  order id
@param type string  "session": a page to pay at (paymentUrl); "intent": a clientSecret
@param automaticTaxEnabled boolean?  default false
@return table  Session; paymentUrl and amount are absent for cash
@return nil, err  400 the payment account is not connected; 401 no user session; 404 unknown order
@source POST /api/content/payments/sessions
*/
{ .name = "createSession",
  .args = { { "orderId", OE_ID, NULL, NULL },
            { "type", OE_STRING, NULL, "session intent" },
            { "automaticTaxEnabled", OE_BOOLEAN, "false", NULL } },
  .verb = OE_POST, .path = BASE "/sessions", .fields = "orderId type automaticTaxEnabled", .schema = "PaymentSession", .does = OE_USER },

/***
Payment accounts of the project.
@function Payments.getAccounts
@return Account[]  { id, identifier, localizeInfos, type = "stripe"|"custom", isVisible, isUsed, testMode, settings, testSettings?, updatedDate }
@return nil, err  401, 403 not permitted
@source GET /api/content/payments/accounts
*/
{ .name = "getAccounts",
  .verb = OE_GET, .path = BASE "/accounts", .schema = "PaymentAccounts", .does = OE_USER | OE_NORMALIZE },

/***
One payment account.
@function Payments.getAccountById
@param id integer  account id
@return table  Account
@return nil, err  404 unknown
@source GET /api/content/payments/accounts/{id}
*/
{ .name = "getAccountById", .args = { OE_ARG_ID },
  .verb = OE_GET, .path = BASE "/accounts/{id}", .does = OE_USER | OE_NORMALIZE },

{ .name = NULL },
};
