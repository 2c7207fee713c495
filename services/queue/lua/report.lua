-- Books the admission counts of one process once: after a lost answer the process repeats the call with the same
-- number. Announces the process to the fleet, and removes records that are broken or too old. A record from the future
-- dates from before the clock was set back.
-- KEYS: 1 ledger, 2 number of the last booking of this process, 3 fleet, 4 control
-- ARGV: 1 number of this booking, 2 life of that number (ms), 3 id of the process, 4 its record or '', 5 life of a
--   record (ms), 6 most records, 7 most bytes of one, 8 whether the record says something new, 9 what the process has
--   learned or '', then field and amount of each booking
-- Answers the number of broken records that it removed, and the time.
local call = redis.call
-- A damaged key is an error before any booking: the caller repairs it and calls again.
call('HLEN', KEYS[1])
call('HLEN', KEYS[3])
call('HLEN', KEYS[4])
local time = call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
-- A full Redis refuses a script if its first write takes memory.
call('HDEL', KEYS[3], '')
if #ARGV > 9 then
  local last = tonumber(call('GET', KEYS[2]) or 0) or 0
  if last < tonumber(ARGV[1]) then
    for i = 10, #ARGV, 2 do
      -- The field is not a number.
      local total = redis.pcall('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
      if type(total) ~= 'number' then call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
    end
  end
  call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
end

if ARGV[4] == '' then return { 0, nowMs } end
local broken, listed, isListed, isChanged = 0, 0, false, false
local entries = call('HGETALL', KEYS[3])
for i = 1, #entries, 2 do
  local sinceMs, record = string.match(entries[i + 1], '^(%d+) (.*)$')
  if entries[i] == ARGV[3] then isListed = true
  elseif not record or #record > tonumber(ARGV[7]) then
    call('HDEL', KEYS[3], entries[i])
    broken = broken + 1
  elseif math.abs(nowMs - sinceMs) >= tonumber(ARGV[5]) then
    call('HDEL', KEYS[3], entries[i])
    isChanged = true
  else listed = listed + 1 end
end
if listed < tonumber(ARGV[6]) then
  isChanged = isChanged or not isListed or ARGV[8] == '1'
  call('HSET', KEYS[3], ARGV[3], string.format('%.0f', nowMs) .. ' ' .. ARGV[4])
end
-- The last one wins: all processes learn from the same queue.
if ARGV[9] ~= '' then call('HSET', KEYS[4], 'learned', ARGV[9]) end
-- The other processes read the fleet if this number differs from the one that they know.
if isChanged and type(redis.pcall('HINCRBY', KEYS[4], 'fleet', 1)) ~= 'number' then
  call('HSET', KEYS[4], 'fleet', string.format('%.0f', nowMs))
end
return { broken, nowMs }
