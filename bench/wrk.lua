-- What wrk asks. Environment: BENCH_TOKEN, BENCH_TENANT, BENCH_KIND (by_id, list, thread, create), BENCH_FIRST and
-- BENCH_LAST (ids of tickets). Prints one JSON line at the end.
local kind, first, last = os.getenv("BENCH_KIND"), tonumber(os.getenv("BENCH_FIRST")), tonumber(os.getenv("BENCH_LAST"))
local headers = {
  ["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN"),
  ["X-Tenant"] = os.getenv("BENCH_TENANT"),
  ["Content-Type"] = "application/json",
}
local body = '{"subject":"The printer stops after two pages","description":"' .. ("It worked yesterday. "):rep(20) .. '"}'

function request()
  local id = math.random(first, last)
  if kind == "by_id" then return wrk.format("GET", "/api/v1/tickets/" .. id, headers) end
  if kind == "thread" then return wrk.format("GET", "/api/v1/tickets/" .. id .. "/messages", headers) end
  if kind == "list" then return wrk.format("GET", "/api/v1/tickets?status=open&limit=50", headers) end
  return wrk.format("POST", "/api/v1/tickets", headers, body)
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('JSON {"rps":%.0f,"p50_ms":%.2f,"p95_ms":%.2f,"p99_ms":%.2f,"errors":%d}\n',
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout))
end
