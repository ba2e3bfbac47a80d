---@meta oneentry

-- Types for editors with the Lua language server. Written by `make generate` from the rows in src/api: do not edit.

-- luacheck: ignore

--- Texts of a thing in the language of the call.
---@class oneentry.LocalizeInfo
---@field title? string
---@field menuTitle? string
---@field htmlContent? string
---@field plainContent? string

--- One field of a form.
---@class oneentry.FormEntry
---@field marker? string
---@field type? string # type of the field, such as "string"
---@field value? any

--- One field of a login: its marker, such as "email_reg", and its value.
---@class oneentry.AuthEntry
---@field marker? string
---@field value? string

--- Addresses of a user for notifications.
---@class oneentry.Notification
---@field email? string
---@field phonePush? string[] # telephone numbers
---@field phoneSMS? string # left out when empty

--- A condition: on an attribute, a page, a status or a title. All members may be absent.
---@class oneentry.Filter
---@field attributeMarker? string
---@field conditionMarker? string # in, nin, eq, neq, mth: more than, lth: less than, exs: exists, nexs: does not
---@field conditionValue? any # a number or string, or strings with commas between them for in and nin
---@field pageUrl? string
---@field pageUrls? string[]
---@field statusMarker? string
---@field title? string
---@field isNested? boolean # pages below those pages count, too

--- Parameters of lists of products. The server may know more.
---@class oneentry.ProductsQuery
---@field offset? integer
---@field limit? integer # a restricted project caps it at 10
---@field sortKey? string # "id", "position", "title", "date" or "price"
---@field sortOrder? string # "ASC" or "DESC"
---@field signPrice? string # storage of orders whose price is to be signed
---@field templateMarker? string
---@field statusMarker? string
---@field attributeMarker? string
---@field conditionMarker? string # of a Filter
---@field conditionValue? string

--- An administrator.
---@class oneentry.Admin
---@field id integer
---@field attributeSetId? integer
---@field identifier string
---@field attributeSetIdentifier? string
---@field position? integer
---@field isSync boolean
---@field attributeValues table # by marker
---@field moduleFormConfigs? any[]

--- A set of attributes.
---@class oneentry.AttributeSet
---@field id integer
---@field createdDate string
---@field updatedDate string
---@field version integer
---@field identifier string
---@field typeId integer
---@field title string
---@field schema table # of its attributes
---@field isVisible boolean
---@field properties table
---@field type { id: integer, type: string }
---@field position integer

--- A page of sets of attributes.
---@class oneentry.AttributeSets
---@field items oneentry.AttributeSet[]
---@field total integer # of all pages

--- What an attribute is.
---@class oneentry.Attribute
---@field type string # such as "string", "list" or "timeInterval"
---@field value? any
---@field initialValue? any
---@field marker string
---@field position integer
---@field listTitles? any[]|table # the choices of a list: title, value
---@field validators? table|any[]
---@field localizeInfos table|any[]
---@field additionalFields? table|any[] # by marker

--- The data of a user who registers.
---@class oneentry.NewUser
---@field formIdentifier string
---@field authData oneentry.AuthEntry[]
---@field formData? oneentry.FormEntry[] # a list, or one entry
---@field notificationData? oneentry.Notification

--- A user who has been registered. There are no tokens in it: call auth next.
---@class oneentry.SignedUp
---@field id integer
---@field updatedDate string
---@field version integer
---@field identifier string # the login
---@field isActive boolean
---@field formData oneentry.FormEntry[]|any[]|table
---@field notificationData { email: string, phonePush: string[], phoneSMS?: string }
---@field locale? string
---@field createdDate? string
---@field importId? any
---@field deletedAt? string
---@field isDeleted? boolean
---@field state? table
---@field rating? table

--- The credentials of a login.
---@class oneentry.Login
---@field authData oneentry.AuthEntry[]

--- The code of another network, and your credentials there.
---@class oneentry.OauthLogin
---@field client_id string
---@field client_secret string
---@field code string
---@field grant_type string
---@field redirect_uri string
---@field formData? oneentry.FormEntry[] # a list, or one entry
---@field notificationData? oneentry.Notification

--- The tokens of a login.
---@class oneentry.Auth
---@field userIdentifier string
---@field authProviderIdentifier string
---@field accessToken string
---@field refreshToken string

--- A way to log in.
---@class oneentry.AuthProvider
---@field id integer
---@field identifier string # the marker
---@field type string
---@field formIdentifier? string
---@field userGroupIdentifier string
---@field isActive boolean
---@field isCheckCode boolean
---@field version integer
---@field localizeInfos table
---@field config table

--- A device on which the user is logged in.
---@class oneentry.Device
---@field deviceInfo { os: string, browser: string, location: string }

--- A block.
---@class oneentry.Block
---@field id integer
---@field localizeInfos table
---@field version integer
---@field position integer
---@field identifier string
---@field type string
---@field templateIdentifier? string
---@field isVisible boolean
---@field attributeValues table # by marker
---@field similarProducts? oneentry.Products
---@field countElementsPerRow? integer
---@field quantity? integer
---@field products? oneentry.Product[]

--- A page of blocks.
---@class oneentry.Blocks
---@field items oneentry.Block[]
---@field total integer # of all pages

--- A block that a search has found.
---@class oneentry.FoundBlock
---@field id integer
---@field identifier string
---@field name string

--- A discount.
---@class oneentry.Discount
---@field id integer
---@field type string # "DISCOUNT", "BONUS" or "PERSONAL_DISCOUNT"
---@field identifier? string
---@field localizeInfos? table
---@field version? integer
---@field attributeSetId? integer
---@field attributeSetIdentifier? string
---@field attributeValues? table # by marker
---@field startDate? string
---@field endDate? string
---@field discountValue? { applicability: string, discountType: string, value: number, maxAmount?: number }
---@field conditionLogic? string # "AND" or "OR"
---@field conditions? { type: string, value: string }[]
---@field exclusions? table
---@field gifts? table
---@field giftsReplaceCartItems? boolean
---@field userGroups? table
---@field userExclusions? table
---@field bonusEvent? table
---@field position? integer
---@field total? number|string

--- A page of discounts.
---@class oneentry.Discounts
---@field items oneentry.Discount[]
---@field total integer # of all pages

--- The user's bonuses.
---@class oneentry.BonusBalance
---@field balance number

--- A change of the user's bonuses.
---@class oneentry.BonusTransaction
---@field balanceId integer
---@field amount number
---@field type string # "ACCRUAL", "USAGE", "REDUCE", "REVERSAL_ACCRUAL", "REVERSAL_USAGE" or "EXPIRATION"
---@field discountId? integer
---@field moduleId? integer
---@field entityIdentifier? string
---@field comment? string
---@field isAdmin boolean
---@field remainingAmount? number
---@field triggerType? string # "EVENT" or "SCHEDULED"
---@field expiresAt? string
---@field createdAt? string

--- Whether a coupon can be used.
---@class oneentry.CouponCheck
---@field valid boolean
---@field coupon? { id: integer, discountId: integer, code: string, isReusable: boolean, isUsed: boolean, orderId?: integer, usedAt?: string }
---@field error? string

--- A page of subscriptions.
---@class oneentry.Subscriptions
---@field items { eventMarker: string, productId: integer }[]
---@field total integer # of all pages

--- A file that was uploaded.
---@class oneentry.UploadedFile
---@field filename string
---@field downloadLink string
---@field size number
---@field contentType? string

--- A file to be uploaded. It has a path, a handle or data.
---@class oneentry.File
---@field path? string
---@field handle? any # an open file of Lua's io; it is read from where it stands
---@field data? string
---@field name? string # the path's last part, else "blob", when nil
---@field type? string # media type; as the name's ending says when nil

--- What the file is of, and what is made of an image. The server may know more.
---@class oneentry.UploadingQuery
---@field type? string # "page", say
---@field entity? string # "editor", say
---@field id? integer
---@field width? integer
---@field height? integer
---@field compress? boolean
---@field template? integer

--- How an upload goes.
---@class oneentry.UploadOptions
---@field progress? any # a function of the bytes sent so far and of all

--- Where a file goes.
---@class oneentry.DownloadOptions
---@field to? any # a path, or an open file of Lua's io; the file is the result when nil
---@field progress? any # a function of the bytes received so far, and of all where the server tells it

--- What may be fetched.
---@class oneentry.FetchOptions
---@field allowPrivate? boolean # loopback, private and link-local addresses, and a configured proxy, too
---@field progress? any # a function of the bytes received so far, and of all where the server tells it

--- Which entries of a form.
---@class oneentry.FormDataQuery
---@field entityIdentifier? string|integer
---@field userIdentifier? string
---@field status? string[]
---@field dateFrom? string
---@field dateTo? string

--- What was entered into a form once.
---@class oneentry.EnteredData
---@field id integer
---@field formIdentifier string
---@field time string
---@field formData oneentry.FormEntry[]|any[]|table
---@field parentId? integer
---@field depth? integer
---@field ip? string
---@field fingerprint? string
---@field status? string
---@field userIdentifier? string
---@field attributeSetIdentifier? string
---@field entityIdentifier? string
---@field isUserAdmin? boolean
---@field formModuleConfigId? integer
---@field moduleIdentifier? string
---@field entityId? integer

--- A page of what was entered into a form.
---@class oneentry.FormDataPage
---@field items oneentry.EnteredData[]
---@field total integer # of all pages

--- What was entered, as it should be.
---@class oneentry.FormDataChange
---@field formData? table # by locale, a list of entries: marker, type, value

--- A status.
---@class oneentry.StatusChange
---@field status? string

--- What was entered into a form, after a change.
---@class oneentry.ChangedData
---@field id integer
---@field formIdentifier string
---@field time string
---@field formData oneentry.FormEntry[]|any[]
---@field userIdentifier string
---@field entityIdentifier string
---@field parentId? integer
---@field fingerprint? string
---@field isUserAdmin boolean
---@field formModuleId integer

--- One field of a form. A file is a File, such as { path = ... }, or an open file of Lua's io; a text that a visitor has entered is never taken for a path.
---@class oneentry.FormField
---@field marker string
---@field type string # "string", "file", "image", "groupOfImages", ...; a "button" is not sent
---@field value? any # of the last three: files, or what upload has returned, one or a list
---@field fileQuery? oneentry.UploadingQuery # of its files; type "page", entity "editor" and a random id when nil

--- Entries for a form.
---@class oneentry.NewFormData
---@field formIdentifier string
---@field formModuleConfigId integer # id of one of the form's moduleFormConfigs
---@field moduleEntityIdentifier string
---@field replayTo? string
---@field status? string
---@field formData? oneentry.FormField[] # a list, or one field

--- The answer to entries for a form.
---@class oneentry.PostedFormData
---@field actionMessage string|table
---@field formData { id: integer, formIdentifier: string, time: string, entityIdentifier: string, fingerprint: string, isUserAdmin: boolean, formModuleId: integer, userIdentifier?: string, parentId?: integer, formData: oneentry.FormEntry[]|any[]|table }

--- A form.
---@class oneentry.Form
---@field id integer
---@field identifier string
---@field localizeInfos table|any[]
---@field version integer
---@field position integer
---@field processingType string
---@field type? string # "order", "sing_in_up", "collection", "data" or "rating"
---@field attributeSetId? integer
---@field templateId? integer
---@field total? number|string
---@field attributes? oneentry.FormAttribute[]|any[]|table # the fields
---@field moduleFormConfigs? any[] # the id of one is what entries are sent with

--- A field of a form.
---@class oneentry.FormAttribute
---@field marker string
---@field type string # such as "string", "list" or "file"
---@field position integer
---@field isVisible? boolean
---@field localizeInfos table
---@field initialValue? any
---@field listTitles? any[] # the choices: title, value
---@field validators? table
---@field settings? table
---@field additionalFields? table # by marker
---@field isLogin? boolean
---@field isSignUp? boolean
---@field isPassword? boolean
---@field isSignUpRequired? boolean
---@field isNotificationEmail? boolean
---@field isNotificationPhonePush? boolean
---@field isNotificationPhoneSMS? boolean

--- A page of forms.
---@class oneentry.Forms
---@field items oneentry.Form[]
---@field total integer # of all pages

--- A type.
---@class oneentry.GeneralType
---@field id integer
---@field type string # such as "product", "common_page" or "form"

--- A collection.
---@class oneentry.Collection
---@field id integer
---@field identifier? string
---@field formId? integer
---@field localizeInfos table
---@field attributeSetId? integer
---@field selectedAttributeMarkers? string # with commas between them

--- Parameters of lists of collections and rows. The server may know more.
---@class oneentry.CollectionQuery
---@field limit? integer # 30
---@field offset? integer # 0
---@field entityType? string
---@field entityId? integer

--- A field of a row.
---@class oneentry.CollectionEntry
---@field marker string
---@field type string
---@field value string

--- A row of a collection.
---@class oneentry.CollectionRow
---@field id integer
---@field createdDate string
---@field updatedDate string
---@field collectionId? integer
---@field formData oneentry.CollectionEntry[]|table
---@field entityType? string
---@field entityId? integer
---@field attributeSetIdentifier? string
---@field total? string

--- A page of rows.
---@class oneentry.CollectionRows
---@field items oneentry.CollectionRow[]
---@field total integer # of all pages

--- The content of a row.
---@class oneentry.NewCollectionRow
---@field formIdentifier string
---@field formData table # by locale, a list of entries: marker, type, value

--- Whether a collection has the marker.
---@class oneentry.CollectionCheck
---@field valid boolean

--- A language.
---@class oneentry.Locale
---@field id integer
---@field shortCode string # such as "en"
---@field code string # such as "en_US"
---@field name string
---@field nativeName string
---@field isActive boolean
---@field image? string
---@field position integer

--- A menu.
---@class oneentry.Menu
---@field id integer
---@field identifier string
---@field localizeInfos table
---@field pages oneentry.MenuPage[]|oneentry.MenuPage

--- An entry of a menu.
---@class oneentry.MenuPage
---@field children? oneentry.MenuPage[]|oneentry.MenuPage
---@field id? integer
---@field pageUrl? string
---@field localizeInfos table
---@field attributeValues table # by marker
---@field position integer
---@field parentId? integer

--- A storage of orders: one form, one list of statuses.
---@class oneentry.Storage
---@field id integer
---@field identifier? string
---@field localizeInfos oneentry.LocalizeInfo
---@field position? integer
---@field formIdentifier? string
---@field generalTypeId? integer
---@field paymentAccountIdentifiers { identifier: string }[]

--- The content of an order.
---@class oneentry.NewOrder
---@field formIdentifier string
---@field paymentAccountIdentifier string
---@field formData oneentry.FormEntry[] # a list, or one entry
---@field products { productId: integer, quantity: integer }[]
---@field couponCode? string
---@field additionalDiscountsMarkers? string[]
---@field bonusAmount? number
---@field statusIdentifier? string

--- The content of an order that is previewed.
---@class oneentry.NewPreview
---@field products? { productId: integer, quantity: integer }[]
---@field couponCode? string
---@field additionalDiscountsMarkers? string[]
---@field bonusAmount? number

--- The discounts that were applied.
---@class oneentry.DiscountConfig
---@field bonus? { availableBalance: number, bonusApplied: number, maxBonusDiscount: number, minBonusAmount?: number, minOrderAmountForBonus?: number }
---@field coupon? any
---@field orderDiscounts any[]
---@field productDiscounts any[]
---@field settings { allowGiftStacking: boolean, allowStacking: boolean, maxDiscountValue?: number }
---@field additionalDiscountsMarkers? string[]
---@field bonusApplied? number
---@field excludedGiftProductIds? string[]
---@field totalDue? number
---@field totalRaw? number
---@field totalSumWithDiscount? number

--- An order as it is answered when it is written.
---@class oneentry.WrittenOrder
---@field id integer
---@field formIdentifier string
---@field paymentAccountIdentifier string
---@field formData oneentry.FormEntry[]|any[]|table
---@field products { productId: integer, quantity: integer }[]|any[]
---@field currency string
---@field totalSum number # before discounts
---@field createdDate? string
---@field statusIdentifier? string
---@field couponCode? string
---@field additionalDiscountsMarkers? string[]
---@field discountConfig? oneentry.DiscountConfig
---@field bonusAmount? number
---@field bonusApplied? number
---@field totalDue? number # the sum to pay

--- A product of an order.
---@class oneentry.OrderProduct
---@field id integer
---@field quantity number
---@field title string
---@field sku? string
---@field previewImage? any
---@field price number
---@field isGift? boolean

--- An order as it is read.
---@class oneentry.Order
---@field id integer
---@field storageId integer
---@field createdDate string
---@field statusIdentifier? string
---@field formIdentifier? string
---@field formData oneentry.FormEntry[]|any[]|table
---@field attributeSetIdentifier? string
---@field totalSum string # a decimal number
---@field currency string
---@field paymentAccountIdentifier? string
---@field paymentAccountLocalizeInfos? table
---@field paymentUrl? string
---@field products oneentry.OrderProduct[]|any[]
---@field isCompleted? boolean # null: never paid online
---@field statusLocalizeInfos? table

--- A page of orders.
---@class oneentry.Orders
---@field items oneentry.Order[]
---@field total integer # of all pages

--- The cost of an order.
---@class oneentry.Preview
---@field totalSum number # before discounts
---@field totalSumWithDiscount number
---@field bonusApplied number
---@field totalDue number # the sum to pay
---@field currency string
---@field discountConfig oneentry.DiscountConfig
---@field orderPreview { id: integer, price: number, quantity: number, discountPrice?: number, isGift: boolean }[]

--- A status that orders can have.
---@class oneentry.Status
---@field id? integer
---@field identifier? string
---@field localizeInfos? oneentry.LocalizeInfo
---@field isDefault? boolean
---@field position? integer
---@field isUsed? boolean

--- A request for a refund.
---@class oneentry.Refund
---@field id integer
---@field createdDate string
---@field status string
---@field amount number
---@field note string
---@field products table # by product id as a string: { quantity }
---@field orderId integer
---@field orderStorageId integer
---@field userId integer

--- The products to refund.
---@class oneentry.NewRefund
---@field products table # by product id as a string: { quantity }
---@field note? string

--- A page.
---@class oneentry.Page
---@field id integer
---@field parentId? integer
---@field pageUrl string
---@field depth integer
---@field localizeInfos table
---@field isVisible boolean
---@field type string
---@field templateIdentifier? string
---@field attributeSetIdentifier? string
---@field attributeValues table # by marker
---@field moduleFormConfigs? any[]
---@field rating? table
---@field isSync boolean
---@field template? oneentry.Template
---@field blocks? any[]
---@field position? integer
---@field config? table
---@field products? integer
---@field childrenCount? string
---@field total? string
---@field categoryPath? string

--- How a page shows its products.
---@class oneentry.PageConfig
---@field rowsPerPage? integer
---@field productsPerRow? integer

--- A payment session.
---@class oneentry.PaymentSession
---@field id integer
---@field orderId integer
---@field amount? number # absent for cash
---@field status string # "waiting", "completed", "canceled" or "expired"
---@field createdDate string
---@field updatedDate string
---@field type string
---@field paymentAccountId integer
---@field paymentUrl? string # the page to pay at; absent for cash
---@field clientSecret? string # of an "intent"

--- A page of payment sessions.
---@class oneentry.PaymentSessions
---@field items oneentry.PaymentSession[]
---@field total integer # of all pages

--- An account that orders are paid to.
---@class oneentry.PaymentAccount
---@field id integer
---@field identifier string
---@field isVisible boolean
---@field isUsed boolean
---@field testMode boolean
---@field type string # "stripe" or "custom"
---@field settings table
---@field testSettings? table
---@field localizeInfos table
---@field updatedDate string

--- How long to wait, and how often to look.
---@class oneentry.WaitOptions
---@field timeout? number # seconds in all, 300
---@field interval? number # seconds between two looks, 2

--- A status that products can have.
---@class oneentry.ProductStatus
---@field id integer
---@field identifier string
---@field localizeInfos table
---@field isDefault boolean
---@field version integer
---@field position integer

--- A product.
---@class oneentry.Product
---@field id integer
---@field localizeInfos table
---@field statusIdentifier? string
---@field statusLocalizeInfos table
---@field attributeSetIdentifier? string
---@field position integer
---@field price? number
---@field additional { prices: { min: number, max: number } }
---@field sku? string
---@field isSync boolean
---@field attributeValues table # by marker
---@field categories string[]
---@field isVisible boolean
---@field moduleFormConfigs? any[]
---@field rating? table
---@field templateIdentifier? string
---@field shortDescTemplateIdentifier? string
---@field signedPrice? string
---@field productPages? { id: integer, pageId: integer, productId: integer, positionId: integer, categoryPath: string }[]
---@field blocks? string[]
---@field isPositionLocked? boolean
---@field relatedIds? integer[]
---@field paymentStages? any
---@field discountConfig? table

--- A page of products.
---@class oneentry.Products
---@field items oneentry.Product[]
---@field total integer # of all pages

--- The products that have the same value of an attribute.
---@class oneentry.ProductGroup
---@field attrValue string
---@field items oneentry.Product[]
---@field productIds string[]
---@field total integer

--- A page of prices.
---@class oneentry.ProductPrices
---@field items { id: integer, price: number }[]
---@field total integer # of all pages

--- A block of a product.
---@class oneentry.ProductBlock
---@field id integer
---@field attributeSetIdentifier? string
---@field localizeInfos table
---@field version integer
---@field position integer
---@field identifier string
---@field type string
---@field customSettings? table
---@field templateIdentifier? string
---@field isVisible boolean
---@field isSync boolean
---@field attributeValues table # by marker

--- How many products there are.
---@class oneentry.ProductsCount
---@field totalAll? integer
---@field totalInCategory? integer
---@field totalInCategoryWithNested? integer

--- What sitemaps are made of.
---@class oneentry.SitemapQuery
---@field baseUrls? table # by locale, the url that its pages begin with
---@field url? string
---@field lastmod? string
---@field changefreq? string
---@field priority? number

--- The sizes of previews of images.
---@class oneentry.TemplatePreview
---@field id integer
---@field title string
---@field proportions { default: { horizontal?: oneentry.Proportion, vertical?: oneentry.Proportion, square: { side: number|string, alignmentType: string } } }
---@field identifier string
---@field version integer
---@field attributeValues table # by marker
---@field position integer
---@field isUsed boolean
---@field attributeSetIdentifier? string

--- A size of previews.
---@class oneentry.Proportion
---@field width? number
---@field height? number
---@field alignmentType string

--- A template.
---@class oneentry.Template
---@field id integer
---@field attributeSetIdentifier? string
---@field title string
---@field generalTypeId integer
---@field identifier string
---@field version integer
---@field generalTypeName string
---@field attributeValues table # by marker
---@field position integer

--- The logged-in user.
---@class oneentry.User
---@field id integer
---@field identifier string # the login
---@field authProviderIdentifier string
---@field formData oneentry.FormEntry[]|any[]|table
---@field formIdentifier string
---@field total string # a decimal number
---@field groups (string|number)[]
---@field state table
---@field moduleFormConfigs? any[]
---@field rating? table

--- The user as it should be afterwards: the server may wipe what is left out.
---@class oneentry.UserChange
---@field formIdentifier string
---@field authData? oneentry.AuthEntry[] # the password entry only
---@field formData? oneentry.FormEntry[] # a list, or one entry
---@field notificationData? oneentry.Notification
---@field state? table
---@field langCode? string

--- Administrators of the project.
---@class oneentry.Admins.Table
local Admins = {}

--- Administrators with their attributes, a page of them.
---@param body? oneentry.Filter[] # filters; all of them hold; [] when nil
---@param langCode? string|string[] # locale; config.langCode when nil
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@return oneentry.Admin[]? value
---@return oneentry.Error? err
function Admins.getAdminsInfo(body, langCode, offset, limit) end

---@param token? string
---@return oneentry.Admins.Table
function Admins.setAccessToken(token) end

---@param token? string
---@return oneentry.Admins.Table
function Admins.setRefreshToken(token) end

---@class oneentry.async.Admins
---@field getAdminsInfo fun(body?: oneentry.Filter[], langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Future

---@class oneentry.prepare.Admins
---@field getAdminsInfo fun(body?: oneentry.Filter[], langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Request?, oneentry.Error?

--- Sets of attributes, and what each attribute is.
---@class oneentry.AttributesSets.Table
local AttributesSets = {}

--- Sets of attributes.
---@param langCode? string|string[] # locale; config.langCode when nil
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@param typeId? integer # only those of this type
---@param sortBy? string # member that they are sorted by; id when nil
---@return oneentry.AttributeSets? value
---@return oneentry.Error? err
function AttributesSets.getAttributes(langCode, offset, limit, typeId, sortBy) end

--- The attributes of one set.
---
--- Fails: 404 unknown marker.
---@param marker string # marker of the set
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Attribute[]? value
---@return oneentry.Error? err
function AttributesSets.getAttributesByMarker(marker, langCode) end

--- One attribute of a set.
---
--- Fails: 404 unknown marker.
---@param setMarker string # marker of the set
---@param attributeMarker string # marker of the attribute
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Attribute? value
---@return oneentry.Error? err
function AttributesSets.getSingleAttributeByMarkerSet(setMarker, attributeMarker, langCode) end

--- One set of attributes.
---
--- Fails: 404 unknown marker.
---@param marker string # marker of the set
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.AttributeSet? value
---@return oneentry.Error? err
function AttributesSets.getAttributeSetByMarker(marker, langCode) end

---@param token? string
---@return oneentry.AttributesSets.Table
function AttributesSets.setAccessToken(token) end

---@param token? string
---@return oneentry.AttributesSets.Table
function AttributesSets.setRefreshToken(token) end

---@class oneentry.async.AttributesSets
---@field getAttributes fun(langCode?: string|string[], offset?: integer, limit?: integer, typeId?: integer, sortBy?: string): oneentry.Future
---@field getAttributesByMarker fun(marker: string, langCode?: string|string[]): oneentry.Future
---@field getSingleAttributeByMarkerSet fun(setMarker: string, attributeMarker: string, langCode?: string|string[]): oneentry.Future
---@field getAttributeSetByMarker fun(marker: string, langCode?: string|string[]): oneentry.Future

---@class oneentry.prepare.AttributesSets
---@field getAttributes fun(langCode?: string|string[], offset?: integer, limit?: integer, typeId?: integer, sortBy?: string): oneentry.Request?, oneentry.Error?
---@field getAttributesByMarker fun(marker: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getSingleAttributeByMarkerSet fun(setMarker: string, attributeMarker: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getAttributeSetByMarker fun(marker: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?

--- Registration, login, codes, tokens.
---@class oneentry.AuthProvider.Table
local AuthProvider = {}

--- Registers a user.
---
--- Fails: 400 bad form field or notificationData; 404 unknown marker.
---@param marker string # provider marker
---@param body oneentry.NewUser
---@param langCode? string|string[] # language of formData and of the user; config.langCode when nil
---@return oneentry.SignedUp? value
---@return oneentry.Error? err
function AuthProvider.signUp(marker, body, langCode) end

--- Sends the user a code.
---
--- Fails: 400 "User not found", "User already has a code"; 429 sent again within 30 s.
---@param marker string # provider marker
---@param userIdentifier string # login: an e-mail address or telephone number
---@param eventIdentifier string # event of the project that sends the code
---@return table? value # empty
---@return oneentry.Error? err
function AuthProvider.generateCode(marker, userIdentifier, eventIdentifier) end

--- Tells whether a code is right, without using it up.
---@param marker string # provider marker
---@param userIdentifier string # login: an e-mail address or telephone number
---@param eventIdentifier string # event of the project that sends the code
---@param code string # the code that was sent
---@return boolean? value # false for a wrong code
---@return oneentry.Error? err
function AuthProvider.checkCode(marker, userIdentifier, eventIdentifier, code) end

--- Activates a registered user by code.
---
--- Fails: 400 unknown user.
---@param marker string # provider marker
---@param userIdentifier string # login: an e-mail address or telephone number
---@param code string # the code that was sent
---@return boolean? value
---@return oneentry.Error? err
function AuthProvider.activateUser(marker, userIdentifier, code) end

--- Logs a user in. The tokens of the reply become the session's, and saveFunction gets the refresh token.
---
--- Fails: 400 malformed; 401 wrong login or password; 403 not activated (the session stays as it was).
---@param marker string # provider marker
---@param body oneentry.Login
---@return oneentry.Auth? value
---@return oneentry.Error? err
function AuthProvider.auth(marker, body) end

--- Exchanges a refresh token for new tokens, which become the session's. Calls do this by themselves after a 401.
---
--- Fails: 400 spent, expired, or issued to another device or provider (the session stays as it was).
---@param marker string # provider that issued the token
---@param token string # refresh token; works once
---@return oneentry.Auth? value
---@return oneentry.Error? err
function AuthProvider.refresh(marker, token) end

--- Ends the session of one device. When it succeeds the tokens are dropped and saveFunction gets "".
---
--- Fails: 401 no user session; 400 unknown token.
---@param marker string # provider that issued the token
---@param token string # refresh token; works once
---@return boolean? value
---@return oneentry.Error? err
function AuthProvider.logout(marker, token) end

--- Ends the user's sessions on all devices. When it succeeds the tokens are dropped and saveFunction gets "".
---
--- Fails: 401 no user session.
---@param marker string # provider marker
---@return boolean? value
---@return oneentry.Error? err
function AuthProvider.logoutAll(marker) end

--- Changes a password by code.
---
--- Fails: 400 wrong code, passwords differ.
---@param marker string # provider marker
---@param userIdentifier string # login: an e-mail address or telephone number
---@param eventIdentifier string # event of the project that sends the code
---@param type integer # 1 change, 2 recovery
---@param code string # the code that was sent
---@param newPassword string
---@param repeatPassword? string # newPassword when nil
---@return boolean? value
---@return oneentry.Error? err
function AuthProvider.changePassword(marker, userIdentifier, eventIdentifier, type, code, newPassword, repeatPassword) end

--- Authentication providers of the project.
---@param langCode? string|string[] # locale; config.langCode when nil
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@return oneentry.AuthProvider[]? value
---@return oneentry.Error? err
function AuthProvider.getAuthProviders(langCode, offset, limit) end

--- One authentication provider.
---
--- Fails: 404 unknown marker.
---@param marker string # provider marker
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.AuthProvider? value
---@return oneentry.Error? err
function AuthProvider.getAuthProviderByMarker(marker, langCode) end

--- Devices on which the user is logged in.
---
--- Fails: 401 no user session.
---@param marker string # provider marker
---@return oneentry.Device[]? value
---@return oneentry.Error? err
function AuthProvider.getActiveSessionsByMarker(marker) end

--- Logs a user in with a code of another network. The tokens of the reply become the session's, as with auth.
---
--- Fails: 400 refused by the network or not configured.
---@param marker string # provider marker
---@param body oneentry.OauthLogin
---@param langCode? string|string[] # language of formData; config.langCode when nil
---@return oneentry.Auth? value
---@return oneentry.Error? err
function AuthProvider.oauth(marker, body, langCode) end

---@param token? string
---@return oneentry.AuthProvider.Table
function AuthProvider.setAccessToken(token) end

---@param token? string
---@return oneentry.AuthProvider.Table
function AuthProvider.setRefreshToken(token) end

---@class oneentry.async.AuthProvider
---@field signUp fun(marker: string, body: oneentry.NewUser, langCode?: string|string[]): oneentry.Future
---@field generateCode fun(marker: string, userIdentifier: string, eventIdentifier: string): oneentry.Future
---@field checkCode fun(marker: string, userIdentifier: string, eventIdentifier: string, code: string): oneentry.Future
---@field activateUser fun(marker: string, userIdentifier: string, code: string): oneentry.Future
---@field auth fun(marker: string, body: oneentry.Login): oneentry.Future
---@field refresh fun(marker: string, token: string): oneentry.Future
---@field logout fun(marker: string, token: string): oneentry.Future
---@field logoutAll fun(marker: string): oneentry.Future
---@field changePassword fun(marker: string, userIdentifier: string, eventIdentifier: string, type: integer, code: string, newPassword: string, repeatPassword?: string): oneentry.Future
---@field getAuthProviders fun(langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Future
---@field getAuthProviderByMarker fun(marker: string, langCode?: string|string[]): oneentry.Future
---@field getActiveSessionsByMarker fun(marker: string): oneentry.Future
---@field oauth fun(marker: string, body: oneentry.OauthLogin, langCode?: string|string[]): oneentry.Future

---@class oneentry.prepare.AuthProvider
---@field signUp fun(marker: string, body: oneentry.NewUser, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field generateCode fun(marker: string, userIdentifier: string, eventIdentifier: string): oneentry.Request?, oneentry.Error?
---@field checkCode fun(marker: string, userIdentifier: string, eventIdentifier: string, code: string): oneentry.Request?, oneentry.Error?
---@field activateUser fun(marker: string, userIdentifier: string, code: string): oneentry.Request?, oneentry.Error?
---@field auth fun(marker: string, body: oneentry.Login): oneentry.Request?, oneentry.Error?
---@field refresh fun(marker: string, token: string): oneentry.Request?, oneentry.Error?
---@field logout fun(marker: string, token: string): oneentry.Request?, oneentry.Error?
---@field logoutAll fun(marker: string): oneentry.Request?, oneentry.Error?
---@field changePassword fun(marker: string, userIdentifier: string, eventIdentifier: string, type: integer, code: string, newPassword: string, repeatPassword?: string): oneentry.Request?, oneentry.Error?
---@field getAuthProviders fun(langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Request?, oneentry.Error?
---@field getAuthProviderByMarker fun(marker: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getActiveSessionsByMarker fun(marker: string): oneentry.Request?, oneentry.Error?
---@field oauth fun(marker: string, body: oneentry.OauthLogin, langCode?: string|string[]): oneentry.Request?, oneentry.Error?

--- Blocks of pages, and their products.
---@class oneentry.Blocks.Table
local Blocks = {}

--- Blocks, with their products.
---@param type? string # only of this type, such as "product_block"
---@param langCode? string|string[] # locale; config.langCode when nil
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@return oneentry.Blocks? value
---@return oneentry.Error? err
function Blocks.getBlocks(type, langCode, offset, limit) end

--- One block, with its products.
---
--- Fails: 404 unknown marker.
---@param marker string # block marker
---@param langCode? string|string[] # locale; config.langCode when nil
---@param offset? integer # first product, from 0; 0 when nil
---@param limit? integer # products at most; 30 when nil
---@return oneentry.Block? value
---@return oneentry.Error? err
function Blocks.getBlockByMarker(marker, langCode, offset, limit) end

--- Products of a block of similar products.
---
--- Fails: 404 unknown marker.
---@param marker string # block marker
---@param langCode? string|string[] # locale; config.langCode when nil
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@param signPrice? string # storage of orders whose price is to be signed
---@return oneentry.Products? value
---@return oneentry.Error? err
function Blocks.getSimilarProducts(marker, langCode, offset, limit, signPrice) end

--- Products of a block.
---
--- Fails: 404 unknown marker.
---@param marker string # block marker
---@param langCode? string|string[] # locale; config.langCode when nil
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@param signPrice? string # storage of orders whose price is to be signed
---@return oneentry.Product[]? value
---@return oneentry.Error? err
function Blocks.getProductsByBlockMarker(marker, langCode, offset, limit, signPrice) end

--- Products that are often ordered together with one, as a block says.
---
--- Fails: 404 unknown marker or product.
---@param productId integer # product id
---@param marker string # block marker
---@param langCode? string|string[] # locale; config.langCode when nil
---@param signPrice? string # storage of orders whose price is to be signed
---@return oneentry.Products? value
---@return oneentry.Error? err
function Blocks.getFrequentlyOrderedProducts(productId, marker, langCode, signPrice) end

--- Blocks whose name contains a text.
---@param name string # text to look for
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.FoundBlock[]? value
---@return oneentry.Error? err
function Blocks.searchBlock(name, langCode) end

---@param token? string
---@return oneentry.Blocks.Table
function Blocks.setAccessToken(token) end

---@param token? string
---@return oneentry.Blocks.Table
function Blocks.setRefreshToken(token) end

---@class oneentry.async.Blocks
---@field getBlocks fun(type?: string, langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Future
---@field getBlockByMarker fun(marker: string, langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Future
---@field getSimilarProducts fun(marker: string, langCode?: string|string[], offset?: integer, limit?: integer, signPrice?: string): oneentry.Future
---@field getProductsByBlockMarker fun(marker: string, langCode?: string|string[], offset?: integer, limit?: integer, signPrice?: string): oneentry.Future
---@field getFrequentlyOrderedProducts fun(productId: integer, marker: string, langCode?: string|string[], signPrice?: string): oneentry.Future
---@field searchBlock fun(name: string, langCode?: string|string[]): oneentry.Future

---@class oneentry.prepare.Blocks
---@field getBlocks fun(type?: string, langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Request?, oneentry.Error?
---@field getBlockByMarker fun(marker: string, langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Request?, oneentry.Error?
---@field getSimilarProducts fun(marker: string, langCode?: string|string[], offset?: integer, limit?: integer, signPrice?: string): oneentry.Request?, oneentry.Error?
---@field getProductsByBlockMarker fun(marker: string, langCode?: string|string[], offset?: integer, limit?: integer, signPrice?: string): oneentry.Request?, oneentry.Error?
---@field getFrequentlyOrderedProducts fun(productId: integer, marker: string, langCode?: string|string[], signPrice?: string): oneentry.Request?, oneentry.Error?
---@field searchBlock fun(name: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?

--- Discounts, bonuses and coupons.
---@class oneentry.Discounts.Table
local Discounts = {}

--- Discounts of the project.
---@param langCode? string|string[] # locale; config.langCode when nil
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@param type? string # only those of this type: "DISCOUNT", "BONUS" or "PERSONAL_DISCOUNT"
---@return oneentry.Discounts? value
---@return oneentry.Error? err
function Discounts.getAllDiscounts(langCode, offset, limit, type) end

--- One discount.
---
--- Fails: 404 unknown marker.
---@param marker string # discount marker
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Discount? value
---@return oneentry.Error? err
function Discounts.getDiscountByMarker(marker, langCode) end

--- The user's bonuses.
---
--- Fails: 401 no user session.
---@return oneentry.BonusBalance? value
---@return oneentry.Error? err
function Discounts.getBonusBalance() end

--- Changes of the user's bonuses.
---
--- Fails: 401 no user session.
---@param type? string # only those of this type, such as "ACCRUAL" or "USAGE"
---@param dateFrom? string # first date or time, in ISO 8601
---@param dateTo? string # last date or time, in ISO 8601
---@param discountId? integer # only those of this discount
---@param moduleId? integer # only those of this module
---@param isAdmin? boolean # only those made by administrators, or only the others
---@return oneentry.BonusTransaction[]? value
---@return oneentry.Error? err
function Discounts.getBonusHistory(type, dateFrom, dateTo, discountId, moduleId, isAdmin) end

--- Tells whether a coupon can be used.
---@param code string # code of the coupon
---@return oneentry.CouponCheck? value
---@return oneentry.Error? err
function Discounts.validateDiscountsCoupon(code) end

---@param token? string
---@return oneentry.Discounts.Table
function Discounts.setAccessToken(token) end

---@param token? string
---@return oneentry.Discounts.Table
function Discounts.setRefreshToken(token) end

---@class oneentry.async.Discounts
---@field getAllDiscounts fun(langCode?: string|string[], offset?: integer, limit?: integer, type?: string): oneentry.Future
---@field getDiscountByMarker fun(marker: string, langCode?: string|string[]): oneentry.Future
---@field getBonusBalance fun(): oneentry.Future
---@field getBonusHistory fun(type?: string, dateFrom?: string, dateTo?: string, discountId?: integer, moduleId?: integer, isAdmin?: boolean): oneentry.Future
---@field validateDiscountsCoupon fun(code: string): oneentry.Future

---@class oneentry.prepare.Discounts
---@field getAllDiscounts fun(langCode?: string|string[], offset?: integer, limit?: integer, type?: string): oneentry.Request?, oneentry.Error?
---@field getDiscountByMarker fun(marker: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getBonusBalance fun(): oneentry.Request?, oneentry.Error?
---@field getBonusHistory fun(type?: string, dateFrom?: string, dateTo?: string, discountId?: integer, moduleId?: integer, isAdmin?: boolean): oneentry.Request?, oneentry.Error?
---@field validateDiscountsCoupon fun(code: string): oneentry.Request?, oneentry.Error?

--- Subscriptions to changes of products.
---@class oneentry.Events.Table
local Events = {}

--- Subscriptions of the user.
---
--- Fails: 401 no user session.
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@return oneentry.Subscriptions? value
---@return oneentry.Error? err
function Events.getAllSubscriptions(offset, limit) end

--- Subscribes the user to changes of a product.
---
--- Fails: 401 no user session; 404 unknown marker.
---@param marker string # event marker
---@param productId integer # product id
---@param langCode? string|string[] # language of messages; config.langCode when nil
---@return boolean? value # true
---@return oneentry.Error? err
function Events.subscribeByMarker(marker, productId, langCode) end

--- Ends a subscription of the user.
---
--- Fails: 401 no user session; 404 unknown marker.
---@param marker string # event marker
---@param productId integer # product id
---@param langCode? string|string[] # language of messages; config.langCode when nil
---@return boolean? value # true
---@return oneentry.Error? err
function Events.unsubscribeByMarker(marker, productId, langCode) end

---@param token? string
---@return oneentry.Events.Table
function Events.setAccessToken(token) end

---@param token? string
---@return oneentry.Events.Table
function Events.setRefreshToken(token) end

---@class oneentry.async.Events
---@field getAllSubscriptions fun(offset?: integer, limit?: integer): oneentry.Future
---@field subscribeByMarker fun(marker: string, productId: integer, langCode?: string|string[]): oneentry.Future
---@field unsubscribeByMarker fun(marker: string, productId: integer, langCode?: string|string[]): oneentry.Future

---@class oneentry.prepare.Events
---@field getAllSubscriptions fun(offset?: integer, limit?: integer): oneentry.Request?, oneentry.Error?
---@field subscribeByMarker fun(marker: string, productId: integer, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field unsubscribeByMarker fun(marker: string, productId: integer, langCode?: string|string[]): oneentry.Request?, oneentry.Error?

--- Files of the project: sent, fetched, deleted.
---@class oneentry.FileUploading.Table
local FileUploading = {}

--- Uploads files.
---@param file string|oneentry.File|oneentry.File[] # a path, an open file of Lua's io, or a list of files
---@param fileQuery? oneentry.UploadingQuery # what the file is of
---@param options? oneentry.UploadOptions
---@return oneentry.UploadedFile[]? value
---@return oneentry.Error? err
function FileUploading.upload(file, fileQuery, options) end

--- Deletes a file.
---@param filename string # as upload has returned it
---@param fileQuery? oneentry.UploadingQuery # what the file is of
---@return boolean? value
---@return oneentry.Error? err
function FileUploading.delete(filename, fileQuery) end

--- Fetches a file from any server, for upload. That server gets no token and no redirect is followed.
---@param url string # an http or https url
---@param filename string # the name to upload it by
---@param mimeType? string # as its server says when nil
---@param options? oneentry.FetchOptions
---@return oneentry.File? value
---@return oneentry.Error? err
function FileUploading.createFileFromUrl(url, filename, mimeType, options) end

--- Downloads a file.
---
--- Fails: 404 unknown file.
---@param id integer # id of what the file is of
---@param type string # type, such as "page"
---@param entity string # entity, such as "editor"
---@param filename string # name
---@param template? string # template of a preview
---@param options? oneentry.DownloadOptions
---@return (string|integer)? value # with options.to: how many bytes
---@return oneentry.Error? err
function FileUploading.getFile(id, type, entity, filename, template, options) end

---@param token? string
---@return oneentry.FileUploading.Table
function FileUploading.setAccessToken(token) end

---@param token? string
---@return oneentry.FileUploading.Table
function FileUploading.setRefreshToken(token) end

---@class oneentry.async.FileUploading
---@field upload fun(file: string|oneentry.File|oneentry.File[], fileQuery?: oneentry.UploadingQuery, options?: oneentry.UploadOptions): oneentry.Future
---@field delete fun(filename: string, fileQuery?: oneentry.UploadingQuery): oneentry.Future
---@field createFileFromUrl fun(url: string, filename: string, mimeType?: string, options?: oneentry.FetchOptions): oneentry.Future
---@field getFile fun(id: integer, type: string, entity: string, filename: string, template?: string, options?: oneentry.DownloadOptions): oneentry.Future

---@class oneentry.prepare.FileUploading
---@field upload fun(file: string|oneentry.File|oneentry.File[], fileQuery?: oneentry.UploadingQuery, options?: oneentry.UploadOptions): oneentry.Request?, oneentry.Error?
---@field delete fun(filename: string, fileQuery?: oneentry.UploadingQuery): oneentry.Request?, oneentry.Error?
---@field createFileFromUrl fun(url: string, filename: string, mimeType?: string, options?: oneentry.FetchOptions): oneentry.Request?, oneentry.Error?
---@field getFile fun(id: integer, type: string, entity: string, filename: string, template?: string, options?: oneentry.DownloadOptions): oneentry.Request?, oneentry.Error?

--- What was entered into forms.
---@class oneentry.FormData.Table
local FormData = {}

--- Enters something into a form. Its files are uploaded first, six at a time; when one fails, nothing is entered.
---
--- Fails: 400 a field is wrong, missing, or not of the form.
---@param body oneentry.NewFormData
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.PostedFormData? value
---@return oneentry.Error? err
function FormData.postFormsData(body, langCode) end

--- What was entered into one form, a page of it.
---
--- Fails: 404 unknown marker.
---@param marker string # form marker
---@param formModuleConfigId integer # id of one of the form's moduleFormConfigs
---@param body? oneentry.FormDataQuery # only these; {} when nil
---@param isExtended? integer # 1: with more about each; 0 when nil
---@param langCode? string|string[] # locale; config.langCode when nil
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@return oneentry.FormDataPage? value
---@return oneentry.Error? err
function FormData.getFormsDataByMarker(marker, formModuleConfigId, body, isExtended, langCode, offset, limit) end

--- Changes what was entered.
---
--- Fails: 401 no user session; 403 not permitted; 404 unknown.
---@param id integer # id of what was entered
---@param body? oneentry.FormDataChange # what changes; {} when nil
---@return oneentry.ChangedData? value
---@return oneentry.Error? err
function FormData.updateFormsDataByid(id, body) end

--- Changes the status of what was entered.
---
--- Fails: 401 no user session; 403 not permitted; 404 unknown.
---@param id integer # id of what was entered
---@param body? oneentry.StatusChange # what changes; {} when nil
---@return boolean? value
---@return oneentry.Error? err
function FormData.updateFormsDataStatusByid(id, body) end

--- Deletes what was entered.
---
--- Fails: 401 no user session; 403 not permitted; 404 unknown.
---@param id integer # id of what was entered
---@return boolean? value
---@return oneentry.Error? err
function FormData.deleteFormsDataByid(id) end

---@param token? string
---@return oneentry.FormData.Table
function FormData.setAccessToken(token) end

---@param token? string
---@return oneentry.FormData.Table
function FormData.setRefreshToken(token) end

---@class oneentry.async.FormData
---@field postFormsData fun(body: oneentry.NewFormData, langCode?: string|string[]): oneentry.Future
---@field getFormsDataByMarker fun(marker: string, formModuleConfigId: integer, body?: oneentry.FormDataQuery, isExtended?: integer, langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Future
---@field updateFormsDataByid fun(id: integer, body?: oneentry.FormDataChange): oneentry.Future
---@field updateFormsDataStatusByid fun(id: integer, body?: oneentry.StatusChange): oneentry.Future
---@field deleteFormsDataByid fun(id: integer): oneentry.Future

---@class oneentry.prepare.FormData
---@field postFormsData fun(body: oneentry.NewFormData, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getFormsDataByMarker fun(marker: string, formModuleConfigId: integer, body?: oneentry.FormDataQuery, isExtended?: integer, langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Request?, oneentry.Error?
---@field updateFormsDataByid fun(id: integer, body?: oneentry.FormDataChange): oneentry.Request?, oneentry.Error?
---@field updateFormsDataStatusByid fun(id: integer, body?: oneentry.StatusChange): oneentry.Request?, oneentry.Error?
---@field deleteFormsDataByid fun(id: integer): oneentry.Request?, oneentry.Error?

--- Forms and their fields.
---@class oneentry.Forms.Table
local Forms = {}

--- Forms of the project.
---@param langCode? string|string[] # locale; config.langCode when nil
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@return oneentry.Forms? value
---@return oneentry.Error? err
function Forms.getAllForms(langCode, offset, limit) end

--- One form.
---
--- Fails: 404 unknown marker.
---@param marker string # form marker
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Form? value
---@return oneentry.Error? err
function Forms.getFormByMarker(marker, langCode) end

---@param token? string
---@return oneentry.Forms.Table
function Forms.setAccessToken(token) end

---@param token? string
---@return oneentry.Forms.Table
function Forms.setRefreshToken(token) end

---@class oneentry.async.Forms
---@field getAllForms fun(langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Future
---@field getFormByMarker fun(marker: string, langCode?: string|string[]): oneentry.Future

---@class oneentry.prepare.Forms
---@field getAllForms fun(langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Request?, oneentry.Error?
---@field getFormByMarker fun(marker: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?

--- Types of things in the project.
---@class oneentry.GeneralTypes.Table
local GeneralTypes = {}

--- Types of things.
---@return oneentry.GeneralType[]? value
---@return oneentry.Error? err
function GeneralTypes.getAllTypes() end

---@param token? string
---@return oneentry.GeneralTypes.Table
function GeneralTypes.setAccessToken(token) end

---@param token? string
---@return oneentry.GeneralTypes.Table
function GeneralTypes.setRefreshToken(token) end

---@class oneentry.async.GeneralTypes
---@field getAllTypes fun(): oneentry.Future

---@class oneentry.prepare.GeneralTypes
---@field getAllTypes fun(): oneentry.Request?, oneentry.Error?

--- Tables of your own: collections and their rows.
---@class oneentry.IntegrationCollections.Table
local IntegrationCollections = {}

--- Collections of the project.
---@param langCode? string|string[] # locale; config.langCode when nil
---@param userQuery? oneentry.CollectionQuery # parameters by their names; limit=30 offset=0 when nil
---@return oneentry.Collection[]? value
---@return oneentry.Error? err
function IntegrationCollections.getICollections(langCode, userQuery) end

--- One collection.
---
--- Fails: 404 unknown.
---@param id integer # collection id
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Collection? value
---@return oneentry.Error? err
function IntegrationCollections.getICollectionById(id, langCode) end

--- Rows of one collection.
---
--- Fails: 404 unknown.
---@param id integer # collection id
---@param langCode? string|string[] # locale; config.langCode when nil
---@param userQuery? oneentry.CollectionQuery # parameters by their names; limit=30 offset=0 when nil
---@return oneentry.CollectionRows? value
---@return oneentry.Error? err
function IntegrationCollections.getICollectionRowsById(id, langCode, userQuery) end

--- Tells whether a collection has the marker.
---@param marker string # collection marker
---@return oneentry.CollectionCheck? value
---@return oneentry.Error? err
function IntegrationCollections.validateICollectionMarker(marker) end

--- Rows of one collection.
---
--- Fails: 404 unknown marker.
---@param marker string # collection marker
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.CollectionRows? value
---@return oneentry.Error? err
function IntegrationCollections.getICollectionRowsByMarker(marker, langCode) end

--- One row of a collection.
---
--- Fails: 404 unknown marker or row.
---@param marker string # collection marker
---@param id integer # row id
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.CollectionRow? value
---@return oneentry.Error? err
function IntegrationCollections.getICollectionRowByMarkerAndId(marker, id, langCode) end

--- Adds a row to a collection.
---
--- Fails: 400 bad form field; 403 not permitted; 404 unknown marker.
---@param marker string # collection marker
---@param body oneentry.NewCollectionRow
---@param langCode? string|string[] # language of the result; formData is sent as it is; config.langCode when nil
---@return oneentry.CollectionRow? value
---@return oneentry.Error? err
function IntegrationCollections.createICollectionRow(marker, body, langCode) end

--- Replaces a row of a collection.
---
--- Fails: 400 bad form field; 403 not permitted; 404 unknown marker or row.
---@param marker string # collection marker
---@param id integer # row id
---@param body oneentry.NewCollectionRow
---@param langCode? string|string[] # language of the result; formData is sent as it is; config.langCode when nil
---@return oneentry.CollectionRow? value
---@return oneentry.Error? err
function IntegrationCollections.updateICollectionRow(marker, id, body, langCode) end

--- Deletes a row of a collection.
---
--- Fails: 403 not permitted; 404 unknown marker or row.
---@param marker string # collection marker
---@param id integer # row id
---@return boolean? value
---@return oneentry.Error? err
function IntegrationCollections.deleteICollectionRowByMarkerAndId(marker, id) end

---@param token? string
---@return oneentry.IntegrationCollections.Table
function IntegrationCollections.setAccessToken(token) end

---@param token? string
---@return oneentry.IntegrationCollections.Table
function IntegrationCollections.setRefreshToken(token) end

---@class oneentry.async.IntegrationCollections
---@field getICollections fun(langCode?: string|string[], userQuery?: oneentry.CollectionQuery): oneentry.Future
---@field getICollectionById fun(id: integer, langCode?: string|string[]): oneentry.Future
---@field getICollectionRowsById fun(id: integer, langCode?: string|string[], userQuery?: oneentry.CollectionQuery): oneentry.Future
---@field validateICollectionMarker fun(marker: string): oneentry.Future
---@field getICollectionRowsByMarker fun(marker: string, langCode?: string|string[]): oneentry.Future
---@field getICollectionRowByMarkerAndId fun(marker: string, id: integer, langCode?: string|string[]): oneentry.Future
---@field createICollectionRow fun(marker: string, body: oneentry.NewCollectionRow, langCode?: string|string[]): oneentry.Future
---@field updateICollectionRow fun(marker: string, id: integer, body: oneentry.NewCollectionRow, langCode?: string|string[]): oneentry.Future
---@field deleteICollectionRowByMarkerAndId fun(marker: string, id: integer): oneentry.Future

---@class oneentry.prepare.IntegrationCollections
---@field getICollections fun(langCode?: string|string[], userQuery?: oneentry.CollectionQuery): oneentry.Request?, oneentry.Error?
---@field getICollectionById fun(id: integer, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getICollectionRowsById fun(id: integer, langCode?: string|string[], userQuery?: oneentry.CollectionQuery): oneentry.Request?, oneentry.Error?
---@field validateICollectionMarker fun(marker: string): oneentry.Request?, oneentry.Error?
---@field getICollectionRowsByMarker fun(marker: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getICollectionRowByMarkerAndId fun(marker: string, id: integer, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field createICollectionRow fun(marker: string, body: oneentry.NewCollectionRow, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field updateICollectionRow fun(marker: string, id: integer, body: oneentry.NewCollectionRow, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field deleteICollectionRowByMarkerAndId fun(marker: string, id: integer): oneentry.Request?, oneentry.Error?

--- The languages of the project.
---@class oneentry.Locales.Table
local Locales = {}

--- Active languages of the project.
---@return oneentry.Locale[]? value
---@return oneentry.Error? err
function Locales.getLocales() end

---@param token? string
---@return oneentry.Locales.Table
function Locales.setAccessToken(token) end

---@param token? string
---@return oneentry.Locales.Table
function Locales.setRefreshToken(token) end

---@class oneentry.async.Locales
---@field getLocales fun(): oneentry.Future

---@class oneentry.prepare.Locales
---@field getLocales fun(): oneentry.Request?, oneentry.Error?

--- Menus and their pages.
---@class oneentry.Menus.Table
local Menus = {}

--- A menu with its pages.
---
--- Fails: 404 unknown marker.
---@param marker string # menu marker
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Menu? value
---@return oneentry.Error? err
function Menus.getMenusByMarker(marker, langCode) end

---@param token? string
---@return oneentry.Menus.Table
function Menus.setAccessToken(token) end

---@param token? string
---@return oneentry.Menus.Table
function Menus.setRefreshToken(token) end

---@class oneentry.async.Menus
---@field getMenusByMarker fun(marker: string, langCode?: string|string[]): oneentry.Future

---@class oneentry.prepare.Menus
---@field getMenusByMarker fun(marker: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?

--- Storages, orders, statuses, refunds.
---@class oneentry.Orders.Table
local Orders = {}

--- Order storages of the project.
---
--- Fails: 401 no user session.
---@param langCode? string|string[] # locale; config.langCode when nil
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@return oneentry.Storage[]? value
---@return oneentry.Error? err
function Orders.getAllOrdersStorage(langCode, offset, limit) end

--- The user's orders of one storage.
---
--- Fails: 401 no user session; 404 unknown marker.
---@param marker string # storage marker
---@param langCode? string|string[] # locale; config.langCode when nil
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@return oneentry.Orders? value
---@return oneentry.Error? err
function Orders.getAllOrdersByMarker(marker, langCode, offset, limit) end

--- One order storage.
---
--- Fails: 401 no user session; 404 unknown marker.
---@param marker string # storage marker
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Storage? value
---@return oneentry.Error? err
function Orders.getOrdersStorageByMarker(marker, langCode) end

--- One order of the user.
---
--- Fails: 401 no user session; 404 unknown, or another user's.
---@param marker string # storage marker
---@param id integer # order id
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Order? value
---@return oneentry.Error? err
function Orders.getOrderByMarkerAndId(marker, id, langCode) end

--- Calculates the cost of an order. Nothing is stored; pass couponCode again to createOrder.
---
--- Fails: 401 no user session; 400 "Product <id> not found", unknown or expired coupon.
---@param body oneentry.NewPreview
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Preview? value
---@return oneentry.Error? err
function Orders.previewOrder(body, langCode) end

--- Creates an order. The server has no idempotency key: when err.sent is true, look for the order before repeating.
---
--- Fails: 401 no user session; 400 bad form field, product, coupon or account; 404 unknown marker.
---@param marker string # storage marker
---@param body oneentry.NewOrder
---@param langCode? string|string[] # language of formData and of the result; config.langCode when nil
---@return oneentry.WrittenOrder? value
---@return oneentry.Error? err
function Orders.createOrder(marker, body, langCode) end

--- Replaces an order. Cancelling is an update to the project's cancel status.
---
--- Fails: 401 no user session; 400 as createOrder, or a session that is paid or expired; 404 unknown.
---@param marker string # storage marker
---@param id integer # order id
---@param body oneentry.NewOrder
---@param langCode? string|string[] # language of formData and of the result; config.langCode when nil
---@return oneentry.WrittenOrder? value
---@return oneentry.Error? err
function Orders.updateOrderByMarkerAndId(marker, id, body, langCode) end

--- Statuses that orders of one storage can have.
---
--- Fails: 404 unknown marker.
---@param marker string # storage marker
---@param langCode? string|string[] # locale; config.langCode when nil
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@return oneentry.Status[]? value
---@return oneentry.Error? err
function Orders.getAllStatusesByStorageMarker(marker, langCode, offset, limit) end

--- Refund requests of one order.
---
--- Fails: 401 no user session; 403 not permitted; 404 unknown order.
---@param id integer # order id
---@return oneentry.Refund[]? value
---@return oneentry.Error? err
function Orders.getRefunds(id) end

--- Asks for a refund of a paid order.
---
--- Fails: 401 no user session; 404 "You cannot refund uncompleted order".
---@param id integer # order id
---@param body oneentry.NewRefund
---@return boolean? value
---@return oneentry.Error? err
function Orders.createRefundRequest(id, body) end

--- Withdraws the refund request of an order.
---
--- Fails: 401 no user session; 404 "Request not found".
---@param id integer # order id
---@return boolean? value
---@return oneentry.Error? err
function Orders.cancelRefundRequest(id) end

---@param token? string
---@return oneentry.Orders.Table
function Orders.setAccessToken(token) end

---@param token? string
---@return oneentry.Orders.Table
function Orders.setRefreshToken(token) end

---@class oneentry.async.Orders
---@field getAllOrdersStorage fun(langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Future
---@field getAllOrdersByMarker fun(marker: string, langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Future
---@field getOrdersStorageByMarker fun(marker: string, langCode?: string|string[]): oneentry.Future
---@field getOrderByMarkerAndId fun(marker: string, id: integer, langCode?: string|string[]): oneentry.Future
---@field previewOrder fun(body: oneentry.NewPreview, langCode?: string|string[]): oneentry.Future
---@field createOrder fun(marker: string, body: oneentry.NewOrder, langCode?: string|string[]): oneentry.Future
---@field updateOrderByMarkerAndId fun(marker: string, id: integer, body: oneentry.NewOrder, langCode?: string|string[]): oneentry.Future
---@field getAllStatusesByStorageMarker fun(marker: string, langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Future
---@field getRefunds fun(id: integer): oneentry.Future
---@field createRefundRequest fun(id: integer, body: oneentry.NewRefund): oneentry.Future
---@field cancelRefundRequest fun(id: integer): oneentry.Future

---@class oneentry.prepare.Orders
---@field getAllOrdersStorage fun(langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Request?, oneentry.Error?
---@field getAllOrdersByMarker fun(marker: string, langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Request?, oneentry.Error?
---@field getOrdersStorageByMarker fun(marker: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getOrderByMarkerAndId fun(marker: string, id: integer, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field previewOrder fun(body: oneentry.NewPreview, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field createOrder fun(marker: string, body: oneentry.NewOrder, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field updateOrderByMarkerAndId fun(marker: string, id: integer, body: oneentry.NewOrder, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getAllStatusesByStorageMarker fun(marker: string, langCode?: string|string[], offset?: integer, limit?: integer): oneentry.Request?, oneentry.Error?
---@field getRefunds fun(id: integer): oneentry.Request?, oneentry.Error?
---@field createRefundRequest fun(id: integer, body: oneentry.NewRefund): oneentry.Request?, oneentry.Error?
---@field cancelRefundRequest fun(id: integer): oneentry.Request?, oneentry.Error?

--- The tree of pages.
---@class oneentry.Pages.Table
local Pages = {}

--- The pages that have no parent.
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Page[]? value
---@return oneentry.Error? err
function Pages.getRootPages(langCode) end

--- All pages.
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Page[]? value
---@return oneentry.Error? err
function Pages.getPages(langCode) end

--- One page.
---
--- Fails: 404 unknown.
---@param id integer # page id
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Page? value
---@return oneentry.Error? err
function Pages.getPageById(id, langCode) end

--- One page.
---
--- Fails: 404 unknown page.
---@param url string # url of the page, such as "about/our-team"
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Page? value
---@return oneentry.Error? err
function Pages.getPageByUrl(url, langCode) end

--- The pages below a page.
---
--- Fails: 404 unknown page.
---@param url string # url of the page, such as "about/our-team"
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Page[]? value
---@return oneentry.Error? err
function Pages.getChildPagesByParentUrl(url, langCode) end

--- The blocks of a page, without their products.
---
--- Fails: 404 unknown page.
---@param url string # url of the page, such as "about/our-team"
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Block[]? value
---@return oneentry.Error? err
function Pages.getBlocksByPageUrl(url, langCode) end

--- How a page shows its products.
---
--- Fails: 404 unknown page.
---@param url string # url of the page, such as "about/our-team"
---@return oneentry.PageConfig? value
---@return oneentry.Error? err
function Pages.getConfigPageByUrl(url) end

--- Pages whose title has the text.
---@param name string # text
---@param url? string # only below the page of this url
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Page[]? value
---@return oneentry.Error? err
function Pages.searchPage(name, url, langCode) end

---@param token? string
---@return oneentry.Pages.Table
function Pages.setAccessToken(token) end

---@param token? string
---@return oneentry.Pages.Table
function Pages.setRefreshToken(token) end

---@class oneentry.async.Pages
---@field getRootPages fun(langCode?: string|string[]): oneentry.Future
---@field getPages fun(langCode?: string|string[]): oneentry.Future
---@field getPageById fun(id: integer, langCode?: string|string[]): oneentry.Future
---@field getPageByUrl fun(url: string, langCode?: string|string[]): oneentry.Future
---@field getChildPagesByParentUrl fun(url: string, langCode?: string|string[]): oneentry.Future
---@field getBlocksByPageUrl fun(url: string, langCode?: string|string[]): oneentry.Future
---@field getConfigPageByUrl fun(url: string): oneentry.Future
---@field searchPage fun(name: string, url?: string, langCode?: string|string[]): oneentry.Future

---@class oneentry.prepare.Pages
---@field getRootPages fun(langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getPages fun(langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getPageById fun(id: integer, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getPageByUrl fun(url: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getChildPagesByParentUrl fun(url: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getBlocksByPageUrl fun(url: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getConfigPageByUrl fun(url: string): oneentry.Request?, oneentry.Error?
---@field searchPage fun(name: string, url?: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?

--- Payment sessions of orders, and the accounts they are paid to.
---@class oneentry.Payments.Table
local Payments = {}

--- Payment sessions of the user, newest first.
---
--- Fails: 401 no user session.
---@param offset? integer # first item, from 0; 0 when nil
---@param limit? integer # items at most; a restricted project caps it at 10; 30 when nil
---@return oneentry.PaymentSessions? value
---@return oneentry.Error? err
function Payments.getSessions(offset, limit) end

--- One payment session.
---
--- Fails: 401 no user session; 404 unknown, or another user's.
---@param id integer # session id
---@return oneentry.PaymentSession? value
---@return oneentry.Error? err
function Payments.getSessionById(id) end

--- All payment sessions of one order, canceled ones included: look for the one that is waiting.
---
--- Fails: 401 no user session; 404 unknown order, or another user's.
---@param id integer # order id
---@return (oneentry.PaymentSession|oneentry.PaymentSession[])? value # a list; older servers send a single session
---@return oneentry.Error? err
function Payments.getSessionByOrderId(id) end

--- The order's session that is waiting to be paid.
---
--- Fails: 401 no user session; 404 unknown order, or another user's.
---@param orderId integer # order id
---@return (oneentry.PaymentSession|boolean)? value # the newest if there are several; false when none is waiting
---@return oneentry.Error? err
function Payments.getWaitingSession(orderId) end

--- Waits until a payment session is no longer waiting: paid, canceled or expired.
---
--- Fails: 401 no user session; timeout still waiting then; 404 unknown, or another user's.
---@param id integer # session id
---@param options? oneentry.WaitOptions
---@return oneentry.PaymentSession? value # its status not "waiting"
---@return oneentry.Error? err
function Payments.waitForSession(id, options) end

--- Opens a payment session for an order; the server cancels the order's waiting one.
---
--- Fails: 401 no user session; 400 the payment account is not connected; 404 unknown order.
---@param orderId integer # order id
---@param type "session"|"intent" # a page to pay at (paymentUrl), or a clientSecret
---@param automaticTaxEnabled? boolean # have the payment provider add taxes; false when nil
---@return oneentry.PaymentSession? value
---@return oneentry.Error? err
function Payments.createSession(orderId, type, automaticTaxEnabled) end

--- Payment accounts of the project.
---
--- Fails: 401 no user session; 403 not permitted.
---@return oneentry.PaymentAccount[]? value
---@return oneentry.Error? err
function Payments.getAccounts() end

--- One payment account.
---
--- Fails: 401 no user session; 404 unknown.
---@param id integer # account id
---@return oneentry.PaymentAccount? value
---@return oneentry.Error? err
function Payments.getAccountById(id) end

---@param token? string
---@return oneentry.Payments.Table
function Payments.setAccessToken(token) end

---@param token? string
---@return oneentry.Payments.Table
function Payments.setRefreshToken(token) end

---@class oneentry.async.Payments
---@field getSessions fun(offset?: integer, limit?: integer): oneentry.Future
---@field getSessionById fun(id: integer): oneentry.Future
---@field getSessionByOrderId fun(id: integer): oneentry.Future
---@field getWaitingSession fun(orderId: integer): oneentry.Future
---@field waitForSession fun(id: integer, options?: oneentry.WaitOptions): oneentry.Future
---@field createSession fun(orderId: integer, type: "session"|"intent", automaticTaxEnabled?: boolean): oneentry.Future
---@field getAccounts fun(): oneentry.Future
---@field getAccountById fun(id: integer): oneentry.Future

---@class oneentry.prepare.Payments
---@field getSessions fun(offset?: integer, limit?: integer): oneentry.Request?, oneentry.Error?
---@field getSessionById fun(id: integer): oneentry.Request?, oneentry.Error?
---@field getSessionByOrderId fun(id: integer): oneentry.Request?, oneentry.Error?
---@field getWaitingSession fun(orderId: integer): oneentry.Request?, oneentry.Error?
---@field waitForSession fun(id: integer, options?: oneentry.WaitOptions): oneentry.Request?, oneentry.Error?
---@field createSession fun(orderId: integer, type: "session"|"intent", automaticTaxEnabled?: boolean): oneentry.Request?, oneentry.Error?
---@field getAccounts fun(): oneentry.Request?, oneentry.Error?
---@field getAccountById fun(id: integer): oneentry.Request?, oneentry.Error?

--- Statuses that products can have.
---@class oneentry.ProductStatuses.Table
local ProductStatuses = {}

--- Statuses of products.
---@param langCode? string|string[] # language of the result; the server is not told; config.langCode when nil
---@return oneentry.ProductStatus[]? value
---@return oneentry.Error? err
function ProductStatuses.getProductStatuses(langCode) end

--- One status of products.
---
--- Fails: 404 unknown marker.
---@param marker string # status marker
---@param langCode? string|string[] # language of the result; the server is not told; config.langCode when nil
---@return oneentry.ProductStatus? value
---@return oneentry.Error? err
function ProductStatuses.getProductsByStatusMarker(marker, langCode) end

--- Tells whether a status has the marker.
---@param marker string # status marker
---@return boolean? value
---@return oneentry.Error? err
function ProductStatuses.validateMarker(marker) end

---@param token? string
---@return oneentry.ProductStatuses.Table
function ProductStatuses.setAccessToken(token) end

---@param token? string
---@return oneentry.ProductStatuses.Table
function ProductStatuses.setRefreshToken(token) end

---@class oneentry.async.ProductStatuses
---@field getProductStatuses fun(langCode?: string|string[]): oneentry.Future
---@field getProductsByStatusMarker fun(marker: string, langCode?: string|string[]): oneentry.Future
---@field validateMarker fun(marker: string): oneentry.Future

---@class oneentry.prepare.ProductStatuses
---@field getProductStatuses fun(langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getProductsByStatusMarker fun(marker: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field validateMarker fun(marker: string): oneentry.Request?, oneentry.Error?

--- Products, their prices and numbers.
---@class oneentry.Products.Table
local Products = {}

--- Products of the project.
---@param body? oneentry.Filter[] # filters; all of them hold; [] when nil
---@param langCode? string|string[] # locale; config.langCode when nil
---@param userQuery? oneentry.ProductsQuery # parameters by their names
---@return oneentry.Products? value
---@return oneentry.Error? err
function Products.getProducts(body, langCode, userQuery) end

--- Products of a page.
---
--- Fails: 404 unknown page.
---@param id integer # page id
---@param body? oneentry.Filter[] # filters; all of them hold; [] when nil
---@param langCode? string|string[] # locale; config.langCode when nil
---@param userQuery? oneentry.ProductsQuery # parameters by their names
---@return oneentry.Products? value
---@return oneentry.Error? err
function Products.getProductsByPageId(id, body, langCode, userQuery) end

--- Products of a page.
---
--- Fails: 404 unknown page.
---@param url string # url of the page, such as "shop/shoes"
---@param body? oneentry.Filter[] # filters; all of them hold; [] when nil
---@param langCode? string|string[] # locale; config.langCode when nil
---@param userQuery? oneentry.ProductsQuery # parameters by their names
---@return oneentry.Products? value
---@return oneentry.Error? err
function Products.getProductsByPageUrl(url, body, langCode, userQuery) end

--- Products that are related to one.
---
--- Fails: 404 unknown.
---@param id integer # product id
---@param langCode? string|string[] # locale; config.langCode when nil
---@param userQuery? oneentry.ProductsQuery # parameters by their names
---@return oneentry.Products? value
---@return oneentry.Error? err
function Products.getRelatedProductsById(id, langCode, userQuery) end

--- Some products.
---@param ids string|integer[] # a list of product ids, or a text of them with commas between
---@param langCode? string|string[] # locale; config.langCode when nil
---@param userQuery? oneentry.ProductsQuery # parameters by their names
---@return oneentry.Product[]? value # those that there are; of a list, in its order
---@return oneentry.Error? err
function Products.getProductsByIds(ids, langCode, userQuery) end

--- One product.
---
--- Fails: 404 unknown.
---@param id integer # product id
---@param langCode? string|string[] # locale; config.langCode when nil
---@param isNormalized? boolean
---@return oneentry.Product? value
---@return oneentry.Error? err
function Products.getProductById(id, langCode, isNormalized) end

--- Products whose title has the text.
---@param name string # text
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Product[]? value
---@return oneentry.Error? err
function Products.searchProduct(name, langCode) end

--- Products that are on no page, in groups.
---@param body? table # how to choose them; {} when nil
---@param langCode? string|string[] # locale; config.langCode when nil
---@param userQuery? oneentry.ProductsQuery # parameters by their names
---@return oneentry.ProductGroup[]? value
---@return oneentry.Error? err
function Products.getProductsEmptyPage(body, langCode, userQuery) end

--- Prices of the products of a page.
---
--- Fails: 404 unknown page.
---@param url string # url of the page, such as "shop/shoes"
---@param langCode? string|string[] # locale; config.langCode when nil
---@param userQuery? oneentry.ProductsQuery # parameters by their names
---@return oneentry.ProductPrices? value
---@return oneentry.Error? err
function Products.getProductsPriceByPageUrl(url, langCode, userQuery) end

--- The blocks of a product.
---
--- Fails: 404 unknown.
---@param id integer # product id
---@return oneentry.ProductBlock[]? value
---@return oneentry.Error? err
function Products.getProductBlockById(id) end

--- Counts products.
---@param body? oneentry.Filter[] # filters; all of them hold; [] when nil
---@return oneentry.ProductsCount? value
---@return oneentry.Error? err
function Products.getProductsCount(body) end

--- Counts the products of a page.
---
--- Fails: 404 unknown page.
---@param id integer # page id
---@param body? oneentry.Filter[] # filters; all of them hold; [] when nil
---@return oneentry.ProductsCount? value
---@return oneentry.Error? err
function Products.getProductsCountByPageId(id, body) end

--- Counts the products of a page.
---
--- Fails: 404 unknown page.
---@param url string # url of the page, such as "shop/shoes"
---@param body? oneentry.Filter[] # filters; all of them hold; [] when nil
---@return oneentry.ProductsCount? value
---@return oneentry.Error? err
function Products.getProductsCountByPageUrl(url, body) end

---@param token? string
---@return oneentry.Products.Table
function Products.setAccessToken(token) end

---@param token? string
---@return oneentry.Products.Table
function Products.setRefreshToken(token) end

---@class oneentry.async.Products
---@field getProducts fun(body?: oneentry.Filter[], langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Future
---@field getProductsByPageId fun(id: integer, body?: oneentry.Filter[], langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Future
---@field getProductsByPageUrl fun(url: string, body?: oneentry.Filter[], langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Future
---@field getRelatedProductsById fun(id: integer, langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Future
---@field getProductsByIds fun(ids: string|integer[], langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Future
---@field getProductById fun(id: integer, langCode?: string|string[], isNormalized?: boolean): oneentry.Future
---@field searchProduct fun(name: string, langCode?: string|string[]): oneentry.Future
---@field getProductsEmptyPage fun(body?: table, langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Future
---@field getProductsPriceByPageUrl fun(url: string, langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Future
---@field getProductBlockById fun(id: integer): oneentry.Future
---@field getProductsCount fun(body?: oneentry.Filter[]): oneentry.Future
---@field getProductsCountByPageId fun(id: integer, body?: oneentry.Filter[]): oneentry.Future
---@field getProductsCountByPageUrl fun(url: string, body?: oneentry.Filter[]): oneentry.Future

---@class oneentry.prepare.Products
---@field getProducts fun(body?: oneentry.Filter[], langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Request?, oneentry.Error?
---@field getProductsByPageId fun(id: integer, body?: oneentry.Filter[], langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Request?, oneentry.Error?
---@field getProductsByPageUrl fun(url: string, body?: oneentry.Filter[], langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Request?, oneentry.Error?
---@field getRelatedProductsById fun(id: integer, langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Request?, oneentry.Error?
---@field getProductsByIds fun(ids: string|integer[], langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Request?, oneentry.Error?
---@field getProductById fun(id: integer, langCode?: string|string[], isNormalized?: boolean): oneentry.Request?, oneentry.Error?
---@field searchProduct fun(name: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getProductsEmptyPage fun(body?: table, langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Request?, oneentry.Error?
---@field getProductsPriceByPageUrl fun(url: string, langCode?: string|string[], userQuery?: oneentry.ProductsQuery): oneentry.Request?, oneentry.Error?
---@field getProductBlockById fun(id: integer): oneentry.Request?, oneentry.Error?
---@field getProductsCount fun(body?: oneentry.Filter[]): oneentry.Request?, oneentry.Error?
---@field getProductsCountByPageId fun(id: integer, body?: oneentry.Filter[]): oneentry.Request?, oneentry.Error?
---@field getProductsCountByPageUrl fun(url: string, body?: oneentry.Filter[]): oneentry.Request?, oneentry.Error?

--- Sitemaps of the site.
---@class oneentry.Sitemap.Table
local Sitemap = {}

--- Urls of the sitemaps.
---@return string[]? value
---@return oneentry.Error? err
function Sitemap.getSitemap() end

--- Makes the sitemaps anew.
---@param body oneentry.SitemapQuery
---@return string[]? value # urls of the sitemaps
---@return oneentry.Error? err
function Sitemap.updateSitemap(body) end

---@param token? string
---@return oneentry.Sitemap.Table
function Sitemap.setAccessToken(token) end

---@param token? string
---@return oneentry.Sitemap.Table
function Sitemap.setRefreshToken(token) end

---@class oneentry.async.Sitemap
---@field getSitemap fun(): oneentry.Future
---@field updateSitemap fun(body: oneentry.SitemapQuery): oneentry.Future

---@class oneentry.prepare.Sitemap
---@field getSitemap fun(): oneentry.Request?, oneentry.Error?
---@field updateSitemap fun(body: oneentry.SitemapQuery): oneentry.Request?, oneentry.Error?

--- Checks of a client, and figures of the API.
---@class oneentry.System.Table
local System = {}

--- Fails with 404: for checks of how an application takes it.
---
--- Fails: 404 always.
---@return any? value
---@return oneentry.Error? err
function System.test404() end

--- Fails with 500: for checks of how an application takes it.
---
--- Fails: 500 always.
---@return any? value
---@return oneentry.Error? err
function System.test500() end

--- Figures of the API's use.
---@return any? value
---@return oneentry.Error? err
function System.getApiStat() end

---@param token? string
---@return oneentry.System.Table
function System.setAccessToken(token) end

---@param token? string
---@return oneentry.System.Table
function System.setRefreshToken(token) end

---@class oneentry.async.System
---@field test404 fun(): oneentry.Future
---@field test500 fun(): oneentry.Future
---@field getApiStat fun(): oneentry.Future

---@class oneentry.prepare.System
---@field test404 fun(): oneentry.Request?, oneentry.Error?
---@field test500 fun(): oneentry.Request?, oneentry.Error?
---@field getApiStat fun(): oneentry.Request?, oneentry.Error?

--- Templates of previews of images.
---@class oneentry.TemplatePreviews.Table
local TemplatePreviews = {}

--- Templates of previews.
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.TemplatePreview[]? value
---@return oneentry.Error? err
function TemplatePreviews.getTemplatePreviews(langCode) end

--- One template of previews.
---
--- Fails: 404 unknown marker.
---@param marker string # marker of the template
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.TemplatePreview? value
---@return oneentry.Error? err
function TemplatePreviews.getTemplatePreviewByMarker(marker, langCode) end

---@param token? string
---@return oneentry.TemplatePreviews.Table
function TemplatePreviews.setAccessToken(token) end

---@param token? string
---@return oneentry.TemplatePreviews.Table
function TemplatePreviews.setRefreshToken(token) end

---@class oneentry.async.TemplatePreviews
---@field getTemplatePreviews fun(langCode?: string|string[]): oneentry.Future
---@field getTemplatePreviewByMarker fun(marker: string, langCode?: string|string[]): oneentry.Future

---@class oneentry.prepare.TemplatePreviews
---@field getTemplatePreviews fun(langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getTemplatePreviewByMarker fun(marker: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?

--- Templates of pages, blocks and products.
---@class oneentry.Templates.Table
local Templates = {}

--- All templates, by type.
---@param langCode? string|string[] # locale; config.langCode when nil
---@return table? value # by type, a list of templates
---@return oneentry.Error? err
function Templates.getAllTemplates(langCode) end

--- Templates of one type.
---@param type string # type, such as "common_page" or "product"
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Template[]? value
---@return oneentry.Error? err
function Templates.getTemplateByType(type, langCode) end

--- One template.
---
--- Fails: 404 unknown marker.
---@param marker string # template marker
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.Template? value
---@return oneentry.Error? err
function Templates.getTemplateByMarker(marker, langCode) end

---@param token? string
---@return oneentry.Templates.Table
function Templates.setAccessToken(token) end

---@param token? string
---@return oneentry.Templates.Table
function Templates.setRefreshToken(token) end

---@class oneentry.async.Templates
---@field getAllTemplates fun(langCode?: string|string[]): oneentry.Future
---@field getTemplateByType fun(type: string, langCode?: string|string[]): oneentry.Future
---@field getTemplateByMarker fun(marker: string, langCode?: string|string[]): oneentry.Future

---@class oneentry.prepare.Templates
---@field getAllTemplates fun(langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getTemplateByType fun(type: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field getTemplateByMarker fun(marker: string, langCode?: string|string[]): oneentry.Request?, oneentry.Error?

--- The logged-in user.
---@class oneentry.Users.Table
local Users = {}

--- The logged-in user.
---
--- Fails: 401 no user session.
---@param langCode? string|string[] # locale; config.langCode when nil
---@return oneentry.User? value
---@return oneentry.Error? err
function Users.getUser(langCode) end

--- Changes the logged-in user. formData and notificationData replace what is stored.
---
--- Fails: 401 no user session; 400 "Login or password values are missed": authData with anything else.
---@param body oneentry.UserChange
---@param langCode? string|string[] # language of formData; config.langCode when nil
---@return boolean? value
---@return oneentry.Error? err
function Users.updateUser(body, langCode) end

--- Archives the logged-in user.
---
--- Fails: 401 no user session.
---@return boolean? value
---@return oneentry.Error? err
function Users.archiveUser() end

--- Deletes the logged-in user's account for good.
---
--- Fails: 401 no user session.
---@return boolean? value
---@return oneentry.Error? err
function Users.deleteUser() end

--- Registers a token for push messages.
---
--- Fails: 401 no user session.
---@param token string # token of Firebase Cloud Messaging
---@return boolean? value
---@return oneentry.Error? err
function Users.addFCMToken(token) end

--- Removes a token for push messages.
---
--- Fails: 401 no user session; 404 unknown token.
---@param token string # token of Firebase Cloud Messaging
---@return boolean? value
---@return oneentry.Error? err
function Users.deleteFCMToken(token) end

---@param token? string
---@return oneentry.Users.Table
function Users.setAccessToken(token) end

---@param token? string
---@return oneentry.Users.Table
function Users.setRefreshToken(token) end

---@class oneentry.async.Users
---@field getUser fun(langCode?: string|string[]): oneentry.Future
---@field updateUser fun(body: oneentry.UserChange, langCode?: string|string[]): oneentry.Future
---@field archiveUser fun(): oneentry.Future
---@field deleteUser fun(): oneentry.Future
---@field addFCMToken fun(token: string): oneentry.Future
---@field deleteFCMToken fun(token: string): oneentry.Future

---@class oneentry.prepare.Users
---@field getUser fun(langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field updateUser fun(body: oneentry.UserChange, langCode?: string|string[]): oneentry.Request?, oneentry.Error?
---@field archiveUser fun(): oneentry.Request?, oneentry.Error?
---@field deleteUser fun(): oneentry.Request?, oneentry.Error?
---@field addFCMToken fun(token: string): oneentry.Request?, oneentry.Error?
---@field deleteFCMToken fun(token: string): oneentry.Request?, oneentry.Error?

---@class oneentry.Tables
---@field Admins oneentry.Admins.Table # Administrators of the project.
---@field AttributesSets oneentry.AttributesSets.Table # Sets of attributes, and what each attribute is.
---@field AuthProvider oneentry.AuthProvider.Table # Registration, login, codes, tokens.
---@field Blocks oneentry.Blocks.Table # Blocks of pages, and their products.
---@field Discounts oneentry.Discounts.Table # Discounts, bonuses and coupons.
---@field Events oneentry.Events.Table # Subscriptions to changes of products.
---@field FileUploading oneentry.FileUploading.Table # Files of the project: sent, fetched, deleted.
---@field FormData oneentry.FormData.Table # What was entered into forms.
---@field Forms oneentry.Forms.Table # Forms and their fields.
---@field GeneralTypes oneentry.GeneralTypes.Table # Types of things in the project.
---@field IntegrationCollections oneentry.IntegrationCollections.Table # Tables of your own: collections and their rows.
---@field Locales oneentry.Locales.Table # The languages of the project.
---@field Menus oneentry.Menus.Table # Menus and their pages.
---@field Orders oneentry.Orders.Table # Storages, orders, statuses, refunds.
---@field Pages oneentry.Pages.Table # The tree of pages.
---@field Payments oneentry.Payments.Table # Payment sessions of orders, and the accounts they are paid to.
---@field ProductStatuses oneentry.ProductStatuses.Table # Statuses that products can have.
---@field Products oneentry.Products.Table # Products, their prices and numbers.
---@field Sitemap oneentry.Sitemap.Table # Sitemaps of the site.
---@field System oneentry.System.Table # Checks of a client, and figures of the API.
---@field TemplatePreviews oneentry.TemplatePreviews.Table # Templates of previews of images.
---@field Templates oneentry.Templates.Table # Templates of pages, blocks and products.
---@field Users oneentry.Users.Table # The logged-in user.

---@class oneentry.AsyncTables
---@field Admins oneentry.async.Admins # Administrators of the project.
---@field AttributesSets oneentry.async.AttributesSets # Sets of attributes, and what each attribute is.
---@field AuthProvider oneentry.async.AuthProvider # Registration, login, codes, tokens.
---@field Blocks oneentry.async.Blocks # Blocks of pages, and their products.
---@field Discounts oneentry.async.Discounts # Discounts, bonuses and coupons.
---@field Events oneentry.async.Events # Subscriptions to changes of products.
---@field FileUploading oneentry.async.FileUploading # Files of the project: sent, fetched, deleted.
---@field FormData oneentry.async.FormData # What was entered into forms.
---@field Forms oneentry.async.Forms # Forms and their fields.
---@field GeneralTypes oneentry.async.GeneralTypes # Types of things in the project.
---@field IntegrationCollections oneentry.async.IntegrationCollections # Tables of your own: collections and their rows.
---@field Locales oneentry.async.Locales # The languages of the project.
---@field Menus oneentry.async.Menus # Menus and their pages.
---@field Orders oneentry.async.Orders # Storages, orders, statuses, refunds.
---@field Pages oneentry.async.Pages # The tree of pages.
---@field Payments oneentry.async.Payments # Payment sessions of orders, and the accounts they are paid to.
---@field ProductStatuses oneentry.async.ProductStatuses # Statuses that products can have.
---@field Products oneentry.async.Products # Products, their prices and numbers.
---@field Sitemap oneentry.async.Sitemap # Sitemaps of the site.
---@field System oneentry.async.System # Checks of a client, and figures of the API.
---@field TemplatePreviews oneentry.async.TemplatePreviews # Templates of previews of images.
---@field Templates oneentry.async.Templates # Templates of pages, blocks and products.
---@field Users oneentry.async.Users # The logged-in user.

---@class oneentry.PrepareTables
---@field Admins oneentry.prepare.Admins # Administrators of the project.
---@field AttributesSets oneentry.prepare.AttributesSets # Sets of attributes, and what each attribute is.
---@field AuthProvider oneentry.prepare.AuthProvider # Registration, login, codes, tokens.
---@field Blocks oneentry.prepare.Blocks # Blocks of pages, and their products.
---@field Discounts oneentry.prepare.Discounts # Discounts, bonuses and coupons.
---@field Events oneentry.prepare.Events # Subscriptions to changes of products.
---@field FileUploading oneentry.prepare.FileUploading # Files of the project: sent, fetched, deleted.
---@field FormData oneentry.prepare.FormData # What was entered into forms.
---@field Forms oneentry.prepare.Forms # Forms and their fields.
---@field GeneralTypes oneentry.prepare.GeneralTypes # Types of things in the project.
---@field IntegrationCollections oneentry.prepare.IntegrationCollections # Tables of your own: collections and their rows.
---@field Locales oneentry.prepare.Locales # The languages of the project.
---@field Menus oneentry.prepare.Menus # Menus and their pages.
---@field Orders oneentry.prepare.Orders # Storages, orders, statuses, refunds.
---@field Pages oneentry.prepare.Pages # The tree of pages.
---@field Payments oneentry.prepare.Payments # Payment sessions of orders, and the accounts they are paid to.
---@field ProductStatuses oneentry.prepare.ProductStatuses # Statuses that products can have.
---@field Products oneentry.prepare.Products # Products, their prices and numbers.
---@field Sitemap oneentry.prepare.Sitemap # Sitemaps of the site.
---@field System oneentry.prepare.System # Checks of a client, and figures of the API.
---@field TemplatePreviews oneentry.prepare.TemplatePreviews # Templates of previews of images.
---@field Templates oneentry.prepare.Templates # Templates of pages, blocks and products.
---@field Users oneentry.prepare.Users # The logged-in user.

--- Why a call failed.
---@class oneentry.Error
---@field code "http"|"dns"|"connect"|"tls"|"timeout"|"network"|"too_large"|"invalid_response"|"validation"|"file"|"cancelled"|"closed"
---@field message string
---@field statusCode? integer # the HTTP status, whenever there was one
---@field sent boolean # false: the request certainly did not reach the server
---@field method string
---@field path string # template, without values
---@field attempts integer
---@field retryAfter? integer # seconds
---@field body? any # the server's body, decoded
---@field validationErrors? { path: string, expected: string, received: string }[]
---@field [string] any # members of the server's error

--- A call under way.
---@class oneentry.Future
local Future = {}

--- Waits for the answer.
---@return any value
---@return oneentry.Error? err
function Future:await() end

--- Tells whether the answer has come; does not wait.
---@return boolean
function Future:done() end

--- Gives the call up.
function Future:cancel() end

--- A request that was written and not sent.
---@class oneentry.Request
---@field method string
---@field url string
---@field headers table<string, string>
---@field body? string

---@class oneentry.Device
---@field fingerprint? string
---@field os? string
---@field browser? string
---@field location? string

--- One user's tokens and device, to be kept in a store of your own.
---@class oneentry.Saved
---@field accessToken? string
---@field refreshToken? string
---@field providerMarker? string
---@field device? oneentry.Device
---@field saveFunction? fun(token: string) # gets each new refresh token, and "" after logout

---@class oneentry.Config
---@field token? string # app token
---@field langCode? string|string[] # a language, or several, the best first; "en_US"
---@field timeout? number # seconds for a whole call, 30
---@field connectTimeout? number # seconds, 10
---@field maxRetries? integer # repetitions of a read, 2
---@field maxResponseSize? integer # bytes, 64 MiB
---@field maxValues? integer # values of an answer, 1,000,000
---@field maxConnections? integer
---@field maxConnectionAge? number # seconds, 300
---@field tls? { caFile?: string, caPath?: string, certFile?: string, keyFile?: string, keyPassword?: string }
---@field proxy? string # a url, or "env"
---@field userAgent? string
---@field device? oneentry.Device
---@field nulls? boolean # keep null members
---@field rawData? boolean # do not shape replies
---@field validation? { enabled?: boolean, strictMode?: boolean, logErrors?: boolean }
---@field hooks? { request?: fun(event: table), response?: fun(event: table) }
---@field debug? boolean
---@field driver? "blocking"|"openresty"|"cqueues"|"copas"|"luv"|{ wait: fun(fd: integer, seconds: number): boolean, ready?: fun(): boolean, spawn?: fun(f: function): boolean }
---@field traficLimit? boolean
---@field auth? { accessToken?: string, refreshToken?: string, providerMarker?: string, saveFunction?: fun(token: string), customAuth?: boolean }
---@field errors? { isShell?: boolean, customErrors?: table<integer, fun(err: oneentry.Error)>, callback?: fun(problem: any, where: string) }

--- The tables for one user.
---@class oneentry.Session: oneentry.Tables
---@field async oneentry.AsyncTables # their functions return futures
---@field prepare oneentry.PrepareTables # their functions send nothing
local Session = {}

--- Returns the tables for another user, over the same connections.
---@param saved? oneentry.Saved
---@return oneentry.Session
function Session.session(saved) end

--- Returns what to keep for this user.
---@return oneentry.Saved
function Session.getSession() end

--- Ends connections and cancels what is in flight.
function Session.close() end

---@class oneentry
---@field null lightuserdata # JSON null
---@field _VERSION string
local oneentry = {}

--- Makes a client.
---@param url string # of the project
---@param config? string|oneentry.Config # app token, or configuration
---@return oneentry.Session
function oneentry.define(url, config) end

--- Waits for several futures.
---@param futures oneentry.Future[]
---@param mode? "settled" # wait for all, whatever becomes of each
---@return any[]? values
---@return oneentry.Error|table<integer, oneentry.Error>|nil err
function oneentry.all(futures, mode) end

--- Iterates over the items of a list, however many pages it has; raises the err of a page that fails.
---@param method function # of a client, that returns a list
---@param ... any # its arguments
---@return fun(): any item
function oneentry.each(method, ...) end

--- Marks a table as a list, so that it is sent as one when it is empty.
---@generic T: table
---@param t T
---@return T
function oneentry.array(t) end

--- Tells whether a value is an error of this module.
---@param x any
---@return boolean
function oneentry.is_error(x) end

--- Returns a value as readable text, with secrets masked.
---@param value any
---@return string
function oneentry.pretty(value) end

--- Returns a value as JSON; lists of results stay lists.
---@param value any
---@return string
function oneentry.encode(value) end

--- Iterates over attributes by their position.
---@param map table<string, table>
---@return fun(): string?, table?
function oneentry.ordered(map) end

--- Returns every method, entity and table as data.
---@return table[] methods
---@return table[] entities
---@return table[] tables
function oneentry.rows() end

--- Tells whether the running coroutine may yield to its event loop; not so in an iterator. For the `ready` of a driver.
---@param by? function # one of the event loop, where that is written in Lua
---@return boolean? is_task # nil: it cannot be told
function oneentry.is_task(by) end

--- Returns an alarm, for drivers of loops without timers.
---@return userdata
function oneentry.alarm() end

return oneentry
