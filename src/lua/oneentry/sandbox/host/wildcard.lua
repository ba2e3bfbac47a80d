--- Patterns of faults: "POST /api/*/orders/{id}". `{name}` is one whole segment, `*` is anything, the verb too.
-- The text between two `*` is looked for from the left, and never again once it is found: a match takes little time,
-- whatever pattern and text are. Whole segments have one length only, so that nothing is tried twice there, either.
local wildcard = {}

wildcard.MOST = 300 -- characters of a pattern
wildcard.MOST_OPEN = 16 -- `*` and `{name}` of a pattern

local SEGMENT = "[^/]+"

--- Can this be a pattern?
function wildcard.is_pattern(pattern)
  if #pattern > wildcard.MOST or select(2, pattern:gsub("[*{]", "")) > wildcard.MOST_OPEN then return false end
  for open, close in pattern:gmatch "(){[^{}]*}()" do
    if pattern:sub(open - 1, open - 1) ~= "/" or not ("/"):find(pattern:sub(close, close), 1, true) then return false end
  end
  return true
end

-- A piece without `*` as { first, rest }: the text before its first segment, and a pattern of Lua for all behind that.
local function piece_of(text)
  local open = text:find "{[^{}]*}"
  if not open then return { first = text } end
  local rest = text:sub(open):gsub("[%^$()%%.%[%]*+%-?]", "%%%0"):gsub("{[^{}]*}", SEGMENT)
  return { first = text:sub(1, open - 1), rest = "^" .. rest }
end

--- A pattern as the list of its pieces, those between the `*`.
function wildcard.compile(pattern)
  local pieces = {}
  for text in (pattern .. "*"):gmatch "([^*]*)%*" do pieces[#pieces + 1] = piece_of(text) end
  return pieces
end

-- The position after the piece when it stands at `at`, where its first text has been found; nil otherwise.
local function after(piece, text, at)
  at = at + #piece.first
  if not piece.rest then return at end
  local _, last = text:find(piece.rest, at)
  return last and last + 1
end

-- The position after the first place of the piece from `from` on.
local function find(piece, text, from)
  local at = text:find(piece.first, from, true)
  while at do
    local next_at = after(piece, text, at)
    if next_at then return next_at end
    at = text:find(piece.first, at + 1, true)
  end
end

-- Does the text end with the piece, which begins at `from` or later?
local function ends_with(piece, text, from)
  if not piece.rest then return #text - #piece.first + 1 >= from and text:sub(#text - #piece.first + 1) == piece.first end
  local at = text:find(piece.first, from, true)
  while at do
    if after(piece, text, at) == #text + 1 then return true end
    at = text:find(piece.first, at + 1, true)
  end
  return false
end

--- Does the whole text match?
function wildcard.matches(pieces, text)
  local first, last = pieces[1], pieces[#pieces]
  local at = text:sub(1, #first.first) == first.first and after(first, text, 1)
  if not at or #pieces == 1 then return at == #text + 1 end
  for i = 2, #pieces - 1 do
    at = find(pieces[i], text, at)
    if not at then return false end
  end
  return ends_with(last, text, at)
end

return wildcard
