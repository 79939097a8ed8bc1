-- Many tenants at once: each request is another one's. Environment: BENCH_WHO, a file with a line
-- `slug token first last` for each (ids of tickets); BENCH_PAUSE, how many milliseconds a connection pauses between two. Of eight requests four fetch one ticket, two a thread, one the list,
-- and one opens a ticket. Prints one JSON line at the end.
local who = {}
for line in io.lines(os.getenv("BENCH_WHO")) do
  local slug, token, first, last = line:match("(%S+) (%S+) (%d+) (%d+)")
  who[#who + 1] = {
    headers = { ["Authorization"] = "Bearer " .. token, ["X-Tenant"] = slug, ["Content-Type"] = "application/json" },
    first = tonumber(first), last = tonumber(last),
  }
end
local body = '{"subject":"The printer stops after two pages","description":"' .. ("It worked yesterday. "):rep(20) .. '"}'

function request()
  local one, kind = who[math.random(#who)], math.random(8)
  local id = math.random(one.first, one.last)
  if kind <= 4 then return wrk.format("GET", "/api/v1/tickets/" .. id, one.headers) end
  if kind <= 6 then return wrk.format("GET", "/api/v1/tickets/" .. id .. "/messages", one.headers) end
  if kind == 7 then return wrk.format("GET", "/api/v1/tickets?status=open&limit=50", one.headers) end
  return wrk.format("POST", "/api/v1/tickets", one.headers, body)
end

local pause = tonumber(os.getenv("BENCH_PAUSE")) or 0
if pause > 0 then
  -- Not all connections at the same moment.
  function delay() return math.random(2 * pause) end
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('JSON {"rps":%.0f,"p50_ms":%.2f,"p95_ms":%.2f,"p99_ms":%.2f,"errors":%d}\n',
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout))
end
