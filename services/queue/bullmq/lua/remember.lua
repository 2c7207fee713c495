-- Remembers the keys of a batch before its add, or finds keys that earlier batches have stored. Runs in one step with
-- the add, so a key is never remembered without its event being stored. If a key is known, a void stub under the key of
-- the job makes the add do nothing, and the caller tries again without the repeated events. A key counts only if the
-- batch that it names was booked (see count-batch): it may come from a partly restored backup.
-- KEYS: 1 job, 2 how many ids are remembered until when. ARGV: 1 prefix of keys, 2 how long they are remembered (ms), 3
-- batch id, 4 life of the stub (ms), 5 width of the buckets that they are counted in (ms), then index, key and place
-- for each event that has a key
-- Answers index and place remembered for every repeated event.
local call = redis.call
local left, leftMs = {}, 0
if call('EXISTS', KEYS[1]) == 1 then
  -- A second try of an add that succeeded, or of a batch that is in the queue as part of another one (see absorb):
  -- nothing is left to decide.
  if call('HEXISTS', KEYS[1], 'void') == 0 or call('HEXISTS', KEYS[1], 'into') == 1 then return {} end
  -- Its events may have moved (see BatchAddition): a late try must not take their receipts away.
  left, leftMs = call('HMGET', KEYS[1], 'result', 'secret'), call('PTTL', KEYS[1])
  call('DEL', KEYS[1])
end
local repeated, isStored = {}, false
local function wasBooked (place)
  -- A text that names no batch is foreign, and is overwritten.
  local batch = string.match(place, '^(.-)%.')
  return batch and call('EXISTS', ARGV[1] .. batch) == 1
end
for i = 6, #ARGV, 3 do
  local place = redis.pcall('GET', ARGV[1] .. ARGV[i + 1])
  if type(place) == 'string' and wasBooked(place) then
    if string.sub(place, 1, #ARGV[3] + 1) == ARGV[3] .. '.' then
      isStored = true
    else
      repeated[#repeated + 1] = ARGV[i]
      repeated[#repeated + 1] = place
    end
  end
end
if isStored or #repeated > 0 then
  call('HSET', KEYS[1], 'void', 1)
  if left[1] then call('HSET', KEYS[1], 'result', left[1]) end
  if left[2] then call('HSET', KEYS[1], 'secret', left[2]) end
  call('PEXPIRE', KEYS[1], math.max(ARGV[4], leftMs))
  -- This batch itself was stored earlier.
  if isStored then return {} end
  return repeated
end
for i = 6, #ARGV, 3 do call('SET', ARGV[1] .. ARGV[i + 1], ARGV[i + 2], 'PX', ARGV[2]) end
-- The counts serve the bound in id-life.ts; an unreadable count must not keep an event out.
local time = call('TIME')
local untilMs = math.ceil((time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]) / ARGV[5]) * ARGV[5]
redis.pcall('HINCRBY', KEYS[2], string.format('%.0f', untilMs), (#ARGV - 5) / 3)
return {}
