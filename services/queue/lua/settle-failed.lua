-- Books a job that BullMQ gave up on, after its events were stored as dead letters. Does nothing the second time.
-- KEYS: 1 failed, 2 job, 3 ledger. ARGV: 1 job id, 2 priority, 3 events
local call = redis.call
if call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
local moved = tonumber(call('HGET', KEYS[2], 'moved') or 0)
call('DEL', KEYS[2])
call('HINCRBY', KEYS[3], 'settled:' .. ARGV[2], ARGV[3])
call('HINCRBY', KEYS[3], 'dead:' .. ARGV[2], ARGV[3])
if moved > 0 then
  call('HINCRBY', KEYS[3], 'moving:' .. ARGV[2], -moved)
  call('HINCRBY', KEYS[3], 'repeated:' .. ARGV[2], moved)
end
return 1
