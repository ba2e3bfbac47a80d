-- An idle connection is closed, reset or noisy before the next call. Every verb then takes a fresh one.
local both, all = { "http", "https" }, { "GET", "POST", "PUT", "DELETE" }

local function row(name, act)
  return { name = "the idle connection " .. name, act = act, steps = {}, reuse = true, over = both, verbs = all, value = {} }
end

local function noise(name, bytes, ending)
  return row(name, { "send", bytes = bytes, close = ending == "close", reset = ending == "reset" })
end

local answer = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"id\":1} "

return {
  row("was closed", { "close" }),
  row("was reset", { "reset", read = "nothing" }),
  row("was closed in one direction", { "shutdown" }),
  noise("got a 408", "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n"),
  noise("got a 408 and a close", "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", "close"),
  noise("got a 408 and a reset", "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n", "reset"),
  noise("got an answer", answer),
  noise("got an answer and a close", answer, "close"),
  noise("got an answer and a half", answer .. answer:sub(1, 20)),
  noise("got a hundred answers", answer:rep(100)),
  noise("got half an answer", answer:sub(1, 20)),
  noise("got a body without a head", '{"id":1}'),
  noise("got an interim answer", "HTTP/1.1 100 Continue\r\n\r\n"),
  noise("got a line end", "\r\n"),
  noise("got one byte", "H"),
  noise("got a NUL", "\0"),
  noise("got garbage", ("\255\0"):rep(5000)),
}
