-- Certificates for the TLS specs, made with the openssl command in a temporary directory: a CA, and
-- certificates for localhost, 127.0.0.1 and ::1 that are good, expired, for another host, signed by themselves,
-- or from a CA that the client is not told of. Each is { certificate = file, key = file }.
local tmp = require "support.tmp"

local tls = {}
tls.__index = tls

local config = [[
[ca]
default_ca = authority
[authority]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = policy
[policy]
commonName = supplied
[authority_extensions]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[here]
subjectAltName = DNS:localhost,IP:127.0.0.1,IP:::1
[elsewhere]
subjectAltName = DNS:elsewhere.test
[req]
distinguished_name = name
[name]
]]

local script = [[
set -e
cd '%s'
: > index
request() { # name, further options
  name=$1; shift
  openssl req -config config -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout "$name.key" -subj "/CN=$name" "$@"
}
authority() { request "$1" -x509 -days 2 -extensions authority_extensions -out "$1.pem"; }
certificate() { # name, authority, extensions, first day, last day
  request "$1" -out "$1.csr"
  openssl ca -config config -batch -notext -cert "$2.pem" -keyfile "$2.key" -extensions "$3" \
    -startdate "$4" -enddate "$5" -in "$1.csr" -out "$1.pem"
}
authority ca
authority stranger
certificate good ca here 20000101000000Z 20991231000000Z
certificate expired ca here 20000101000000Z 20000201000000Z
certificate wrong_host ca elsewhere 20000101000000Z 20991231000000Z
request self_signed -x509 -days 2 -extensions here -out self_signed.pem
certificate untrusted stranger here 20000101000000Z 20991231000000Z
certificate client ca here 20000101000000Z 20991231000000Z
openssl pkcs8 -topk8 -in client.key -out client.locked.key -passout pass:key-password
mkdir hashed
cp ca.pem hashed/
openssl rehash hashed
]]

-- Makes them; the result has ca (file), ca_directory, good, expired, wrong_host, untrusted, self_signed, client, locked_key.
function tls.make()
  local self = setmetatable({ directory = tmp.directory() }, tls)
  tmp.write(self.directory .. "/config", config)
  tmp.write(self.directory .. "/make", script:format(self.directory))
  local status = os.execute(("sh '%s/make' >'%s/log' 2>&1"):format(self.directory, self.directory))
  if status ~= true and status ~= 0 then
    local log = tmp.read(self.directory .. "/log")
    self:remove()
    error("openssl made no certificates:\n" .. log, 0)
  end
  self.ca = self.directory .. "/ca.pem"
  self.ca_directory = self.directory .. "/hashed"
  self.locked_key = self.directory .. "/client.locked.key" -- of client; its password is "key-password"
  for _, name in ipairs({ "good", "expired", "wrong_host", "untrusted", "self_signed", "client" }) do
    local path = self.directory .. "/" .. name
    self[name] = { certificate = path .. ".pem", key = path .. ".key" }
  end
  return self
end

function tls:remove()
  tmp.remove(self.directory)
end

return tls
