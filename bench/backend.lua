-- The backend's answer, about 1 kB: the payment sessions of the order that the path names. A member of them carries the
-- access token that came with the request, so that an answer given to the wrong caller shows.
local backend = {}

local session = [[{"id":%d,"createdDate":"2025-05-14T04:14:24.104Z","updatedDate":"2025-06-15T05:15:25.105Z","type":"session",]] ..
  [["status":"%s","paymentAccountId":5,"orderId":%s,"amount":150.75,"paymentUrl":"https://checkout.example.com/c/pay/cs_live_]] ..
  ("a1B2"):rep(16) .. [[#frag","clientSecret":"%s"}]]

function backend.answer(delay)
  local id = ngx.var.uri:match("(%d+)$")
  local token = (ngx.var.http_authorization or "none"):gsub("^Bearer ", "")
  if delay > 0 then ngx.sleep(delay) end
  local body = {}
  for i, status in ipairs { "canceled", "canceled", "waiting" } do body[i] = session:format(1760 + i, status, id, token) end
  body = "[" .. table.concat(body, ",") .. "]"
  ngx.header["content-type"] = "application/json; charset=utf-8"
  ngx.header["content-length"] = #body
  ngx.print(body)
end

return backend
