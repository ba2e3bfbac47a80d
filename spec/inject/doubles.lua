-- Of the requests that the server has seen, one that must not have been: a POST twice with one token, or done twice.
-- `again`: what a later call may try again, in vain, when the first answer was lost.
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
