-- KEYS: a roll, a hash of who has called: their mark and until when it counts, in milliseconds.
-- ARGV: who calls, their mark (negative: they leave), for how long it counts, how many may be on the roll.
-- Answers whether theirs is another mark than before, then everybody else with theirs.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local mark, window, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local all = redis.call('HGETALL', KEYS[1])
local said, others, before = { 0 }, 0, -1
for i = 1, #all, 2 do
  local theirs, till = string.match(all[i + 1], '^(%d+):(%d+)$')
  if not till or tonumber(till) <= now then
    redis.call('HDEL', KEYS[1], all[i])
  elseif all[i] == ARGV[1] then
    before = tonumber(theirs)
  else
    others = others + 1
    said[#said + 1] = tonumber(all[i])
    said[#said + 1] = tonumber(theirs)
  end
end
if mark < 0 then
  redis.call('HDEL', KEYS[1], ARGV[1])
elseif others < most then
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%d:%.0f', mark, now + window))
  redis.call('PEXPIRE', KEYS[1], window)
else
  mark = before
end
if before ~= mark then said[1] = 1 end
return said
