-- Logins at a scripted server.
--
--   logins.tokens "alice"  -- the body of a reply that brings her tokens: "alice-access" and "alice-refresh"
--   logins.held(user)      -- { access token, refresh token } of a session or a client
--   logins.UNAUTHORIZED    -- a step: the access token has expired
local logins = { UNAUTHORIZED = { "answer", status = 401, body = '{"message":"Unauthorized"}' } }

function logins.tokens(name)
  return ('{"accessToken":"%s-access","refreshToken":"%s-refresh"}'):format(name, name)
end

function logins.held(user)
  local session = user.getSession()
  return { session.accessToken, session.refreshToken }
end

return logins
