-- Books a job that BullMQ gave up on, after its events were stored as dead letters. A second call does nothing. A
-- settled batch that reappeared is only removed from the list.
-- Answers 1 if it removed the job from the list.
-- KEYS: 1 failed, 2 job, 3 ledger. ARGV: 1 job id, 2 priority, 3 events
local call = redis.call
call('HLEN', KEYS[3])
local moved, isBooked, isSettled = unpack(call('HMGET', KEYS[2], 'moved', 'events', 'settled'))
-- The batch is booked, but somebody removed its events: their fate is unknown.
if isBooked and not isSettled and call('HEXISTS', KEYS[2], 'data') == 0 then return 0 end
if call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
if isSettled then return 1 end
call('DEL', KEYS[2])
if not isBooked then return 1 end
moved = tonumber(moved or 0) or 0
call('HINCRBY', KEYS[3], 'settled:' .. ARGV[2], ARGV[3])
call('HINCRBY', KEYS[3], 'dead:' .. ARGV[2], ARGV[3])
if moved > 0 then
  call('HINCRBY', KEYS[3], 'moving:' .. ARGV[2], -moved)
  call('HINCRBY', KEYS[3], 'repeated:' .. ARGV[2], moved)
end
return 1
