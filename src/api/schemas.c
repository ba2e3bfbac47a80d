/* What replies look like: for config.validation. The notation is read by validate.c:

     number  string  boolean  any  null     a value of that type; any: whatever it is, null included
     A|B                                    either
     [T]                                    a list of T
     {*}                                    an object, whatever its members
     {name T, name? T}                      an object with these members (? may be absent) and any others
     @Name                                  another schema of this table */
#include "api.h"

const oe_schema oe_schemas[] = {
    { "AuthProviders",
      "[{id number, identifier string, type string, formIdentifier string|null, userGroupIdentifier string, "
      "isActive boolean, isCheckCode boolean, version number, localizeInfos {*}, config {*}}]" },
    { "Auth",
      "{userIdentifier string, authProviderIdentifier string, accessToken string, refreshToken string}" },
    { "SignUp",
      "{id number, updatedDate string, version number, identifier string, isActive boolean, formData [any]|{*}, "
      "notificationData {email string, phonePush [string], phoneSMS? string}, locale? string, createdDate? string, "
      "importId? any, deletedAt? string|null, isDeleted? boolean, state? {*}, rating? {*}}" },
    { "DiscountConfig",
      "{bonus {availableBalance number, bonusApplied number, maxBonusDiscount number, minBonusAmount number|null, "
      "minOrderAmountForBonus number|null}|null, coupon any, orderDiscounts [any], productDiscounts [any], "
      "settings {allowGiftStacking boolean, allowStacking boolean, maxDiscountValue number|null}, "
      "additionalDiscountsMarkers? [string], bonusApplied? number, excludedGiftProductIds? [string], totalDue? number, "
      "totalRaw? number, totalSumWithDiscount? number}" },
    { "WrittenOrder",
      "{id number, formIdentifier string, paymentAccountIdentifier string, formData [any]|{*}, products [any], "
      "currency string, totalSum number, createdDate? string, statusIdentifier? string, couponCode? string, "
      "additionalDiscountsMarkers? [string], discountConfig? @DiscountConfig, bonusAmount? number, bonusApplied? number, "
      "totalDue? number}" },
    { "Order",
      "{id number, storageId number, createdDate string, statusIdentifier? string, formIdentifier? string, "
      "formData [any]|{*}, attributeSetIdentifier? string, totalSum string, currency string, "
      "paymentAccountIdentifier? string, paymentAccountLocalizeInfos? {*}, paymentUrl string|null, products [any], "
      "isCompleted boolean|null, statusLocalizeInfos? {*}}" },
    { "Orders", "{items [@Order], total number}" },
    { "PaymentAccounts",
      "[{id number, identifier string, isVisible boolean, isUsed boolean, testMode boolean, type string, settings {*}, "
      "testSettings? {*}, localizeInfos {*}, updatedDate string}]" },
    { "PaymentSession",
      "{id number, orderId number, amount? number|null, status string, createdDate string, updatedDate string, "
      "type string, paymentAccountId number, paymentUrl string|null, clientSecret? string}" },
    { "PaymentSessions", "{items [@PaymentSession], total number}" },
    { "SessionsOfOrder", "@PaymentSession|[@PaymentSession]" },
    { "Done", "boolean" },
    { "User",
      "{id number, identifier string, authProviderIdentifier string, formData [any]|{*}, formIdentifier string, "
      "total string, groups [string|number], state {*}, moduleFormConfigs? [any], rating? {*}}" },
    { NULL, NULL },
};
