-- Answers that the end of the connection delimits, over TLS: the scripted server ends its connections without TLS's own
-- goodbye. Up to libcurl 8.14.0 such an end passes for one; since then it is an error, whatever came before.
require "oneentry"
local is_error = require "specfork".libcurl() >= 0x080e01

-- Makes rows of their own of the https cases from `first` on, with the outcome of this libcurl.
return function(rows, first, status)
  if not is_error then return end
  for i = first, #rows do
    local row, own = rows[i], {}
    for name, member in pairs(row) do own[name] = member end
    row.over, own.over = { "http" }, { "https" }
    own.value, own.code, own.status = nil, "network", status
    rows[#rows + 1] = own
  end
end
