-- Stores the dead letters of one batch, all or none. Skips a dead letter that exists or was removed lately, since a
-- batch that runs again after a crash stores its dead letters again. The score of a dead letter is its time of death in
-- microseconds of the clock of Redis, increased if two would be equal. All processes use this clock, so a cursor is a
-- number, and no later dead letter is ever before it.
--
-- Above a bound the oldest dead letters of the largest group are discarded. A group has the same organization, type and
-- reason, so a flood of one kind discards only its own. The search for members of a group goes in the order of death,
-- from its last position: it skips each dead letter once for each group, and a call visits a bounded number.
-- KEYS: 1 dead letters, 2 figures, 3 lock of the batch, 4 bytes by group, 5 cursors of groups. ARGV: 1 prefix of dead
-- letters, 2 most dead letters or '' without a bound, 3 token of the worker that has the batch or '' to ask nobody, 4
-- most bytes or '', 5 most groups, 6 bytes that a dead letter takes beside its text, then id, dead letter, type,
-- organization, reason and brief (see deadLetterBrief) of each
-- Answers how many were discarded to keep within the bound, how many there are, and their bytes; nothing when the lock
-- is another's.
local call = redis.call
if ARGV[3] ~= '' and call('GET', KEYS[3]) ~= ARGV[3] then return nil end
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
call('ZCARD', KEYS[1])
local last = tonumber(call('HGET', KEYS[2], 'last') or 0) or 0

local function groupOf (type, organization, reason)
  return string.sub(redis.sha1hex(#organization .. ':' .. organization .. #type .. ':' .. type .. reason), 1, 16)
end
-- Once there are too many groups, new ones share a group, so invented types cannot use up memory.
local function openGroup (group)
  return (call('ZSCORE', KEYS[4], group) or call('ZCARD', KEYS[4]) < tonumber(ARGV[5])) and group or 'others'
end

local added, bytes = 0, 0
for i = 7, #ARGV, 6 do
  local key = ARGV[1] .. ARGV[i]
  if call('EXISTS', key) == 0 then
    last = math.max(now, last + 1)
    added = added + 1
    local score = string.format('%.0f', last)
    local group = openGroup(groupOf(ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]))
    local size = #ARGV[i + 1] + ARGV[6]
    call('HSET', key, 'text', ARGV[i + 1], 'type', ARGV[i + 2], 'organizationId', ARGV[i + 3], 'reason', ARGV[i + 4])
    call('HSET', key, 'score', score, 'group', group, 'size', size)
    if ARGV[i + 5] ~= '' then call('HSET', key, 'brief', ARGV[i + 5]) end
    call('ZADD', KEYS[1], score, ARGV[i])
    call('ZINCRBY', KEYS[4], size, group)
    bytes = bytes + size
  end
end
local kept = call('ZCARD', KEYS[1])
-- Without a dead letter a damaged count is set right.
local keptBytes = kept == added and 0 or math.max(0, tonumber(call('HGET', KEYS[2], 'bytes') or 0) or 0)
if added == 0 then return { 0, kept, keptBytes } end
call('HSET', KEYS[2], 'last', string.format('%.0f', last))
keptBytes = keptBytes + bytes

local mostDeadLetters, mostBytes = tonumber(ARGV[2]), tonumber(ARGV[4])
local function isOver ()
  return (mostDeadLetters and kept > mostDeadLetters) or (mostBytes and kept > 0 and keptBytes > mostBytes)
end
local discarded = 0
local function discard (id, size, group)
  call('ZREM', KEYS[1], id)
  call('DEL', ARGV[1] .. id)
  call('ZINCRBY', KEYS[4], -size, group)
  kept, keptBytes, discarded = kept - 1, math.max(0, keptBytes - size), discarded + 1
end
-- After a bound was lowered, more must be discarded than were added: the work is spread over calls.
local looks = 2000 + 2 * added
while isOver() and looks > 0 do
  local largest = call('ZREVRANGE', KEYS[4], 0, 1, 'WITHSCORES')
  looks = looks - 1
  if #largest == 0 or tonumber(largest[2]) <= 0 then
    -- An older version stored it without a group.
    discard(call('ZRANGE', KEYS[1], 0, 0)[1], 0, 'others')
  else
    local group, left, next = largest[1], tonumber(largest[2]), tonumber(largest[4] or 0)
    local from = call('HGET', KEYS[5], group)
    local page = call('ZRANGEBYSCORE', KEYS[1], from and '(' .. from or '-inf', '+inf', 'WITHSCORES', 'LIMIT', 0, 100)
    if #page == 0 then
      call('HDEL', KEYS[5], group)
      -- Two searches missed it: somebody else removed it.
      if call('HINCRBY', KEYS[5], group .. ':turns', 1) > 1 then
        call('HDEL', KEYS[5], group .. ':turns')
        call('ZREM', KEYS[4], group)
      end
    end
    for j = 1, #page, 2 do
      looks = looks - 1
      from = page[j + 1]
      local facts = redis.pcall('HMGET', ARGV[1] .. page[j], 'group', 'size', 'type', 'organizationId', 'reason')
      if facts.err or (facts[1] or groupOf(facts[3] or '', facts[4] or '', facts[5] or '')) == group then
        local size = tonumber(facts[2] or 0) or 0
        discard(page[j], size, group)
        left = left - size
        call('HDEL', KEYS[5], group .. ':turns')
        if not isOver() or left < next then break end
      end
    end
    if #page > 0 then call('HSET', KEYS[5], group, from) end
  end
end
call('HSET', KEYS[2], 'bytes', string.format('%.0f', keptBytes))
if discarded > 0 then
  call('ZREMRANGEBYSCORE', KEYS[4], '-inf', 0)
  call('HINCRBY', KEYS[2], 'discarded', discarded)
end
return { discarded, kept, keptBytes }
