-- oneentry.each: the items of a list, page after page. `core` is the C half (each.c), `wait` is oneentry.all.
--
-- A server may send fewer items than it was asked for: the next page begins behind what came. With a driver it is asked for as soon
-- as this one is there, else when this one has been used.

local encode = require "oneentry".encode
local null = require "oneentry".null

local error, next, setmetatable, tonumber, type = error, next, setmetatable, tonumber, type
local select, unpack = select, table.unpack or unpack -- luacheck: ignore

return function(core, wait)
  -- The items of a reply, and how many there are in all, if it says so. An object without items is one.
  local function items_of(value)
    if type(value) ~= "table" then return {} end
    if type(value.items) == "table" then return value.items, tonumber(value.total) end
    if #value == 0 and next(value) ~= nil then return { value } end
    return value
  end

  local function key_of(item)
    local id = type(item) == "table" and item.id
    return (type(id) == "number" or type(id) == "string") and id or encode(item)
  end

  local function ask(pages)
    local arguments, place = pages.arguments, pages.place
    if pages.in_query and pages.begun then
      if type(arguments[place]) ~= "table" then arguments[place] = {} end
      arguments[place].offset = pages.offset
    elseif pages.begun and place then
      arguments[place] = pages.offset
    end
    pages.begun = true
    local future = pages.start(unpack(arguments, 1, pages.n))
    return future
  end

  local function result_of(future)
    local values, errors = wait({ future }, "settled")
    return values[1], errors and errors[1]
  end

  -- Takes the answer. A request that was made early and got none may have waited for its reader for too long: it is made again.
  local function answer(pages)
    local future, early = pages.future or ask(pages), pages.early
    pages.future, pages.early, pages.more, pages.waiting = nil, false, false, true
    local value, err = result_of(future)
    if early and type(err) == "table" and not err.statusCode then
      future = ask(pages)
      value, err = result_of(future)
    end
    pages.waiting = false
    if err then error(err, 0) end
    return future, value
  end

  -- Goes to the first item of the next page; false: there is none.
  local function turn(pages)
    if pages.waiting then error("another coroutine waits for the next page of this iterator", 0) end
    if not pages.more then return false end
    local future, value = answer(pages)
    local items, total = items_of(value)
    local n = #items
    pages.items, pages.at = items, 1
    if n == 0 or not pages.place then return n > 0 end
    local first = key_of(items[1])
    if pages.seen[first] then
      pages.items = {}
      error(core.broken(future, ("the page at offset %d begins like an earlier one"):format(pages.offset)), 0)
    end
    pages.seen[first] = true
    pages.offset = pages.offset + n
    pages.more = pages.offset ~= total -- a smaller total is wrong
    if pages.more and pages.driven then pages.future, pages.early = ask(pages), true end
    return true
  end

  local function iterator(pages)
    return function()
      pages.at = pages.at + 1
      local item = pages.items[pages.at]
      if item == nil and turn(pages) then item = pages.items[1] end
      return item
    end
  end

  -- The end of a for loop, in Lua 5.4 and later. Elsewhere the collector ends a request that is under way.
  local closing = { __close = function(pages)
    if pages.future then pages.future:cancel() end
    pages.future, pages.more = nil, false
  end }

  for _ = 1, 8 do iterator() end -- as make_several in await.lua

  local function offset_of(pages)
    local offset = pages.arguments[pages.place]
    if pages.in_query then offset = type(offset) == "table" and offset.offset or nil end
    if offset == nil or offset == null then return 0 end
    offset = tonumber(offset)
    return offset and offset >= 0 and offset % 1 == 0 and offset or nil
  end

  --- Iterates over the items of a list, however many pages it has.
  -- @function oneentry.each
  -- @param method function  of a client, that returns a list
  -- @param ...  its arguments; offset and limit are those of the first page
  -- @return function  for a for loop; raises the err of a page that fails
  return function(method, ...)
    local arguments, n = { ... }, select("#", ...)
    local start, driven, place, in_query = core.list(method, arguments)
    if not start then error(("bad argument #1 to 'each' (%s)"):format(driven), 2) end
    local pages = setmetatable({
      start = start, driven = driven, arguments = arguments, place = place, in_query = in_query, n = place and place > n and place or n,
      items = {}, at = 0, seen = {}, more = true,
    }, closing)
    pages.offset = place and offset_of(pages)
    if place and not pages.offset then
      error(("bad argument #%d to 'each' (offset: an integer of 0 or more expected)"):format(place + 1), 2)
    end
    return iterator(pages), nil, nil, pages
  end
end
