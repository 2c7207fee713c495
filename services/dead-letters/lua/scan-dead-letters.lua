-- Scans dead letters in the order of their death, a bounded number a call, and answers those that match a filter.
-- KEYS: 1 dead letters. ARGV: 1 prefix of dead letters, 2 lowest score ('(' before it leaves it out), 3 highest score,
--   4 type or '', 5 organization or '', 6 reason or '', 7 most to look at, 8 most to answer, 9 most bytes to answer, 10
--   '1' to answer dead letters too
-- Answers the score to go on after, '' at the end, then id, score and dead letter ('' when it was not asked for) of
-- each.
local call = redis.call
local page = call('ZRANGEBYSCORE', KEYS[1], ARGV[2], ARGV[3], 'WITHSCORES', 'LIMIT', 0, ARGV[7])
local found = { '' }
local most, bytes = tonumber(ARGV[8]), tonumber(ARGV[9])
local isFiltered = ARGV[4] ~= '' or ARGV[5] ~= '' or ARGV[6] ~= ''
for i = 1, #page, 2 do
  local key = ARGV[1] .. page[i]
  local matches = true
  if isFiltered then
    local fields = redis.pcall('HMGET', key, 'type', 'organizationId', 'reason')
    for field = 1, 3 do
      if ARGV[field + 3] ~= '' and ARGV[field + 3] ~= fields[field] then matches = false end
    end
  end
  if matches then
    -- An unreadable dead letter is answered without its text: the caller skips it, and a deletion can remove it.
    local deadLetter = ARGV[10] == '1' and redis.pcall('HGET', key, 'text')
    if type(deadLetter) ~= 'string' then deadLetter = '' end
    found[#found + 1] = page[i]
    found[#found + 1] = page[i + 1]
    found[#found + 1] = deadLetter
    bytes = bytes - #deadLetter
    most = most - 1
    if most <= 0 or bytes <= 0 then
      if i + 1 < #page or #page == 2 * ARGV[7] then found[1] = page[i + 1] end
      return found
    end
  end
end
if #page == 2 * ARGV[7] then found[1] = page[#page] end
return found
