-- Moves the circuit in the control record, unless another process has moved it since the caller looked, or the caller
-- looked too long ago: a process whose event loop stood still must not move the others by an old reading.
-- KEYS: 1 control
-- ARGV: 1 epoch that the caller knows, 2 state that it knows or '', 3 number that the epoch exceeds, 4 when it looked
--   (ms of the clock of Redis) or '', 5 most age of that (ms), 6 new state, 7 state of the circuit of the depth, 8 of
--   bytes, 9 channel for those who hear of moves
-- Answers whether it moved the circuit, the time, and the fields of the circuit with their values.
local call = redis.call
local FIELDS = {
  'circuit', 'circuit-depth', 'circuit-bytes', 'circuit-epoch', 'circuit-since', 'circuit-transitions'
}
local state, epoch = unpack(call('HMGET', KEYS[1], 'circuit', 'circuit-epoch'))
-- Damage counts as absent here exactly as it does for a reader, or nobody could name the record that it wants to move.
local isState = state == 'CLOSED' or state == 'HALF_OPEN' or state == 'OPEN'
local isEpoch = epoch and string.match(epoch, '^%d+$') and tonumber(epoch) < MOST_EPOCH
state, epoch = isState and state or '', isEpoch and tonumber(epoch) or 0
local time = call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local isKnown = (isState and epoch or 0) == tonumber(ARGV[1]) and state == ARGV[2]
local isRecent = ARGV[4] == '' or nowMs - ARGV[4] <= tonumber(ARGV[5])
local isMoved = isKnown and isRecent
if isMoved then
  -- A full Redis refuses a script if its first write takes memory.
  call('HDEL', KEYS[1], 'circuit-epoch')
  if (isState and state or 'CLOSED') ~= ARGV[6] then
    call('HSET', KEYS[1], 'circuit-since', string.format('%.0f', nowMs))
    -- A damaged count begins again.
    if type(redis.pcall('HINCRBY', KEYS[1], 'circuit-transitions', 1)) ~= 'number' then
      call('HSET', KEYS[1], 'circuit-transitions', 1)
    end
  end
  call('HSET', KEYS[1], 'circuit', ARGV[6], 'circuit-depth', ARGV[7], 'circuit-bytes', ARGV[8],
    'circuit-epoch', string.format('%.0f', math.max(epoch, ARGV[3]) % (MOST_EPOCH - 1) + 1))
end
local reply, values = {}, call('HMGET', KEYS[1], unpack(FIELDS))
for index, field in ipairs(FIELDS) do
  if values[index] then
    reply[#reply + 1] = field
    reply[#reply + 1] = values[index]
  end
end
-- The others need not wait for their next reading. A user who may not publish has moved it all the same.
if isMoved then redis.pcall('PUBLISH', ARGV[9], cjson.encode({ nowMs, reply })) end
return { isMoved and 1 or 0, nowMs, reply }
