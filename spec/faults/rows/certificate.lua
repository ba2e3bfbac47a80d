-- Certificates and protocols that are not to be trusted: the handshake fails, and nothing was sent.
local rows = {}

local function refused(name, certificate, config)
  rows[#rows + 1] = { name = name, over = { "https" }, verbs = { "GET", "POST", "PUT", "DELETE" }, steps = {}, tls = certificate,
    config = config, last = config ~= nil or certificate == nil, code = "tls", sent = false, requests = 0 }
end

refused("an expired certificate", "expired")
refused("a certificate of another host", "wrong_host")
refused("a certificate of an authority that is not trusted", "untrusted")
refused("a self-signed certificate", "self_signed")
refused("a certificate of an authority that the system does not know", "good", { tls = {} })
refused("a file of authorities that is not there", "good", { tls = { caFile = "/nonexistent.pem" } })
refused("TLS 1.1", { "good", "TLSv1_1" })
refused("TLS 1.0", { "good", "TLSv1" })
rows[#rows + 1] = { name = "a good certificate", over = { "https" }, step = { "answer", body = '{"id":116}' }, value = { id = 116 } }
rows[#rows + 1] = { name = "TLS 1.2", over = { "https" }, step = { "answer", body = '{"id":116}' }, tls = { "good", "TLSv1_2" },
  value = { id = 116 } }

return rows
