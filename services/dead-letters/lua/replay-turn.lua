-- Requests the next turn: only the holder of the lease works on replays. The lease expires if that process dies.
-- KEYS: 1 lease, 2 unfinished replays. ARGV: 1 token of this process, 2 life of the lease (ms)
-- Answers 1 if this process holds the lease, else 0, then the ids of the unfinished replays.
local call = redis.call
local unfinished = call('ZRANGE', KEYS[2], 0, -1)
local holder = call('GET', KEYS[1])
if #unfinished == 0 then
  if holder == ARGV[1] then call('DEL', KEYS[1]) end
  return { 0 }
end
if holder and holder ~= ARGV[1] then return { 0, unpack(unfinished) } end
call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return { 1, unpack(unfinished) }
