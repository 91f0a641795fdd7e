-- The cluster's budget of connections a second: domain/cluster/bucket.ts with the clock of Redis.
-- KEYS 1 tok (HASH tokens, at in ms)   ARGV 1 how many are wanted  2 how many come back a second, more than 0
-- Answers how many were given.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local rate = tonumber(ARGV[2])
local size = math.max(1, rate)
local tokens, at = unpack(redis.call('HMGET', KEYS[1], 'tokens', 'at'))
tokens = tonumber(tokens or size)
at = tonumber(at or now)
tokens = math.min(size, tokens + math.max(0, now - at) / 1000 * rate)
local given = math.min(tonumber(ARGV[1]), math.floor(tokens))
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - given), 'at', tostring(math.max(now, at)))
redis.call('PEXPIRE', KEYS[1], 60000)
return given
