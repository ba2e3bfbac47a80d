/* Users: the logged-in user. */
#include "api/api.h"

#define BASE "/api/content/users/me"

#define TOKEN OE_ARG_TEXT("token", "token of Firebase Cloud Messaging")

const oe_entity oe_users_entities[] = {

{ "User", "The logged-in user.",
  "{id integer, identifier string (the login), authProviderIdentifier string, formData [@FormEntry]|[any]|{*}, "
  "formIdentifier string, total string (a decimal number), groups [string|number], state {*}, "
  "moduleFormConfigs? [any], rating? {*}}" },

{ "UserChange", "The user as it should be afterwards: the server may wipe what is left out.",
  "{formIdentifier string, authData? [@AuthEntry] (the password entry only), formData? [@FormEntry] (a list, or one entry), "
  "notificationData? @Notification, state? {*}, langCode? string}" },

{ NULL, NULL, NULL },
};

const oe_row oe_users_rows[] = {

{ "getUser", "The logged-in user.",
  .args = { OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "{?langCode}",
  .returns = "@User", .reply = OE_VALIDATED_NORMALIZED, .session = OE_USER },

{ "updateUser", "Changes the logged-in user. formData and notificationData replace what is stored.",
  .args = { OE_ARG_BODY("@UserChange"), OE_ARG_LANG_OF("language of formData") },
  .verb = OE_PUT, .path = BASE,
  .body = { OE_OBJECT, .of = "body", .lists = "authData formData phonePush",
            .edits = OE_EDITS(&oe_edit_wrap_form_data, &oe_edit_default_lang_code, &oe_edit_omit_empty_phone_sms) },
  .returns = "boolean", .fails = "400 \"Login or password values are missed\": authData with anything else",
  .reply = OE_VALIDATED, .session = OE_USER },

{ "archiveUser", "Archives the logged-in user.",
  .verb = OE_DELETE, .path = BASE,
  .returns = "boolean", .session = OE_USER },

{ "deleteUser", "Deletes the logged-in user's account for good.",
  .verb = OE_DELETE, .path = BASE "/account",
  .returns = "boolean", .session = OE_USER },

{ "addFCMToken", "Registers a token for push messages.",
  .args = { TOKEN },
  .verb = OE_POST, .path = BASE "/fcm-token/{token}",
  .returns = "boolean", .session = OE_USER },

{ "deleteFCMToken", "Removes a token for push messages.",
  .args = { TOKEN },
  .verb = OE_DELETE, .path = BASE "/fcm-token/{token}",
  .returns = "boolean", .fails = "404 unknown token", .session = OE_USER },

{ .name = NULL },
};
