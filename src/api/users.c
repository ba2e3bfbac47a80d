/* Users: the logged-in user. */
#include "api.h"

#define BASE "/api/content/users/me"

const oe_row oe_users_rows[] = {

/***
The logged-in user.
@function Users.getUser
@param langCode string?  locale; config.langCode when nil
@return table  { id, identifier, authProviderIdentifier, formData, formIdentifier, total (a string), groups, state, moduleFormConfigs?, rating? }
@return nil, err  401 no user session
@source GET /api/content/users/me?langCode
*/
{ .name = "getUser", .args = { OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "{?langCode}", .schema = "User", .does = OE_USER | OE_NORMALIZE },

/***
Changes the logged-in user. Send formData and notificationData as they should be afterwards: the server may wipe what is left out.
@function Users.updateUser
@param body table  { formIdentifier, authData? (the password entry only), formData?, notificationData?, state?, langCode? };
  formData is wrapped under the language
@param langCode string?  locale; config.langCode when nil
@return boolean
@return nil, err  400 "Login or password values are missed" (authData with anything else), 401 no user session
@source PUT /api/content/users/me
*/
{ .name = "updateUser", .args = { OE_ARG_BODY, OE_ARG_LANG },
  .verb = OE_PUT, .path = BASE, .body = "body", .lists = "authData formData phonePush",
  .schema = "Done", .does = OE_USER | OE_WRAP_FORM | OE_BODY_LANG_ADD | OE_DROP_EMPTY_SMS },

/***
Archives the logged-in user.
@function Users.archiveUser
@return boolean
@return nil, err  401 no user session
@source DELETE /api/content/users/me
*/
{ .name = "archiveUser",
  .verb = OE_DELETE, .path = BASE, .does = OE_USER },

/***
Deletes the logged-in user's account for good.
@function Users.deleteUser
@return boolean
@return nil, err  401 no user session
@source DELETE /api/content/users/me/account
*/
{ .name = "deleteUser",
  .verb = OE_DELETE, .path = BASE "/account", .does = OE_USER },

/***
Registers a Firebase Cloud Messaging token for push messages.
@function Users.addFCMToken
@param token string  FCM token
@return boolean
@return nil, err  401 no user session
@source POST /api/content/users/me/fcm-token/{token}
*/
{ .name = "addFCMToken", .args = { { "token", OE_STRING, NULL, NULL } },
  .verb = OE_POST, .path = BASE "/fcm-token/{token}", .does = OE_USER },

/***
Removes a Firebase Cloud Messaging token.
@function Users.deleteFCMToken
@param token string  FCM token
@return boolean
@return nil, err  401 no user session; 404 unknown token
@source DELETE /api/content/users/me/fcm-token/{token}
*/
{ .name = "deleteFCMToken", .args = { { "token", OE_STRING, NULL, NULL } },
  .verb = OE_DELETE, .path = BASE "/fcm-token/{token}", .does = OE_USER },

{ .name = NULL },
};
