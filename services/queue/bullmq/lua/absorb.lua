-- Prepares to put several spooled batches into the queue as one, in the same step before its add. A stub stays under
-- the key of each part: it makes a late try of the part's own add do nothing, tells a repeated drain that the events
-- are in the queue, and gives receipts their new places. A part that is in the queue already voids the whole: the
-- caller tries again without it.
-- KEYS: 1 job of the whole. ARGV: 1 prefix of jobs, 2 life of a stub of a part (ms), 3 id of the whole, 4 life of a
--   void stub (ms), 5 '1' when its keys were looked for in the step before (see remember), then id, moves as JSON and
--   secret (or '') of each part
-- Answers the ids of parts that are in the queue already.
local call = redis.call
local function leaveStub (i)
  local key = ARGV[1] .. ARGV[i]
  call('HSET', key, 'void', 1, 'result', ARGV[i + 1])
  if ARGV[i + 2] ~= '' then call('HSET', key, 'secret', ARGV[i + 2]) end
  call('PEXPIRE', key, ARGV[2])
  return key
end
if call('EXISTS', KEYS[1]) == 1 then
  -- A second try of an add that succeeded.
  if call('HEXISTS', KEYS[1], 'void') == 0 then return {} end
  if ARGV[5] == '1' then
    -- Some of its keys are known: the caller adds the others, and receipts find them from the whole.
    for i = 6, #ARGV, 3 do
      local key = ARGV[1] .. ARGV[i]
      -- A part may be void already: its own add came late and found its keys known.
      local isVoid, into = unpack(call('HMGET', key, 'void', 'into'))
      if call('EXISTS', key) == 0 or (isVoid and not into) then leaveStub(i) end
    end
    return {}
  end
  call('DEL', KEYS[1])
end
local known = {}
for i = 6, #ARGV, 3 do
  local key = ARGV[1] .. ARGV[i]
  -- A voided part is not in the queue itself; the keys of its events tell which of them are.
  local isVoid, into = unpack(call('HMGET', key, 'void', 'into'))
  if into or (not isVoid and call('EXISTS', key) == 1) then known[#known + 1] = ARGV[i] end
end
if #known > 0 then
  call('HSET', KEYS[1], 'void', 1)
  call('PEXPIRE', KEYS[1], ARGV[4])
  return known
end
for i = 6, #ARGV, 3 do call('HSET', leaveStub(i), 'into', ARGV[3]) end
return {}
