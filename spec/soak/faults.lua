-- How calls are answered, in turn: ten well, ten not. "expired" is a 401 until a refresh has brought a new token.
return {
  "ok", "bad", "ok", "missing", "ok", "html", "ok", "cut", "ok", "hangup",
  "expired", "large", "ok", "reset", "ok", "broken", "expired", "gateway", "ok", "redirect",
}
