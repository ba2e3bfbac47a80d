--- Patterns of faults: "POST /api/*/orders/{id}". `{name}` is one segment, `*` is anything, the verb too.
-- The time that a match takes grows with pattern times text, whatever they are: all ways are followed at once.
local wildcard = {}

wildcard.MOST = 300 -- characters of a pattern
wildcard.MOST_OPEN = 16 -- `*` and `{name}` of a pattern

--- Does matching this pattern take a short time, whatever the text is?
function wildcard.is_short(pattern)
  return #pattern <= wildcard.MOST and select(2, pattern:gsub("[*{]", "")) <= wildcard.MOST_OPEN
end

--- A pattern as a list of steps: a character, "*", or "{}" for one character of a segment followed by "{}*".
function wildcard.compile(pattern)
  local steps, i = {}, 1
  while i <= #pattern do
    local _, last = pattern:find("^{[^{}]*}", i)
    if last then
      steps[#steps + 1], steps[#steps + 2] = "{}", "{}*"
      i = last + 1
    else
      steps[#steps + 1] = pattern:sub(i, i)
      i = i + 1
    end
  end
  return steps
end

-- Adds a place, and those that can be reached from it without a character.
local function reach(steps, places, at)
  while at and not places[at] do
    places[at] = true
    at = (steps[at] == "*" or steps[at] == "{}*") and at + 1 or nil
  end
end

--- Does the whole text match?
function wildcard.matches(steps, text)
  local places = {}
  reach(steps, places, 1)
  for i = 1, #text do
    local c, next_places = text:sub(i, i), {}
    for at in pairs(places) do
      local step = steps[at]
      if step == "*" or step == "{}*" and c ~= "/" then
        reach(steps, next_places, at)
      elseif step == c or step == "{}" and c ~= "/" then
        reach(steps, next_places, at + 1)
      end
    end
    places = next_places
    if next(places) == nil then return false end
  end
  return places[#steps + 1] == true
end

return wildcard
