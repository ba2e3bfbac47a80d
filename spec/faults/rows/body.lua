-- Bodies that are no JSON, or JSON at its limits.
local rows = {}

local function add(name, body, outcome)
  outcome.name, outcome.step = name, { "answer", headers = { ["content-type"] = "application/json" }, body = body }
  rows[#rows + 1] = outcome
end

local function refused(name, body)
  add(name, body, { code = "invalid_response", status = 200 })
end

local function utf16(text, order)
  return (text:gsub(".", order == "little" and "%0\0" or "\0%0"))
end

refused("UTF-16, little endian", "\255\254" .. utf16('{"id":116}', "little"))
refused("UTF-16, big endian", "\254\255" .. utf16('{"id":116}', "big"))
refused("UTF-16 without a byte order mark", utf16('{"id":116}', "little"))
refused("UTF-32", "\255\254\0\0{\0\0\0}\0\0\0")
refused("bytes that are not UTF-8", "\255\254\253")
refused("a NUL after the value", '{"id":116}\0')
refused("a NUL in a string", '{"id":"a\0b"}')
refused("two values", '{"id":116}{"id":117}')
refused("a value and a word", '{"id":116} done')
refused("a value and a bracket", '{"id":116}]')
refused("an object that does not end", '{"id":116')
refused("a list that does not end", "[1,2")
refused("a string that does not end", '"abc')
refused("a comma too many", '{"id":116,}')
refused("a member without a value", '{"id":}')
refused("a member without a name", "{116}")
refused("a name that is no string", "{id:116}")
refused("a comment", '/* */ {"id":116}')
refused("single quotes", "{'id':116}")
refused("JavaScript's undefined", "undefined")
refused("NaN", '{"id":NaN}')
refused("NaN in other letters", "[-nan]")
refused("Infinity", '{"id":-Infinity}')
refused("Infinity in other letters", "[inf]")
refused("a hexadecimal number", '{"id":0x74}')
refused("a negative hexadecimal number", "[-0X74]")
refused("a hexadecimal number with an exponent", "[0x1p4]")
refused("a number with a leading zero", '{"id":0116}')
refused("a number with a plus", '{"id":+116}')
refused("a number without digits before the point", '{"id":.5}')
refused("a number beyond all doubles", '{"id":1e400}')
refused("a negative one", '{"id":-1e400}')
refused("one in a list", '[{"list":[1,[1e309]]}]')
refused("one that is the answer", "1e999")
refused("one with digits before its point", "[1" .. ("0"):rep(309) .. ".5]")
refused("one beside an integer that no double holds", '{"id":9007199254740993,"sum":1e400}')
refused("a number without digits after the point", '{"id":1.}')
refused("a minus without digits before the point", '{"id":-.5}')
refused("a line end in a string", '{"id":"a\nb"}')
refused("an escape that nobody knows", '{"id":"\\q"}')
refused("an escape that is cut", '{"id":"\\u12"}')
refused("a hundred thousand lists", ("["):rep(100000) .. ("]"):rep(100000))
refused("a hundred thousand objects", ('{"a":'):rep(100000) .. "1" .. ("}"):rep(100000))
refused("a hundred thousand brackets", ("["):rep(100000))
refused("XML", '<?xml version="1.0"?><order id="116"/>')
refused("JSONP", 'callback({"id":116})')
refused("a guard against inclusion", ")]}',\n" .. '{"id":116}')
refused("lines of JSON", '{"id":116}\n{"id":117}\n')
refused("an event stream", 'data: {"id":116}\n\n')
refused("white space", " \r\n\t ")
refused("a byte order mark alone", "\239\187\191")

add("a byte order mark and JSON", '\239\187\191{"id":116}', { value = { id = 116 } })
add("white space around", ' \r\n\t{"id":116}\r\n ', { value = { id = 116 } })
add("the same name twice: the last counts", '{"id":1,"id":116}', { value = { id = 116 } })
add("a number with a thousand digits", '{"id":' .. ("1"):rep(1000) .. "}", { value = { id = ("1"):rep(1000) } })
add("a number with three hundred digits", '{"id":1' .. ("0"):rep(300) .. "}", { value = { id = 1e300 } })
add("a number near zero", '{"id":1e-400}', { value = { id = 0 } })
add("bytes that are not UTF-8 in a string stay", '{"id":"\255\254"}', { value = { id = "\255\254" } })
add("an escaped NUL", '{"id":"a\\u0000b"}', { value = { id = "a\0b" } })
add("the largest double", '{"id":1.7976931348623157e308}', { value = { id = 1.7976931348623157e308 } })
add("an empty name", '{"":116}', { value = { [""] = 116 } })
add("a hundred thousand members", "[" .. ("1,"):rep(99999) .. "1]", { value = (function()
  local list = {}
  for i = 1, 100000 do list[i] = 1 end
  return list
end)() })
add("a string of a megabyte", '{"id":"' .. ("x"):rep(1e6) .. '"}', { value = { id = ("x"):rep(1e6) } })

return rows
