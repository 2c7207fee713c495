-- Books the events of a batch that was just added, once, whatever the number of tries. Runs in one step with the add,
-- so a crash cannot separate them, and does nothing if the add did nothing. Events put back are in two jobs until their
-- old batch is settled, and are booked as moving.
-- KEYS: 1 job, 2 ledger, 3 due, 4 job that the events leave, or the job itself, 5 mark that the keys of its events
--   count, 6 counter that bounds the depth (see room)
-- ARGV: 1 field (enqueued | requeued), 2 priority, 3 events, 4 for how long it is put off (ms), 5 width of the buckets
--   of what is put off (ms), 6 life of the mark (ms), 0 without keys, 7 secret of the batch or '', 8 outline of a large
--   batch or '', which receipts are given from, 9 1 if the counter stays right
-- Answers how many events of the priority were ever booked in this field, with those of the batch; 0 if the batch was
--   not added.
local call = redis.call
if call('EXISTS', KEYS[1]) == 0 or call('HEXISTS', KEYS[1], 'void') == 1 then return 0 end
if call('HSETNX', KEYS[1], 'events', ARGV[3]) == 0 then
  return tonumber(call('HGET', KEYS[2], ARGV[1] .. ':' .. ARGV[2]))
end
if ARGV[7] ~= '' then call('HSET', KEYS[1], 'secret', ARGV[7]) end
if ARGV[8] ~= '' then call('HSET', KEYS[1], 'outline', ARGV[8]) end
local total = call('HINCRBY', KEYS[2], ARGV[1] .. ':' .. ARGV[2], ARGV[3])
if ARGV[9] ~= '1' then call('DEL', KEYS[6]) end
if ARGV[6] ~= '0' then call('SET', KEYS[5], 1, 'PX', ARGV[6]) end
if ARGV[4] ~= '0' then
  -- The clock of Redis stamped the job in this step. Rounded down, so a running batch never counts as delayed.
  local dueMs = call('HGET', KEYS[1], 'timestamp') + ARGV[4]
  call('HSET', KEYS[1], 'due', dueMs)
  call('HINCRBY', KEYS[3], string.format('%.0f', dueMs - dueMs % ARGV[5]) .. ':' .. ARGV[2], ARGV[3])
end
if ARGV[1] == 'requeued' then
  if call('HEXISTS', KEYS[4], 'data') == 1 then
    call('HINCRBY', KEYS[4], 'moved', ARGV[3])
    call('HINCRBY', KEYS[2], 'moving:' .. ARGV[2], ARGV[3])
  else
    -- Another worker settled the batch meanwhile: these events are in the queue a second time.
    call('HINCRBY', KEYS[2], 'repeated:' .. ARGV[2], ARGV[3])
  end
end
return total
