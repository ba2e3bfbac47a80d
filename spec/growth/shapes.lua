-- Replies of any size, each of a shape that has to be read in time that grows with its size and no faster.
-- A shape: { name, call = function(api), status, build = function(bytes) -> text, config }.
local shapes = {}

local function add(name, build, call, status, config)
  shapes[#shapes + 1] = { name = name, build = build, call = call, status = status or 200, config = config }
end

local function order(api) return api.Orders.getOrderByMarkerAndId("orders", 1) end
local function sessions(api) return api.Payments.getSessions() end
local function session(api) return api.Payments.getSessionById(1) end
local function create(api)
  return api.Orders.createOrder("orders", { password = 'a secret of "quotes"', pin = 987654, codes = { otp = "11111111" } })
end

-- `unit` repeated between head and tail; a function makes each unit of its number.
local function list(head, unit, tail, separator)
  separator = separator or ","
  return function(bytes)
    if type(unit) == "string" then
      local n = math.max(1, math.floor((bytes - #head - #tail) / (#unit + #separator)))
      return head .. (unit .. separator):rep(n - 1) .. unit .. tail
    end
    local out, size = {}, #head + #tail
    repeat
      out[#out + 1] = unit(#out + 1)
      size = size + #out[#out] + #separator
    until size >= bytes
    return head .. table.concat(out, separator) .. tail
  end
end

-- ---- values ------------------------------------------------------------------------------------------

local function value(name, ...) add(name, list(...), order) end

value("empty objects", "[", "{}", "]")
value("lists in lists", "[", "[[[[[[]]]]]]", "]")
value("lists of one", "[", "[1]", "]")
value("ninety lists deep", "[", ("["):rep(90) .. ("]"):rep(90), "]")
value("ninety objects deep", "[", ('{"a":'):rep(90) .. "1" .. ("}"):rep(90), "]")
value("numbers", "[", "1", "]")
value("fractions", "[", "-12.345678901e-5", "]")
value("long integers", "[", "9007199254740993", "]")
value("long integers as members", "{", function(i) return ('"%x":9007199254740993'):format(i) end, "}")
value("digits in strings", "[", '"12345678901234567890123"', "]")
value("one number of many digits", "[0.", "1", "]", "")
value("one integer of many digits", "[", "1", "]", "")
value("literals", "[", "true,false,null", "]")
value("short strings", "[", function(i) return ('"%x"'):format(i) end, "]")
value("one long string", '["', "abcdefgh", '"]', "")
value("one long string beside a long integer", '[9007199254740993,"', "abcdefgh", '"]', "")
value("one string of escapes", '["', [[\u00e9\n\"\ud83d\ude00]], '"]', "")
value("strings of backslashes", "[", [["\\\\\\\\"]], "]")
value("one string of backslashes", '["', [[\\]], '"]', "")
value("many members", "{", function(i) return ('"m%x":%d'):format(i, i) end, "}")
value("long names alike", "{", function(i) return ('"%s%08x":1'):format(("n"):rep(200), i) end, "}")
-- Most bytes of these are the same, and a Lua may not look at the others. This one makes them of pieces.
local function alike(open, first, length, after, close)
  local before = math.floor(length * 0.9) - 6
  local head, tail = '"' .. first .. ("n"):rep(before), ("n"):rep(length - before - 6) .. '"' .. after
  return function(bytes)
    local out = { open }
    for i = 1, math.max(1, math.floor((bytes - 2) / (#head + #tail + 7))) do
      local at = #out
      out[at + 1], out[at + 2], out[at + 3], out[at + 4] = head, ("%06x"):format(i % 2 ^ 24), tail, ","
    end
    out[#out] = close
    return table.concat(out)
  end
end

for _, length in ipairs { 36, 150, 300, 2000 } do
  add("strings alike, of " .. length, alike("[", "", length, "", "]"), order)
  add("names alike, of " .. length, alike("{", "", length, ":1", "}"), order)
end
add("strings alike, escaped", alike("[", "\\u006e", 300, "", "]"), order)
value("one name again and again", "{", '"a":1', "}")
value("one long name again and again", "{", '"' .. ("n"):rep(100) .. '":1', "}")
value("nulls in objects", "[", '{"a":null,"b":null,"isLogin":null}', "]")
value("blanks", "[1", " ", "]", "")
value("maps of languages", "[", '{"title":{"en_US":"a","de_DE":"b"}}', "]")
value("maps of other languages", "[", '{"title":{"fr_FR":"a","de_DE":"b"}}', "]")
value("attributes", '{"attributeValues":{', function(i)
  return ('"m%d":{"type":"integer","value":"%d","position":1}'):format(i, i)
end, "}}")
value("attributes of nested lists", '{"attributeValues":{', function(i)
  return ('"m%d":{"type":"float","value":%s5%s}'):format(i, ("["):rep(50), ("]"):rep(50))
end, "}}")
value("one attribute of many digits", '{"attributeValues":{"a":{"type":"float","value":"', "1", '"}}}', "")
value("attributes in attributes", '{"attributes":[', '{"attributeValues":{"a":{"attributes":{"b":{"type":"integer","value":"1"}}}}}', "]}")
value("additional fields", '{"attributeValues":{"a":{"type":"string","additionalFields":[', function(i)
  return ('{"marker":"f%d","value":"x"}'):format(i)
end, "]}}}")
value("schedules", '{"attributeValues":{"a":{"type":"timeInterval","value":[{"values":[',
  '{"dates":["2025-04-01T00:00:00.000Z","2025-04-30T00:00:00.000Z"],"inEveryWeek":true,"inEveryMonth":true,'
    .. '"times":[[{"hours":9,"minutes":0},{"hours":10,"minutes":0}]]}',
  "]}]}}}")
value("schedules without times", '{"attributeValues":{"a":{"type":"timeInterval","value":[{"values":[',
  '{"dates":["2025-04-01","2027-04-30"],"times":[]}', "]}]}}}")
value("one schedule of many times",
  '{"attributeValues":{"a":{"type":"timeInterval","value":[{"values":[{"dates":["2025-04-01","2025-04-01"],"times":[',
  function(i) return ('[{"hours":%d,"minutes":%d},{"hours":23,"minutes":59}]'):format(i * 7 % 23, i * 11 % 60) end, "]}]}]}}}")
value("schedules of forms", '{"attributes":[',
  '{"type":"timeInterval","localizeInfos":{"intervals":[{"range":["2025-04-01","2025-04-02"],'
    .. '"intervals":[{"start":{"hours":0,"minutes":0},"end":{"hours":24,"minutes":0},"period":30}]}]}}',
  "]}")

-- ---- other ways of reading ---------------------------------------------------------------------------

add("issues of validation", list('{"total":0,"items":[', '{"id":"x","status":5}', "]}"), sessions, 200,
  { validation = { enabled = true, strictMode = true, logErrors = false } })
add("validation without issues", list('{"total":0,"items":[',
  '{"id":1,"orderId":1,"status":"a","createdDate":"a","updatedDate":"a","type":"a","paymentAccountId":1,"paymentUrl":null}', "]}"),
  sessions, 200, { validation = { enabled = true, strictMode = true, logErrors = false } })
add("sessions to pick from", list("[", '{"id":7,"status":"waiting"}', "]"),
  function(api) return api.Payments.getWaitingSession(1) end)
add("a session to wait for", list('{"status":"completed","list":[', '{"a":1}', "]}"),
  function(api) return api.Payments.waitForSession(1) end)
add("not JSON at its end", list("[", "1", "]}"), order)
add("a page instead of a value", list("<html>", "<p>text</p>", "</html>", "\n"), session)

-- ---- errors ------------------------------------------------------------------------------------------

local function failure(name, ...) add("error: " .. name, list(...), create, 400) end

failure("a list of messages", '{"message":[', '"name is required"', "]}")
failure("a list of empty messages", '{"message":[', '""', "]}")
failure("a message of many pages", '{"message":"', "all is well ", '"}', "")
failure("a message of escapes", '{"message":"', [[\\u0041&amp;%41\n]], '"}', "")
failure("a message that repeats a secret", '{"message":"', [[a secret of \\\"quotes\\\"]], '"}', "")
failure("messages in languages", '{"message":[', '{"en_US":"Not here","de_DE":"Nicht hier"}', "]}")
failure("one map of many languages", '{"message":{', function(i) return ('"xx_%x":"a"'):format(i) end, "}}")
failure("constraints", '{"message":[', '{"property":"a","constraints":{"isEmail":"no e-mail","isText":"no text"}}', "]}")
failure("one object of many constraints", '{"message":[{"constraints":{', function(i) return ('"c%x":"a"'):format(i) end, "}}]}")
failure("children in children", '{"message":[', '{"children":[{"children":[{"constraints":{"a":"b"}}]}]}', "]}")
failure("many members", "{", function(i) return ('"m%x":"a"'):format(i) end, "}")
failure("empty objects", "[", "{}", "]")
failure("long integers", '{"message":"a","list":[', "9007199254740993", "]}")
failure("a page", "<html>", "<p>Bad gateway</p>", "</html>", "\n")

return shapes
