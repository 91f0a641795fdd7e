-- Where a session should live: its home while that node lives, else the least loaded node, which is its planned home from now on.
-- KEYS 1 nodes  2 takers  3 load (as in beat.lua)  4 home (HASH session -> "epoch|incarnation|1 when planned, else 0")
-- ARGV 1 session  2 an incarnation that must not be it, or empty
-- Answers { incarnation, epoch; "0" when planned }, or nil when no node takes sessions.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local epoch = '0'
local value = redis.call('HGET', KEYS[4], ARGV[1])
if value then
  local held, home, planned = string.match(value, '^(%d+)|([^|]*)|(%d)$')
  epoch = held or '0'
  if held and home ~= ARGV[2] then
    local till = redis.call('ZSCORE', KEYS[1], home)
    if till and tonumber(till) > now then
      if planned == '0' then return { home, held } end
      if redis.call('HEXISTS', KEYS[2], home) == 1 then return { home, '0' } end
    end
  end
end

local living = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')
if #living == 0 then return nil end
local takers = redis.call('HMGET', KEYS[2], unpack(living))
local loads = redis.call('HMGET', KEYS[3], unpack(living))
local best = nil
for i, incarnation in ipairs(living) do
  if takers[i] and incarnation ~= ARGV[2] then
    local capacity, version = string.match(takers[i], '^(%d+) (.*)$')
    local load = (tonumber(loads[i] or '0') or 0) / math.max(1, tonumber(capacity))
    local node = { incarnation = incarnation, version = version, load = load, full = load >= 1 }
    -- With room before full, then the newest version, then the emptiest: domain/cluster/placement.ts says why.
    local better
    if best == nil then better = true
    elseif node.full ~= best.full then better = best.full
    elseif node.version ~= best.version then better = node.version > best.version
    elseif node.load ~= best.load then better = node.load < best.load
    else better = node.incarnation < best.incarnation end
    if better then best = node end
  end
end
if best == nil then return nil end
-- The epoch stays beside the plan: nothing older may take its place.
redis.call('HSET', KEYS[4], ARGV[1], epoch .. '|' .. best.incarnation .. '|1')
redis.call('HINCRBY', KEYS[3], best.incarnation, 1)
return { best.incarnation, '0' }
