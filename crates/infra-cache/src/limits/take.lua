-- One request against a limit (see gcra.rs). KEYS: the caller. ARGV: the interval and the whole quota, in microseconds.
-- Answers whether it is allowed, and in how many microseconds the whole quota is free again.
-- The time is this server's: the replicas' clocks may differ.
local interval, whole = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local whole_at = tonumber(redis.call('GET', KEYS[1]) or 0) or 0
-- Not later than it can be: the limit may have changed, or the clock.
whole_at = math.min(math.max(whole_at, now), now + whole)
local allowed = 0
if whole_at + interval <= now + whole then
  allowed = 1
  whole_at = whole_at + interval
  -- Lua would print such numbers with fourteen digits.
  redis.call('SET', KEYS[1], string.format('%.0f', whole_at), 'PX', math.ceil((whole_at - now) / 1000))
end
return { allowed, whole_at - now }
