-- What wrk asks. Environment: BENCH_TOKEN, BENCH_TENANT, BENCH_PATH, in which `{id}` stands for a ticket, BENCH_FIRST and BENCH_LAST
-- (ids of tickets), and BENCH_BODY where something is written. Prints one JSON line at the end.
local path, first, last, body = os.getenv("BENCH_PATH"), tonumber(os.getenv("BENCH_FIRST")), tonumber(os.getenv("BENCH_LAST")), os.getenv("BENCH_BODY")
local headers = {
  ["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN"),
  ["X-Tenant"] = os.getenv("BENCH_TENANT"),
  ["Content-Type"] = "application/json",
}

function request()
  local asked = path:gsub("{id}", tostring(math.random(first, last)))
  return wrk.format(body and "POST" or "GET", asked, headers, body)
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('JSON {"rps":%.0f,"p50_ms":%.2f,"p95_ms":%.2f,"p99_ms":%.2f,"errors":%d}\n',
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout))
end
