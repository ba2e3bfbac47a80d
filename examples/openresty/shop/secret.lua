--- Random ids, and keyed hashes of them.
local secret = {}

--- 256 random bits as text that fits into a cookie, a form and a pattern: secret.PATTERN.
function secret.random()
  local source = assert(io.open("/dev/urandom", "rb"))
  local bytes = source:read(32)
  source:close()
  return (ngx.encode_base64(bytes, true):gsub("[+/]", { ["+"] = "-", ["/"] = "_" }))
end

secret.PATTERN = "^[%w_-]+$"

-- One key for all workers, made in the master process. It lives in shared memory, which outlives a reload.
ngx.shared.shop_locks:add("key", secret.random())
local key = ngx.shared.shop_locks:get("key")

--- A hash that nobody can make without the key; `purpose` keeps the uses apart.
function secret.hash(purpose, text)
  return ngx.encode_base64(ngx.hmac_sha1(key, purpose .. ":" .. text), true)
end

--- Are two texts equal? The time it takes does not tell where they differ.
function secret.equal(a, b)
  return type(a) == "string" and ngx.hmac_sha1(key, a) == ngx.hmac_sha1(key, b)
end

return secret
