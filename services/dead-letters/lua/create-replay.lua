-- Begins a replay. Only the latest finished replays are kept.
-- KEYS: 1 replays, 2 unfinished ones, 3 replay, 4 its ids. ARGV: 1 most replays kept, 2 most unfinished ones, 3 most of
--   them of one organization, 4 the organization of the replay or '', 5 prefix of replays, 6 prefix of their ids, 7 id,
--   8 ids as JSON or '', then fields and values
-- Answers created | full | organization-full.
local call = redis.call
if call('ZCARD', KEYS[2]) >= tonumber(ARGV[2]) then return 'full' end
if ARGV[4] ~= '' then
  local own = 0
  for _, id in ipairs(call('ZRANGE', KEYS[2], 0, -1)) do
    local owner = redis.pcall('HGET', ARGV[5] .. id, 'organizationId')
    if owner == ARGV[4] then own = own + 1 end
  end
  if own >= tonumber(ARGV[3]) then return 'organization-full' end
end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
call('HSET', KEYS[3], 'status', 'running', 'replayed', 0, 'skipped', 0, 'createdAt', now, 'updatedAt', now)
for i = 9, #ARGV, 2 do call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end
if ARGV[8] ~= '' then call('SET', KEYS[4], ARGV[8]) end
call('ZADD', KEYS[1], now, ARGV[7])
call('ZADD', KEYS[2], now, ARGV[7])
local surplus = call('ZCARD', KEYS[1]) - ARGV[1]
if surplus > 0 then
  for _, id in ipairs(call('ZRANGE', KEYS[1], 0, surplus - 1)) do
    if not call('ZSCORE', KEYS[2], id) then
      call('ZREM', KEYS[1], id)
      call('DEL', ARGV[5] .. id, ARGV[6] .. id)
    end
  end
end
return 'created'
