-- The queue is empty, so no organization has events in it: books what their statements show nevertheless, because a
-- process died before it had booked, or an event was counted by one process under the name and by another as one of the
-- others.
-- KEYS: 1 statements. ARGV: 1 counts of a statement, 2 place of the correction, then the factor of each count in the
--   events that are in the queue
-- Answers the number of corrected statements.
local call = redis.call
local count, place = tonumber(ARGV[1]), tonumber(ARGV[2])
local width = 2 + 2 * count
local format = '<' .. string.rep('d', width)
local entries = call('HGETALL', KEYS[1])
local corrected = 0
for i = 1, #entries, 2 do
  if #entries[i + 1] == 8 * width then
    local statement = { struct.unpack(format, entries[i + 1]) }
    local queued = 0
    for j = 1, count do queued = queued + ARGV[2 + j] * statement[2 + j] end
    if queued ~= 0 then
      statement[2 + place] = statement[2 + place] - queued
      call('HSET', KEYS[1], entries[i], struct.pack(format, unpack(statement, 1, width)))
      corrected = corrected + 1
    end
  end
end
return corrected
