/* FormData: what was entered into forms. */
#include "api/api.h"

#define BASE "/api/content/form-data"

#define ENTRY OE_ARG_ID("id", "id of what was entered")
#define CHANGE(shape) { "body", OE_TABLE, OE_FALLBACK_OBJECT, NULL, "what changes", shape }

const oe_entity oe_form_data_entities[] = {

{ "FormDataQuery", "Which entries of a form.",
  "{entityIdentifier? string|integer, userIdentifier? string, status? [string], dateFrom? string, dateTo? string}" },

{ "EnteredData", "What was entered into a form once.",
  "{id integer, formIdentifier string, time string, formData [@FormEntry]|[any]|{*}, parentId? integer|null, depth? integer, "
  "ip? string|null, fingerprint? string|null, status? string|null, userIdentifier? string|null, "
  "attributeSetIdentifier? string|null, entityIdentifier? string, isUserAdmin? boolean, formModuleConfigId? integer, "
  "moduleIdentifier? string, entityId? integer}" },

{ "FormDataPage", "A page of what was entered into a form.", "{items [@EnteredData], total integer (of all pages)}" },

{ "FormDataChange", "What was entered, as it should be.",
  "{formData? {*} (by locale, a list of entries: marker, type, value)}" },

{ "StatusChange", "A status.", "{status? string}" },

{ "ChangedData", "What was entered into a form, after a change.",
  "{id integer, formIdentifier string, time string, formData [@FormEntry]|[any], userIdentifier string, "
  "entityIdentifier string, parentId integer|null, fingerprint string|null, isUserAdmin boolean, formModuleId integer}" },

{ "FormField", "One field of a form. A file is a File, such as { path = ... }, or an open file of Lua's io; a text that a "
  "visitor has entered is never taken for a path.",
  "{marker string, type string (\"string\", \"file\", \"image\", \"groupOfImages\", ...; a \"button\" is not sent), "
  "value? any (of the last three: files, or what upload has returned, one or a list), fileQuery? @UploadingQuery (of its files; type \"page\", "
  "entity \"editor\" and a random id when nil)}" },

{ "NewFormData", "Entries for a form.",
  "{formIdentifier string, formModuleConfigId integer (id of one of the form's moduleFormConfigs), moduleEntityIdentifier string, "
  "replayTo? string|null, status? string, formData? [@FormField] (a list, or one field)}" },

{ "PostedFormData", "The answer to entries for a form.",
  "{actionMessage string|{*}, formData {id integer, formIdentifier string, time string, entityIdentifier string, fingerprint string, "
  "isUserAdmin boolean, formModuleId integer, userIdentifier string|null, parentId integer|null, "
  "formData [@FormEntry]|[any]|{*}}}" },

{ NULL, NULL, NULL },
};

const oe_row oe_form_data_rows[] = {

{ "postFormsData", "Enters something into a form. Its files are uploaded first, six at a time; when one fails, nothing is entered.",
  .args = { OE_ARG_BODY("@NewFormData"), OE_ARG_LANG },
  .verb = OE_POST, .path = BASE,
  .body = { OE_OBJECT, .of = "body", .edits = OE_EDITS(&oe_edit_upload_form_data) }, .uploads = "FileUploading.upload",
  .returns = "@PostedFormData", .fails = "400 a field is wrong, missing, or not of the form", .reply = OE_VALIDATED_SHAPED },

{ "getFormsDataByMarker", "What was entered into one form, a page of it.",
  .args = { OE_ARG_MARKER("form marker"), OE_ARG_ID("formModuleConfigId", "id of one of the form's moduleFormConfigs"),
            { "body", OE_TABLE, OE_FALLBACK_OBJECT, NULL, "only these", "@FormDataQuery" },
            { "isExtended", OE_INTEGER, "0", NULL, "1: with more about each", NULL }, OE_ARG_LANG, OE_ARG_OFFSET, OE_ARG_LIMIT },
  .verb = OE_POST, .reads = true,
  .path = BASE "/marker/{marker}{?formModuleConfigId,isExtended,langCode,offset,limit}",
  .body = { OE_OBJECT, .of = "body", .lists = "status" },
  .returns = "@FormDataPage", .pages = true, .fails = "404 unknown marker", .reply = OE_VALIDATED_SHAPED },

{ "updateFormsDataByid", "Changes what was entered.",
  .args = { ENTRY, CHANGE("@FormDataChange") },
  .verb = OE_PUT, .path = BASE "/{id}", .body = { OE_OBJECT, .of = "body" },
  .returns = "@ChangedData", .fails = "403 not permitted; 404 unknown", .reply = OE_VALIDATED, .session = OE_USER },

{ "updateFormsDataStatusByid", "Changes the status of what was entered.",
  .args = { ENTRY, CHANGE("@StatusChange") },
  .verb = OE_PUT, .path = BASE "/{id}/update-status", .body = { OE_OBJECT, .of = "body" },
  .returns = "boolean", .fails = "403 not permitted; 404 unknown", .session = OE_USER },

{ "deleteFormsDataByid", "Deletes what was entered.",
  .args = { ENTRY },
  .verb = OE_DELETE, .path = BASE "/{id}",
  .returns = "boolean", .fails = "403 not permitted; 404 unknown", .session = OE_USER },

{ .name = NULL },
};
