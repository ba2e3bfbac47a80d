/* Forms: forms and their fields. */
#include "api/api.h"

#define BASE "/api/content/forms"

const oe_entity oe_forms_entities[] = {

{ "Form", "A form.",
  "{id integer, identifier string, localizeInfos {*}|[any], version integer, position integer, processingType string, "
  "type string|null (\"order\", \"sing_in_up\", \"collection\", \"data\" or \"rating\"), attributeSetId integer|null, "
  "templateId integer|null, total? number|string, attributes? [@FormAttribute]|[any]|{*} (the fields), "
  "moduleFormConfigs? [any] (the id of one is what entries are sent with)}" },

{ "FormAttribute", "A field of a form.",
  "{marker string, type string (such as \"string\", \"list\" or \"file\"), position integer, isVisible? boolean, "
  "localizeInfos {*}, initialValue? any, listTitles? [any] (the choices: title, value), validators? {*}, settings? {*}, "
  "additionalFields? {*} (by marker), isLogin? boolean, isSignUp? boolean, isPassword? boolean|null, "
  "isSignUpRequired? boolean|null, isNotificationEmail? boolean, isNotificationPhonePush? boolean, "
  "isNotificationPhoneSMS? boolean}" },

{ "Forms", "A page of forms.", "{items [@Form], total integer (of all pages)}" },

{ NULL, NULL, NULL },
};

const oe_row oe_forms_rows[] = {

{ "getAllForms", "Forms of the project.",
  .args = { OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_GET, .path = BASE "{?langCode,offset,limit}",
  .returns = "@Forms", .pages = true, .reply = OE_VALIDATED_SHAPED },

{ "getFormByMarker", "One form.",
  .args = { OE_ARG_MARKER("form marker"), OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/marker/{marker}{?langCode}",
  .returns = "@Form", .fails = "404 unknown marker", .reply = OE_VALIDATED_SHAPED },

{ .name = NULL },
};
