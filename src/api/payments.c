/* Payments: sessions of orders, and the accounts they are paid to. */
#include "api/api.h"

#define BASE "/api/content/payments"

#define SESSION OE_ARG_ID("id", "session id")

const oe_entity oe_payments_entities[] = {

{ "PaymentSession", "A payment session.",
  "{id integer, orderId integer, amount? number|null (absent for cash), "
  "status string (\"waiting\", \"completed\", \"canceled\" or \"expired\"), createdDate string, updatedDate string, "
  "type string, paymentAccountId integer, paymentUrl string|null (the page to pay at; absent for cash), "
  "clientSecret? string (of an \"intent\")}" },

{ "PaymentSessions", "A page of payment sessions.", "{items [@PaymentSession], total integer (of all pages)}" },

{ "PaymentAccount", "An account that orders are paid to.",
  "{id integer, identifier string, isVisible boolean, isUsed boolean, testMode boolean, "
  "type string (\"stripe\" or \"custom\"), settings {*}, testSettings? {*}, localizeInfos {*}, updatedDate string}" },

{ "WaitOptions", "How long to wait, and how often to look.",
  "{timeout? number (seconds in all, 300), interval? number (seconds between two looks, 2)}" },

{ NULL, NULL, NULL },
};

const oe_row oe_payments_rows[] = {

{ "getSessions", "Payment sessions of the user, newest first.",
  .args = { OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_GET, .path = BASE "/sessions/{?offset,limit}",
  .returns = "@PaymentSessions", .pages = true, .reply = OE_VALIDATED, .session = OE_USER },

{ "getSessionById", "One payment session.",
  .args = { SESSION },
  .verb = OE_GET, .path = BASE "/sessions/{id}",
  .returns = "@PaymentSession", .fails = "404 unknown, or another user's", .session = OE_USER },

{ "getSessionByOrderId", "All payment sessions of one order, canceled ones included: look for the one that is waiting.",
  .args = { OE_ARG_ID("id", "order id") },
  .verb = OE_GET, .path = BASE "/sessions/order/{id}",
  .returns = "@PaymentSession|[@PaymentSession] (a list; older servers send a single session)",
  .fails = "404 unknown order, or another user's", .reply = OE_VALIDATED, .session = OE_USER },

{ "getWaitingSession", "The order's session that is waiting to be paid.",
  .args = { OE_ARG_ID("orderId", "order id") },
  .verb = OE_GET, .path = BASE "/sessions/order/{orderId}",
  .returns = "@PaymentSession|boolean (the newest if there are several; false when none is waiting)",
  .fails = "404 unknown order, or another user's",
  .reply = OE_STEPS(&oe_step_pick_waiting), .session = OE_USER, .extension = true },

{ "waitForSession", "Waits until a payment session is no longer waiting: paid, canceled or expired.",
  .args = { SESSION, { "options", OE_TABLE, OE_FALLBACK_NIL, NULL, NULL, "@WaitOptions" } },
  .verb = OE_GET, .path = BASE "/sessions/{id}",
  .returns = "@PaymentSession (its status not \"waiting\")",
  .fails = "timeout still waiting then; 404 unknown, or another user's",
  .session = OE_USER, .polls = true, .extension = true },

{ "createSession", "Opens a payment session for an order; the server cancels the order's waiting one.",
  .args = { OE_ARG_ID("orderId", "order id"),
            { "type", OE_STRING, NULL, "session intent", "a page to pay at (paymentUrl), or a clientSecret", NULL },
            { "automaticTaxEnabled", OE_BOOLEAN, "false", NULL, "have the payment provider add taxes", NULL } },
  .verb = OE_POST, .path = BASE "/sessions", .body = { OE_MEMBERS, .of = "orderId type automaticTaxEnabled" },
  .returns = "@PaymentSession", .fails = "400 the payment account is not connected; 404 unknown order",
  .reply = OE_VALIDATED, .session = OE_USER },

{ "getAccounts", "Payment accounts of the project.",
  .verb = OE_GET, .path = BASE "/accounts",
  .returns = "[@PaymentAccount]", .fails = "403 not permitted", .reply = OE_VALIDATED_NORMALIZED, .session = OE_USER },

{ "getAccountById", "One payment account.",
  .args = { OE_ARG_ID("id", "account id") },
  .verb = OE_GET, .path = BASE "/accounts/{id}",
  .returns = "@PaymentAccount", .fails = "404 unknown", .reply = OE_NORMALIZED, .session = OE_USER },

{ .name = NULL },
};
