-- Writes how many shards there are, unless another process has changed that since the caller looked.
-- KEYS: 1 control, 2 how many ids are remembered until when, of the first shard
-- ARGV: 1 shards that the caller knows, 2 shards from now on, 3 shards that may hold anything, 4 how long
--   ids are remembered (ms)
local call = redis.call
local shards, earlier = unpack(call('HMGET', KEYS[1], 'shards', 'shards-earlier'))
-- A damaged number counts as none.
if not tonumber(shards or '') then shards = false end
if (shards or '1') ~= ARGV[1] then return 0 end
local time = call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = {}
for number, untilMs in string.gmatch(earlier or '', '(%d+):(%d+)') do
  if tonumber(untilMs) > nowMs and number ~= ARGV[2] then kept[#kept + 1] = number .. ':' .. untilMs end
end
local before = shards or '1'
-- A new queue remembers nothing under another number.
if before ~= ARGV[2] and (shards or redis.pcall('HLEN', KEYS[2]) ~= 0) then
  kept[#kept + 1] = before .. ':' .. string.format('%.0f', nowMs + ARGV[4])
end
call('HSET', KEYS[1], 'shards', ARGV[2], 'shards-opened', ARGV[3], 'shards-earlier', table.concat(kept, ','))
return 1
