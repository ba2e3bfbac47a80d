-- Finds a request that the server must not have seen: a POST twice with one token, or done twice.
-- `again`: a later call may try it again, in vain, when the first answer was lost.
return function(log, again)
  local seen, done = {}, {}
  for name, token, status in log:gmatch("(%u+ %S+) (%S+) (%d+);") do
    if name:find("^POST") and not (name == again and tonumber(status) == 401) then
      local key = name .. " " .. token
      if seen[key] or done[name] then return name end
      seen[key] = true
      done[name] = tonumber(status) < 300
    end
  end
end
