-- Finds keys that another shard may remember: an event has a new shard once there are more or fewer of them. A key
-- counts only if the batch that it names was booked (see remember). Only reads.
-- KEYS: 1 prefix of keys. ARGV: keys of events
-- Answers place of the key in ARGV, counted from 0, and place remembered for each known one.
local found = {}
for i, key in ipairs(ARGV) do
  local place = redis.pcall('GET', KEYS[1] .. key)
  local batch = type(place) == 'string' and string.match(place, '^(.-)%.')
  if batch and redis.call('EXISTS', KEYS[1] .. batch) == 1 then
    found[#found + 1] = tostring(i - 1)
    found[#found + 1] = place
  end
end
return found
