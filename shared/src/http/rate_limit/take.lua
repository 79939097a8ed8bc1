-- KEYS: buckets, each a list of the times (in microseconds) of what was let through, the oldest first.
-- ARGV: for each bucket how many, and within how many microseconds.
-- Answers which bucket refuses (0: none), then for each bucket what remains and when it grows.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local refused = 0
for i, key in ipairs(KEYS) do
  local times, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local oldest = redis.call('LINDEX', key, 0)
  while oldest and tonumber(oldest) <= now - window do
    redis.call('LPOP', key)
    oldest = redis.call('LINDEX', key, 0)
  end
  if refused == 0 and redis.call('LLEN', key) >= times then refused = i end
end
local said = { refused }
for i, key in ipairs(KEYS) do
  local times, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  if refused == 0 then
    redis.call('RPUSH', key, string.format('%.0f', now))
    redis.call('PEXPIRE', key, math.ceil(window / 1000))
  end
  local used = redis.call('LLEN', key)
  -- With a rate that was lowered meanwhile, more than one has to leave first.
  local first = redis.call('LINDEX', key, math.max(0, used - times))
  said[2 * i] = math.max(0, times - used)
  said[2 * i + 1] = first and tonumber(first) + window - now or 0
end
return said
