/* Discounts: discounts, bonuses and coupons. */
#include "api/api.h"

#define BASE "/api/content/discounts"

#define OPTIONAL(name, type, about) { name, type, OE_FALLBACK_NIL, NULL, about, NULL }

const oe_entity oe_discounts_entities[] = {

{ "Discount", "A discount.",
  "{id integer, type string (\"DISCOUNT\", \"BONUS\" or \"PERSONAL_DISCOUNT\"), identifier? string, localizeInfos? {*}, "
  "version? integer, attributeSetId? integer, attributeSetIdentifier? string, attributeValues? {*} (by marker), "
  "startDate? string, endDate? string, discountValue? {applicability string (\"TO_PRODUCT\" or \"TO_ORDER\"), "
  "discountType string (\"FIXED_AMOUNT\" or \"PERCENT\"), value number, maxAmount? number}, "
  "conditionLogic? string (\"AND\" or \"OR\"), conditions? [{type string, value string}], exclusions? {*}|null, "
  "gifts? {*}|null, giftsReplaceCartItems? boolean, userGroups? {*}|null, userExclusions? {*}|null, bonusEvent? {*}|null, "
  "position? integer, total? number|string}" },

{ "Discounts", "A page of discounts.", "{items [@Discount], total integer (of all pages)}" },

{ "BonusBalance", "The user's bonuses.", "{balance number}" },

{ "BonusTransaction", "A change of the user's bonuses.",
  "{balanceId integer, amount number, type string (\"ACCRUAL\", \"USAGE\", \"REDUCE\", \"REVERSAL_ACCRUAL\", "
  "\"REVERSAL_USAGE\" or \"EXPIRATION\"), discountId? integer, moduleId? integer, entityIdentifier? string, "
  "comment? string, isAdmin boolean, remainingAmount? number, triggerType? string (\"EVENT\" or \"SCHEDULED\"), "
  "expiresAt? string, createdAt? string}" },

{ "CouponCheck", "Whether a coupon can be used.",
  "{valid boolean, coupon? {id integer, discountId integer, code string, isReusable boolean, isUsed boolean, "
  "orderId integer|null, usedAt string|null}, error? string}" },

{ NULL, NULL, NULL },
};

const oe_row oe_discounts_rows[] = {

{ "getAllDiscounts", "Discounts of the project.",
  .args = { OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT,
            OPTIONAL("type", OE_STRING, "only those of this type: \"DISCOUNT\", \"BONUS\" or \"PERSONAL_DISCOUNT\"") },
  .verb = OE_GET, .path = BASE "{?langCode,offset,limit,type}",
  .returns = "@Discounts", .pages = true, .reply = OE_NORMALIZED },

{ "getDiscountByMarker", "One discount.",
  .args = { OE_ARG_MARKER("discount marker"), OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/marker/{marker}{?langCode}",
  .returns = "@Discount", .fails = "404 unknown marker", .reply = OE_NORMALIZED },

{ "getBonusBalance", "The user's bonuses.",
  .verb = OE_GET, .path = BASE "/bonus-balance",
  .returns = "@BonusBalance", .reply = OE_NORMALIZED, .session = OE_USER },

{ "getBonusHistory", "Changes of the user's bonuses.",
  .args = { OPTIONAL("type", OE_STRING, "only those of this type, such as \"ACCRUAL\" or \"USAGE\""),
            OPTIONAL("dateFrom", OE_STRING, "first date or time, in ISO 8601"),
            OPTIONAL("dateTo", OE_STRING, "last date or time, in ISO 8601"),
            OPTIONAL("discountId", OE_ID, "only those of this discount"), OPTIONAL("moduleId", OE_ID, "only those of this module"),
            OPTIONAL("isAdmin", OE_BOOLEAN, "only those made by administrators, or only the others") },
  .verb = OE_GET, .path = BASE "/bonus-balance/history{?type,dateFrom,dateTo,discountId,moduleId,isAdmin}",
  .returns = "[@BonusTransaction]", .reply = OE_NORMALIZED, .session = OE_USER },

{ "validateDiscountsCoupon", "Tells whether a coupon can be used.",
  .args = { OE_ARG_TEXT("code", "code of the coupon") },
  .verb = OE_GET, .path = BASE "/coupons/validate{?code}",
  .returns = "@CouponCheck", .reply = OE_NORMALIZED },

{ .name = NULL },
};
