/* AuthProvider: registration, login, codes, tokens. */
#include "api.h"

#define BASE "/api/content/users-auth-providers"
#define MARKER BASE "/marker/{marker}"
#define USERS MARKER "/users"
#define ARG(name) { name, OE_STRING, NULL, NULL }

const oe_row oe_auth_provider_rows[] = {

/***
Registers a user. The reply holds no tokens: call auth next.
@function AuthProvider.signUp
@param marker string  provider marker
@param body table  { formIdentifier, authData = { { marker, value }, ... }, formData?, notificationData? };
  formData is wrapped under the language, langCode is set, an empty notificationData.phoneSMS is left out
@param langCode string?  locale; config.langCode when nil
@return table  { id, identifier, isActive, formData, notificationData, locale, createdDate, updatedDate, state, ... }
@return nil, err  400 bad form field or notificationData; 404 unknown marker
@source POST /api/content/users-auth-providers/marker/{marker}/users/sign-up
*/
{ .name = "signUp", .args = { OE_ARG_MARKER, OE_ARG_BODY, OE_ARG_LANG },
  .verb = OE_POST, .path = USERS "/sign-up", .body = "body", .lists = "authData formData phonePush",
  .schema = "SignUp", .does = OE_NORMALIZE | OE_WRAP_FORM | OE_BODY_LANG | OE_DROP_EMPTY_SMS },

/***
Sends the user a code.
@function AuthProvider.generateCode
@param marker string  provider marker
@param userIdentifier string  login, e-mail address or telephone number
@param eventIdentifier string  event of the project that sends the code
@return table  {} (the server's reply is empty)
@return nil, err  400 "User not found", "User already has a code"; 429 sent again within 30 s
@source POST /api/content/users-auth-providers/marker/{marker}/users/generate-code
*/
{ .name = "generateCode", .args = { OE_ARG_MARKER, ARG("userIdentifier"), ARG("eventIdentifier") },
  .verb = OE_POST, .path = USERS "/generate-code", .fields = "userIdentifier eventIdentifier" },

/***
Tells whether a code is right, without using it up.
@function AuthProvider.checkCode
@param marker string  provider marker
@param userIdentifier string
@param eventIdentifier string
@param code string
@return boolean  false for a wrong code
@return nil, err
@source POST /api/content/users-auth-providers/marker/{marker}/users/check-code
*/
{ .name = "checkCode", .args = { OE_ARG_MARKER, ARG("userIdentifier"), ARG("eventIdentifier"), ARG("code") },
  .verb = OE_POST, .path = USERS "/check-code", .fields = "userIdentifier eventIdentifier code" },

/***
Activates a registered user by code.
@function AuthProvider.activateUser
@param marker string  provider marker
@param userIdentifier string
@param code string
@return boolean
@return nil, err  400 unknown user
@source POST /api/content/users-auth-providers/marker/{marker}/users/activate
*/
{ .name = "activateUser", .args = { OE_ARG_MARKER, ARG("userIdentifier"), ARG("code") },
  .verb = OE_POST, .path = USERS "/activate", .fields = "userIdentifier code" },

/***
Logs a user in. The tokens of the reply become the session's, and saveFunction gets the refresh token.
@function AuthProvider.auth
@param marker string  provider marker
@param body table  { authData = { { marker, value }, ... } }
@return table  { userIdentifier, authProviderIdentifier, accessToken, refreshToken }
@return nil, err  400 malformed; 401 wrong login or password; 403 not activated; the session is then as it was
@source POST /api/content/users-auth-providers/marker/{marker}/users/auth
*/
{ .name = "auth", .args = { OE_ARG_MARKER, OE_ARG_BODY },
  .verb = OE_POST, .path = USERS "/auth", .body = "body", .lists = "authData", .schema = "Auth", .does = OE_LOGIN | OE_FINAL_401 },

/***
Exchanges a refresh token for new tokens, which become the session's. Calls do this by themselves after a 401.
@function AuthProvider.refresh
@param marker string  provider that issued the token
@param token string  refresh token; works once
@return table  { userIdentifier, authProviderIdentifier, accessToken, refreshToken }
@return nil, err  400 spent, expired, or issued to another device or provider; the session is then as it was
@source POST /api/content/users-auth-providers/marker/{marker}/users/refresh
*/
{ .name = "refresh", .args = { OE_ARG_MARKER, ARG("token") },
  .verb = OE_POST, .path = OE_REFRESH_PATH, .fields = "refreshToken:token", .does = OE_LOGIN | OE_FINAL_401 | OE_ROTATE },

/***
Ends the session of one device. When it succeeds the tokens are dropped and saveFunction gets "".
@function AuthProvider.logout
@param marker string  provider that issued the token
@param token string  refresh token
@return boolean
@return nil, err  400 unknown token; 401 no user session
@source POST /api/content/users-auth-providers/marker/{marker}/users/logout
*/
{ .name = "logout", .args = { OE_ARG_MARKER, ARG("token") },
  .verb = OE_POST, .path = USERS "/logout", .fields = "refreshToken:token", .does = OE_USER | OE_LOGOUT },

/***
Ends the user's sessions on all devices. When it succeeds the tokens are dropped and saveFunction gets "".
@function AuthProvider.logoutAll
@param marker string  provider marker
@return boolean
@return nil, err  401 no user session
@source POST /api/content/users-auth-providers/marker/{marker}/users/logout-all
*/
{ .name = "logoutAll", .args = { OE_ARG_MARKER },
  .verb = OE_POST, .path = USERS "/logout-all", .does = OE_USER | OE_LOGOUT },

/***
Changes a password by code.
@function AuthProvider.changePassword
@param marker string  provider marker
@param userIdentifier string
@param eventIdentifier string
@param type integer  1 change, 2 recovery
@param code string
@param newPassword string
@param repeatPassword string?  newPassword when nil
@return boolean
@return nil, err  400 wrong code, passwords differ
@source POST /api/content/users-auth-providers/marker/{marker}/users/change-password
*/
{ .name = "changePassword",
  .args = { OE_ARG_MARKER, ARG("userIdentifier"), ARG("eventIdentifier"), { "type", OE_INTEGER, NULL, NULL },
            ARG("code"), ARG("newPassword"), { "repeatPassword", OE_STRING, "=newPassword", NULL } },
  .verb = OE_POST, .path = USERS "/change-password",
  .fields = "userIdentifier eventIdentifier code type password1:newPassword password2:repeatPassword" },

/***
Authentication providers of the project.
@function AuthProvider.getAuthProviders
@param langCode string?  locale; config.langCode when nil
@param offset integer?  first item, from 0 (default 0)
@param limit integer?  items at most (default 30)
@return Provider[]  { id, localizeInfos, config, version, identifier, type, formIdentifier, userGroupIdentifier, isActive, isCheckCode }
@return nil, err
@source GET /api/content/users-auth-providers?langCode&offset&limit
*/
{ .name = "getAuthProviders", .args = { OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_GET, .path = BASE "{?langCode,offset,limit}", .schema = "AuthProviders", .does = OE_NORMALIZE },

/***
One authentication provider.
@function AuthProvider.getAuthProviderByMarker
@param marker string  provider marker
@param langCode string?  locale; config.langCode when nil
@return table  Provider
@return nil, err  404 unknown marker
@source GET /api/content/users-auth-providers/marker/{marker}?langCode
*/
{ .name = "getAuthProviderByMarker", .args = { OE_ARG_MARKER, OE_ARG_LANG },
  .verb = OE_GET, .path = MARKER "{?langCode}", .does = OE_NORMALIZE },

/***
Devices on which the user is logged in.
@function AuthProvider.getActiveSessionsByMarker
@param marker string  provider marker
@return table[]  { deviceInfo = { os, browser, location } }
@return nil, err  401 no user session
@source GET /api/content/users-auth-providers/marker/{marker}/users/sessions
*/
{ .name = "getActiveSessionsByMarker", .args = { OE_ARG_MARKER },
  .verb = OE_GET, .path = USERS "/sessions", .does = OE_USER | OE_NORMALIZE },

/***
Logs a user in with a code of another network. The tokens of the reply become the session's, as with auth.
@function AuthProvider.oauth
@param marker string  provider marker
@param body table  { client_id, client_secret, code, grant_type, redirect_uri, formData?, notificationData? }
@param langCode string?  language of formData; config.langCode when nil
@return table  { userIdentifier, authProviderIdentifier, accessToken, refreshToken }
@return nil, err  400 refused by the network or not configured
@source POST /api/content/users-auth-providers/marker/{marker}/oauth
*/
{ .name = "oauth", .args = { OE_ARG_MARKER, OE_ARG_BODY, OE_ARG_LANG },
  .verb = OE_POST, .path = MARKER "/oauth", .body = "body", .lists = "formData phonePush",
  .does = OE_LOGIN | OE_FINAL_401 | OE_WRAP_FORM | OE_DROP_EMPTY_SMS },

{ .name = NULL },
};
