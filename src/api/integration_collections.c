/* IntegrationCollections: tables of your own, collections and their rows. */
#include "api/api.h"

#define BASE "/api/content/integration-collections"
#define ROWS BASE "/marker/{marker}/rows"

#define COLLECTION OE_ARG_MARKER("collection marker")
#define ROW OE_ARG_ID("id", "row id")
#define QUERY OE_ARG_QUERY_WITH("@CollectionQuery", "limit=30 offset=0")

const oe_entity oe_integration_collections_entities[] = {

{ "Collection", "A collection.",
  "{id integer, identifier string|null, formId integer|null, localizeInfos {*}, attributeSetId integer|null, "
  "selectedAttributeMarkers string|null (with commas between them)}" },

{ "CollectionQuery", "Parameters of lists of collections and rows. The server may know more.",
  "{limit? integer (30), offset? integer (0), entityType? string, entityId? integer}" },

{ "CollectionEntry", "A field of a row.", "{marker string, type string, value string}" },

{ "CollectionRow", "A row of a collection.",
  "{id integer, createdDate string, updatedDate string, collectionId? integer|null, formData [@CollectionEntry]|{*}, "
  "entityType string|null, entityId integer|null, attributeSetIdentifier? string|null, total? string}" },

{ "CollectionRows", "A page of rows.", "{items [@CollectionRow], total integer (of all pages)}" },

{ "NewCollectionRow", "The content of a row.",
  "{formIdentifier string, formData {*} (by locale, a list of entries: marker, type, value)}" },

{ "CollectionCheck", "Whether a collection has the marker.", "{valid boolean}" },

{ NULL, NULL, NULL },
};

const oe_row oe_integration_collections_rows[] = {

{ "getICollections", "Collections of the project.",
  .args = { OE_ARG_LANG, QUERY },
  .verb = OE_GET, .path = BASE "{?langCode,*userQuery}",
  .returns = "[@Collection]", .pages = true, .reply = OE_VALIDATED_SHAPED },

{ "getICollectionById", "One collection.",
  .args = { OE_ARG_ID("id", "collection id"), OE_ARG_LANG },
  .verb = OE_GET, .path = BASE "/{id}{?langCode}",
  .returns = "@Collection", .fails = "404 unknown", .reply = OE_VALIDATED_SHAPED },

{ "getICollectionRowsById", "Rows of one collection.",
  .args = { OE_ARG_ID("id", "collection id"), OE_ARG_LANG, QUERY },
  .verb = OE_GET, .path = BASE "/{id}/rows{?langCode,*userQuery}",
  .returns = "@CollectionRows", .pages = true, .fails = "404 unknown", .reply = OE_VALIDATED_SHAPED },

{ "validateICollectionMarker", "Tells whether a collection has the marker.",
  .args = { COLLECTION },
  .verb = OE_GET, .path = BASE "/marker-validation/{marker}",
  .returns = "@CollectionCheck", .reply = OE_VALIDATED_SHAPED },

{ "getICollectionRowsByMarker", "Rows of one collection.",
  .args = { COLLECTION, OE_ARG_LANG },
  .verb = OE_GET, .path = ROWS "{?langCode}",
  .returns = "@CollectionRows", .fails = "404 unknown marker", .reply = OE_VALIDATED_SHAPED },

{ "getICollectionRowByMarkerAndId", "One row of a collection.",
  .args = { COLLECTION, ROW, OE_ARG_LANG },
  .verb = OE_GET, .path = ROWS "/{id}{?langCode}",
  .returns = "@CollectionRow", .fails = "404 unknown marker or row", .reply = OE_VALIDATED_SHAPED },

{ "createICollectionRow", "Adds a row to a collection.",
  .args = { COLLECTION, OE_ARG_BODY("@NewCollectionRow"), OE_ARG_LANG_OF("language of the result; formData is sent as it is") },
  .verb = OE_POST, .path = ROWS "{?langCode}", .body = { OE_OBJECT, .of = "body" },
  .returns = "@CollectionRow", .fails = "400 bad form field; 403 not permitted; 404 unknown marker",
  .reply = OE_VALIDATED_NORMALIZED },

{ "updateICollectionRow", "Replaces a row of a collection.",
  .args = { COLLECTION, ROW, OE_ARG_BODY("@NewCollectionRow"),
            OE_ARG_LANG_OF("language of the result; formData is sent as it is") },
  .verb = OE_PUT, .path = ROWS "/{id}{?langCode}", .body = { OE_OBJECT, .of = "body" },
  .returns = "@CollectionRow", .fails = "400 bad form field; 403 not permitted; 404 unknown marker or row",
  .reply = OE_VALIDATED_NORMALIZED },

{ "deleteICollectionRowByMarkerAndId", "Deletes a row of a collection.",
  .args = { COLLECTION, ROW },
  .verb = OE_DELETE, .path = ROWS "/{id}",
  .returns = "boolean", .fails = "403 not permitted; 404 unknown marker or row" },

{ .name = NULL },
};
