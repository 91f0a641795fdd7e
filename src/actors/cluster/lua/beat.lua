-- A node says that it lives; nodes that did not for long are forgotten.
-- KEYS 1 nodes (ZSET incarnation -> until when, ms)  2 node (HASH incarnation -> what it says of itself, JSON)
--      3 takers (HASH incarnation -> "capacity version", only nodes that take sessions)  4 load (HASH incarnation -> sessions and plans)
-- ARGV 1 incarnation  2 how long it lives from now, ms  3 JSON  4 its entry in takers, or empty  5 how many sessions it owns
-- Answers { 1 when it was known before, else 0; the JSON of every living node }.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], gone)
  redis.call('HDEL', KEYS[2], gone)
  redis.call('HDEL', KEYS[3], gone)
  redis.call('HDEL', KEYS[4], gone)
end
local known = redis.call('HEXISTS', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[3], ARGV[1])
else
  redis.call('HSET', KEYS[3], ARGV[1], ARGV[4])
end
-- The truth takes the place of what was planned: a plan that came to nothing does not count for ever.
redis.call('HSET', KEYS[4], ARGV[1], ARGV[5])
return { known, redis.call('HVALS', KEYS[2]) }
