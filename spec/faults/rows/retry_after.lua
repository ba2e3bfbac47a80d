-- Retry-After of every shape: heeded by reads, never past the deadline.
local rows = {}

-- `again`: the read is repeated within the matrix's timeout.
local function add(name, value, again)
  local function row(verb, code)
    return { name = name, verbs = { verb }, config = { maxRetries = 1 }, requests = code and 1 or 2,
      step = { "answer", status = 503, headers = { ["retry-after"] = value } }, code = code, status = code and 503,
        value = not code and {} or nil }
  end
  rows[#rows + 1] = row("GET", not again and "http" or nil)
  rows[#rows + 1] = row("POST", "http")
end

add("0", "0", true)
add("less than nothing", "-1", true)
add("far less than nothing", "-99999999999999999999", true)
add("nothing", "", true)
add("white space", "   ", true)
add("a word", "soon", true)
add("a date in the past", "Fri, 31 Dec 1999 23:59:59 GMT", true)
add("a date that is none", "Fri, 99 Foo 2100 99:99:99 GMT", true)
add("garbage", "\1\255;;", true)
add("an hour", "3600", false)
add("2^31", "2147483648", false)
add("more than 64 bits, as if it said nothing", "9223372036854775808", true)
add("far more than 64 bits", ("9"):rep(50), true)
add("a date in the future", "Fri, 31 Dec 2100 23:59:59 GMT", false)
add("a date of RFC 850", "Friday, 31-Dec-60 23:59:59 GMT", false)
add("a date of asctime", "Fri Dec 31 23:59:59 2100", false)
add("two that agree", { "3600", "3600" }, false)
add("an hour, with white space", "  3600  ", false)

return rows
