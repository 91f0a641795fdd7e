-- One more call under a name: limits.ts with the clock of Redis.
-- KEYS 1 the counter   ARGV 1 how long a window is, in ms
-- Answers how many there are in this window, and how long it still lasts in ms.
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if count == 1 or left < 0 then
  left = tonumber(ARGV[1])
  redis.call('PEXPIRE', KEYS[1], left)
end
return {count, left}
