/* AuthProvider: registration, login, codes, tokens. */
#include "api/api.h"

#define BASE "/api/content/users-auth-providers"
#define MARKER BASE "/marker/{marker}"
#define USERS MARKER "/users"

#define PROVIDER OE_ARG_MARKER("provider marker")
#define LOGIN OE_ARG_TEXT("userIdentifier", "login: an e-mail address or telephone number")
#define EVENT OE_ARG_TEXT("eventIdentifier", "event of the project that sends the code")
#define CODE OE_ARG_TEXT("code", "the code that was sent")
#define TOKEN { "token", OE_STRING, NULL, NULL, "refresh token; works once", NULL }

const oe_entity oe_auth_provider_entities[] = {

{ "NewUser", "The data of a user who registers.",
  "{formIdentifier string, authData [@AuthEntry], formData? [@FormEntry] (a list, or one entry), "
  "notificationData? @Notification}" },

{ "SignedUp", "A user who has been registered. There are no tokens in it: call auth next.",
  "{id integer, updatedDate string, version integer, identifier string (the login), isActive boolean, "
  "formData [@FormEntry]|[any]|{*}, notificationData {email string, phonePush [string], phoneSMS? string}, "
  "locale? string, createdDate? string, importId? any, deletedAt? string|null, isDeleted? boolean, state? {*}, "
  "rating? {*}}" },

{ "Login", "The credentials of a login.", "{authData [@AuthEntry]}" },

{ "OauthLogin", "The code of another network, and your credentials there.",
  "{client_id string, client_secret string, code string, grant_type string, redirect_uri string, "
  "formData? [@FormEntry] (a list, or one entry), notificationData? @Notification}" },

{ "Auth", "The tokens of a login.",
  "{userIdentifier string, authProviderIdentifier string, accessToken string, refreshToken string}" },

{ "AuthProvider", "A way to log in.",
  "{id integer, identifier string (the marker), type string, formIdentifier string|null, userGroupIdentifier string, "
  "isActive boolean, isCheckCode boolean, version integer, localizeInfos {*}, config {*}}" },

{ "Device", "A device on which the user is logged in.",
  "{deviceInfo {os string, browser string, location string}}" },

{ NULL, NULL, NULL },
};

const oe_row oe_auth_provider_rows[] = {

{ "signUp", "Registers a user.",
  .args = { PROVIDER, OE_ARG_BODY("@NewUser"), OE_ARG_LANG_OF("language of formData and of the user") },
  .verb = OE_POST, .path = USERS "/sign-up",
  .body = { OE_OBJECT, .of = "body", .lists = "authData formData phonePush",
            .edits = OE_EDITS(&oe_edit_wrap_form_data, &oe_edit_set_lang_code, &oe_edit_omit_empty_phone_sms) },
  .returns = "@SignedUp", .fails = "400 bad form field or notificationData; 404 unknown marker",
  .reply = OE_VALIDATED_NORMALIZED },

{ "generateCode", "Sends the user a code.",
  .args = { PROVIDER, LOGIN, EVENT },
  .verb = OE_POST, .path = USERS "/generate-code", .body = { OE_MEMBERS, .of = "userIdentifier eventIdentifier" },
  .returns = "{*} (empty)", .fails = "400 \"User not found\", \"User already has a code\"; 429 sent again within 30 s" },

{ "checkCode", "Tells whether a code is right, without using it up.",
  .args = { PROVIDER, LOGIN, EVENT, CODE },
  .verb = OE_POST, .path = USERS "/check-code", .body = { OE_MEMBERS, .of = "userIdentifier eventIdentifier code" },
  .returns = "boolean (false for a wrong code)" },

{ "activateUser", "Activates a registered user by code.",
  .args = { PROVIDER, LOGIN, CODE },
  .verb = OE_POST, .path = USERS "/activate", .body = { OE_MEMBERS, .of = "userIdentifier code" },
  .returns = "boolean", .fails = "400 unknown user" },

{ "auth", "Logs a user in. The tokens of the reply become the session's, and saveFunction gets the refresh token.",
  .args = { PROVIDER, OE_ARG_BODY("@Login") },
  .verb = OE_POST, .path = USERS "/auth", .body = { OE_OBJECT, .of = "body", .lists = "authData" },
  .returns = "@Auth", .fails = "400 malformed; 401 wrong login or password; 403 not activated (the session stays as it was)",
  .reply = OE_VALIDATED, .session = OE_LOGIN | OE_FINAL_401 },

{ "refresh", "Exchanges a refresh token for new tokens, which become the session's. Calls do this by themselves after a 401.",
  .args = { OE_ARG_MARKER("provider that issued the token"), TOKEN },
  .verb = OE_POST, .path = OE_REFRESH_PATH, .body = { OE_MEMBERS, .of = "refreshToken:token" },
  .returns = "@Auth", .fails = "400 spent, expired, or issued to another device or provider (the session stays as it was)",
  .session = OE_LOGIN | OE_FINAL_401 | OE_ROTATE },

{ "logout", "Ends the session of one device. When it succeeds the tokens are dropped and saveFunction gets \"\".",
  .args = { OE_ARG_MARKER("provider that issued the token"), TOKEN },
  .verb = OE_POST, .path = USERS "/logout", .body = { OE_MEMBERS, .of = "refreshToken:token" },
  .returns = "boolean", .fails = "400 unknown token", .session = OE_USER | OE_LOGOUT },

{ "logoutAll", "Ends the user's sessions on all devices. When it succeeds the tokens are dropped and saveFunction gets \"\".",
  .args = { PROVIDER },
  .verb = OE_POST, .path = USERS "/logout-all",
  .returns = "boolean", .session = OE_USER | OE_LOGOUT },

{ "changePassword", "Changes a password by code.",
  .args = { PROVIDER, LOGIN, EVENT, { "type", OE_INTEGER, NULL, NULL, "1 change, 2 recovery", NULL }, CODE,
            OE_ARG_TEXT("newPassword", NULL), { "repeatPassword", OE_STRING, "=newPassword", NULL, NULL, NULL } },
  .verb = OE_POST, .path = USERS "/change-password",
  .body = { OE_MEMBERS, .of = "userIdentifier eventIdentifier code type password1:newPassword password2:repeatPassword" },
  .returns = "boolean", .fails = "400 wrong code, passwords differ" },

{ "getAuthProviders", "Authentication providers of the project.",
  .args = { OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_GET, .path = BASE "{?langCode,offset,limit}",
  .returns = "[@AuthProvider]", .pages = true, .reply = OE_VALIDATED_NORMALIZED },

{ "getAuthProviderByMarker", "One authentication provider.",
  .args = { PROVIDER, OE_ARG_LANG },
  .verb = OE_GET, .path = MARKER "{?langCode}",
  .returns = "@AuthProvider", .fails = "404 unknown marker", .reply = OE_NORMALIZED },

{ "getActiveSessionsByMarker", "Devices on which the user is logged in.",
  .args = { PROVIDER },
  .verb = OE_GET, .path = USERS "/sessions",
  .returns = "[@Device]", .reply = OE_NORMALIZED, .session = OE_USER },

{ "oauth", "Logs a user in with a code of another network. The tokens of the reply become the session's, as with auth.",
  .args = { PROVIDER, OE_ARG_BODY("@OauthLogin"), OE_ARG_LANG_OF("language of formData") },
  .verb = OE_POST, .path = MARKER "/oauth",
  .body = { OE_OBJECT, .of = "body", .lists = "formData phonePush",
            .edits = OE_EDITS(&oe_edit_wrap_form_data, &oe_edit_omit_empty_phone_sms) },
  .returns = "@Auth", .fails = "400 refused by the network or not configured",
  .session = OE_LOGIN | OE_FINAL_401 },

{ .name = NULL },
};
