--- The one client of a worker: connections and configuration, no user. Users are client.session(saved).
-- nginx.conf has this file loaded before nginx forks its workers. That is safe, and saves the work in each of
-- them: `define` opens nothing, a worker's first call opens that worker's own connections.
local oneentry = require "oneentry"
local config = require "shop.config"

return oneentry.define(config.url, { token = config.token, timeout = config.call_seconds })
