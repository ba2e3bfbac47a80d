/* Shapes of replies and bodies. Entities of one table stand in its file, those of several here. config.validation
   (validate.c) checks replies against shapes; types and reference are made from them. The notation:

     number  string  boolean  any  null     a value of that type; any: whatever it is, null included
     integer                                a number, without a fraction in the documentation
     A|B                                    either
     [T]                                    a list of T
     {*}                                    an object, whatever its members
     {name T, name? T}                      an object with these members (? may be absent) and any others
     @Name                                  an entity
     T (words)                              words for people

   Replies of validated rows are matched before they are shaped: their shapes are as lenient as the official SDK's. */
#include "api/api.h"

const oe_entity oe_common_entities[] = {
    { "LocalizeInfo", "Texts of a thing in the language of the call.",
      "{title? string, menuTitle? string|null, htmlContent? string|null, plainContent? string|null}" },
    { "FormEntry", "One field of a form.",
      "{marker? string, type? string (type of the field, such as \"string\"), value? any}" },
    { "AuthEntry", "One field of a login: its marker, such as \"email_reg\", and its value.",
      "{marker? string, value? string}" },
    { "Notification", "Addresses of a user for notifications.",
      "{email? string, phonePush? [string] (telephone numbers), phoneSMS? string (left out when empty)}" },
    { "Filter", "A condition: on an attribute, a page, a status or a title. All members may be absent.",
      "{attributeMarker? string, conditionMarker? string (in, nin, eq, neq, mth: more than, lth: less than, exs: exists, "
      "nexs: does not), conditionValue? any (a number or string, or strings with commas between them for in and nin), "
      "pageUrl? string, pageUrls? [string], statusMarker? string, title? string, "
      "isNested? boolean (pages below those pages count, too)}" },
    { "ProductsQuery", "Parameters of lists of products. The server may know more.",
      "{offset? integer, limit? integer (a restricted project caps it at 10), sortKey? string (\"id\", \"position\", "
      "\"title\", \"date\" or \"price\"), sortOrder? string (\"ASC\" or \"DESC\"), signPrice? string (storage of orders whose "
      "price is to be signed), templateMarker? string, statusMarker? string, attributeMarker? string, "
      "conditionMarker? string (of a Filter), conditionValue? string}" },
    { NULL, NULL, NULL },
};
