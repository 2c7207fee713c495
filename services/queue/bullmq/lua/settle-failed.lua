-- Books a job that BullMQ gave up on, after its events were stored as dead letters. Does nothing the second time. A
-- batch that was settled before and turned up again is taken off the list, and nothing is booked.
-- Answers 1 when it took it off the list.
-- KEYS: 1 failed, 2 job, 3 ledger. ARGV: 1 job id, 2 priority, 3 events
local call = redis.call
call('HLEN', KEYS[3])
local moved, isBooked, isSettled = unpack(call('HMGET', KEYS[2], 'moved', 'events', 'settled'))
-- Booked, and its events are gone by somebody else's hand: nobody knows what became of them.
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
