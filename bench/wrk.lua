-- For wrk (-s): a last line with the figures: seconds, requests, failures, p50 and p99 in microseconds.
function done(summary, latency) -- luacheck: ignore 111 (wrk's name)
  local errors, failures = summary.errors, 0
  for _, name in ipairs { "connect", "read", "write", "status" } do failures = failures + errors[name] end
  print(("figures %.3f %d %d %d %d"):format(
    summary.duration / 1e6, summary.requests, failures, latency:percentile(50), latency:percentile(99)))
end
