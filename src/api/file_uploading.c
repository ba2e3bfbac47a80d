/* FileUploading: files of the project. */
#include "api/api.h"

#define BASE "/api/content/files"

const oe_entity oe_file_uploading_entities[] = {

{ "UploadedFile", "A file that was uploaded.",
  "{filename string, downloadLink string, size number, contentType? string}" },

{ "File", "A file to be uploaded. It has a path, a handle or data.",
  "{path? string, handle? any (an open file of Lua's io; it is read from where it stands), data? string, "
  "name? string (the path's last part, else \"blob\", when nil), "
  "type? string (media type; as the name's ending says when nil)}" },

{ "UploadingQuery", "What the file is of, and what is made of an image. The server may know more.",
  "{type? string (\"page\", say), entity? string (\"editor\", say), id? integer, width? integer, height? integer, "
  "compress? boolean, template? integer}" },

{ "UploadOptions", "How an upload goes.",
  "{progress? any (a function of the bytes sent so far and of all)}" },

{ "DownloadOptions", "Where a file goes.",
  "{to? any (a path, or an open file of Lua's io; the file is the result when nil), "
  "progress? any (a function of the bytes received so far, and of all where the server tells it)}" },

{ "FetchOptions", "What may be fetched.",
  "{allowPrivate? boolean (loopback, private and link-local addresses, and a configured proxy, too), "
  "progress? any (a function of the bytes received so far, and of all where the server tells it)}" },

{ NULL, NULL, NULL },
};

#define FILE_QUERY { "fileQuery", OE_QUERY, OE_FALLBACK_NIL, NULL, "what the file is of", "@UploadingQuery" }
#define OPTIONS(shape) { "options", OE_TABLE, OE_FALLBACK_NIL, NULL, NULL, shape }

const oe_row oe_file_uploading_rows[] = {

{ "upload", "Uploads files.",
  .args = { { "file", OE_FILE, NULL, NULL, "a path, an open file of Lua's io, or a list of files", "string|@File|[@File]" },
            FILE_QUERY, OPTIONS("@UploadOptions") },
  .verb = OE_POST, .path = BASE "{?*fileQuery}",
  .body = { OE_PARTS, .of = "files:file" }, .files = true,
  .returns = "[@UploadedFile]", .reply = OE_VALIDATED },

{ "delete", "Deletes a file.",
  .args = { OE_ARG_TEXT("filename", "as upload has returned it"), FILE_QUERY },
  .verb = OE_DELETE, .path = BASE "{?filename,*fileQuery}",
  .returns = "boolean" },

{ "createFileFromUrl", "Fetches a file from any server, for upload. That server gets no token and no redirect is followed.",
  .args = { OE_ARG_TEXT("url", "an http or https url"), OE_ARG_TEXT("filename", "the name to upload it by"),
            { "mimeType", OE_STRING, OE_FALLBACK_NIL, NULL, "as its server says when nil", NULL },
            OPTIONS("@FetchOptions") },
  .verb = OE_GET, .path = "{url}", .files = true, .foreign = true, .session = OE_FINAL_401,
  .returns = "@File", .reply = OE_STEPS(&oe_step_file) },

{ "getFile", "Downloads a file.",
  .args = { OE_ARG_ID("id", "id of what the file is of"), OE_ARG_TEXT("type", "type, such as \"page\""),
            OE_ARG_TEXT("entity", "entity, such as \"editor\""), OE_ARG_TEXT("filename", "name"),
            { "template", OE_STRING, OE_FALLBACK_NIL, NULL, "template of a preview", NULL },
            OPTIONS("@DownloadOptions") },
  .verb = OE_GET, .path = BASE "{?id,type,entity,filename,template?}", .files = true,
  .returns = "string|integer (with options.to: how many bytes)", .fails = "404 unknown file",
  .reply = OE_STEPS(&oe_step_bytes) },

{ .name = NULL },
};
