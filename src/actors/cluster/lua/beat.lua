-- A node says that it lives; nodes that did not for long are forgotten, and those that take sessions are put in order.
-- KEYS 1 nodes (ZSET incarnation -> until when, ms)  2 node (HASH incarnation -> what it says of itself, JSON)
--      3 takers (HASH incarnation -> capacity, 1 or more; only nodes that take sessions)  4 count (HASH incarnation -> sessions and plans)
--      5 version (HASH incarnation -> text that sorts as versions do)
--      6 load (ZSET incarnation -> 1000000 when full + 10000 for each newer version + count / capacity: the least is the next)
-- ARGV 1 incarnation  2 how long it lives from now, ms  3 JSON  4 its capacity; empty when it takes no sessions
--      5 how many sessions it owns  6 its version
-- Answers { 1 when it was known before, else 0; the JSON of every living node }.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], gone)
  for i = 2, 5 do redis.call('HDEL', KEYS[i], gone) end
end

local known = redis.call('HEXISTS', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
if ARGV[4] == '' then
  for i = 3, 5 do redis.call('HDEL', KEYS[i], ARGV[1]) end
else
  redis.call('HSET', KEYS[3], ARGV[1], ARGV[4])
  -- The truth takes the place of what was planned: a plan that came to nothing does not count for ever.
  redis.call('HSET', KEYS[4], ARGV[1], ARGV[5])
  redis.call('HSET', KEYS[5], ARGV[1], ARGV[6])
end

-- With room before full, then the newest version, then the emptiest: domain/cluster/placement.ts says why.
local takers = redis.call('HGETALL', KEYS[3])
local versions, seen = {}, {}
for i = 1, #takers, 2 do
  local version = redis.call('HGET', KEYS[5], takers[i]) or ''
  if not seen[version] then table.insert(versions, version) end
  seen[version] = true
end
table.sort(versions, function(a, b) return a > b end)
local rank = {}
for i, version in ipairs(versions) do rank[version] = i - 1 end
redis.call('DEL', KEYS[6])
for i = 1, #takers, 2 do
  local load = (redis.call('HGET', KEYS[4], takers[i]) or 0) / takers[i + 1]
  local newer = rank[redis.call('HGET', KEYS[5], takers[i]) or '']
  redis.call('ZADD', KEYS[6], (load >= 1 and 1000000 or 0) + newer * 10000 + load, takers[i])
end
return { known, redis.call('HVALS', KEYS[2]) }
