-- Closes the circuit and counts a reset, which every replica follows with its next reading.
-- KEYS: 1 control
local call = redis.call
call('HINCRBY', KEYS[1], 'resets', 1)
local state, epoch = unpack(call('HMGET', KEYS[1], 'circuit', 'circuit-epoch'))
if not state or state == 'CLOSED' then
  call('HSET', KEYS[1], 'circuit', 'CLOSED')
  return 0
end
local isEpoch = epoch and string.match(epoch, '^%d+$') and tonumber(epoch) < MOST_EPOCH
local time = call('TIME')
if type(redis.pcall('HINCRBY', KEYS[1], 'circuit-transitions', 1)) ~= 'number' then
  call('HSET', KEYS[1], 'circuit-transitions', 1)
end
call('HSET', KEYS[1], 'circuit', 'CLOSED', 'circuit-depth', 'CLOSED', 'circuit-bytes', 'CLOSED',
  'circuit-epoch', string.format('%.0f', (isEpoch and tonumber(epoch) or 0) % (MOST_EPOCH - 1) + 1),
  'circuit-since', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
return 1
