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
