-- Where a session should live: its home while that node lives, else the first in the order of load, which is its planned home from now on.
-- KEYS 1 nodes  2 takers  3 count  4 load (as in beat.lua)  5 home (HASH session -> "epoch|incarnation|1 when planned, else 0")
-- ARGV 1 session  2 an incarnation that must not be it, or empty
-- Answers { incarnation, epoch; "0" when planned }, or nil when no node takes sessions.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function lives(incarnation)
  local till = redis.call('ZSCORE', KEYS[1], incarnation)
  return till and tonumber(till) > now
end

local epoch = '0'
local value = redis.call('HGET', KEYS[5], ARGV[1])
if value then
  local held, home, planned = string.match(value, '^(%d+)|([^|]*)|(%d)$')
  epoch = held or '0'
  if held and home ~= ARGV[2] and lives(home) then
    if planned == '0' then return { home, held } end
    if redis.call('HEXISTS', KEYS[2], home) == 1 then return { home, '0' } end
  end
end

local nth = 0
local best, score
repeat
  local next = redis.call('ZRANGE', KEYS[4], nth, nth, 'WITHSCORES')
  best, score = next[1], tonumber(next[2])
  if not best then return nil end
  nth = nth + 1
until best ~= ARGV[2] and lives(best)

-- The epoch stays beside the plan: nothing older may take its place.
redis.call('HSET', KEYS[5], ARGV[1], epoch .. '|' .. best .. '|1')
local newer = math.floor(score % 1000000 / 10000)
local load = redis.call('HINCRBY', KEYS[3], best, 1) / (redis.call('HGET', KEYS[2], best) or 1)
redis.call('ZADD', KEYS[4], (load >= 1 and 1000000 or 0) + newer * 10000 + load, best)
return { best, '0' }
