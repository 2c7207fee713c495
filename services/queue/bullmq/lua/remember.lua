-- Remembers the keys of a batch that is about to be added, or finds those that other batches brought before. Runs in one
-- step before the add, so there is no moment in which a key is remembered and its event is not stored. When a key is known
-- already, a void stub takes the place of the job: the add that follows finds it and does nothing, and the caller tries
-- again without the repeated events. A key counts only if the batch that it names was booked (see count-batch): what
-- stands under it may be older than Redis, as when some of its keys were restored from a backup.
-- KEYS: 1 job, 2 how many ids are remembered until when. ARGV: 1 prefix of keys, 2 how long they are remembered (ms), 3 batch id,
-- 4 life of the stub (ms), 5 width of the buckets that they are counted in (ms), then index, key and place for each event that has a key
-- Answers index and place remembered for every repeated event.
local call = redis.call
if call('EXISTS', KEYS[1]) == 1 then
  -- A second try of an add that landed: all was decided then.
  -- So it was when it went into the queue as a part of another batch (see absorb).
  if call('HEXISTS', KEYS[1], 'void') == 0 or call('HEXISTS', KEYS[1], 'into') == 1 then return {} end
  call('DEL', KEYS[1])
end
local repeated, isStored = {}, false
local function wasBooked (place)
  -- A text that names no batch is none of ours, and is written over.
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
  call('PEXPIRE', KEYS[1], ARGV[4])
  -- This very batch was stored before and has long been worked on.
  if isStored then return {} end
  return repeated
end
for i = 6, #ARGV, 3 do call('SET', ARGV[1] .. ARGV[i + 1], ARGV[i + 2], 'PX', ARGV[2]) end
-- For the bound on their number, see id-life.ts; a count that cannot be read must not keep an event out.
local time = call('TIME')
local untilMs = math.ceil((time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]) / ARGV[5]) * ARGV[5]
redis.pcall('HINCRBY', KEYS[2], string.format('%.0f', untilMs), (#ARGV - 5) / 3)
return {}
