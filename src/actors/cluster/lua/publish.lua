-- Sessions are owned by this node now. An older epoch never takes the place of a newer one.
-- KEYS 1 home (as in place.lua)
-- ARGV 1 incarnation  2 the channel on which a move is told, or empty to tell nobody  3, 4 session and epoch  5, 6 the next ...
-- Answers how many were taken.
local function older(a, b)
  return #a < #b or (#a == #b and a < b)
end
local taken = 0
for i = 3, #ARGV, 2 do
  local session, epoch = ARGV[i], ARGV[i + 1]
  local entry = epoch .. '|' .. ARGV[1] .. '|0'
  local value = redis.call('HGET', KEYS[1], session)
  if not (value and older(epoch, string.match(value, '^%d+') or '0')) then
    taken = taken + 1
    if value ~= entry then
      redis.call('HSET', KEYS[1], session, entry)
      if ARGV[2] ~= '' then redis.call('PUBLISH', ARGV[2], session .. ' ' .. epoch .. ' ' .. ARGV[1]) end
    end
  end
end
return taken
