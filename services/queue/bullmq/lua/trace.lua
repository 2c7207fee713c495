-- Answers the state of a batch, from one moment. Only reads; its cost does not depend on the length of the queue.
-- KEYS: 1 job, 2 completed, 3 failed, 4 delayed, 5 prioritized, 6 active. ARGV: 1 batch id
-- Answers state, when it was added and last begun, its secret, and then the facts of the state:
--   settled  when, result      void  result      delayed  score, events      waiting, active, failed  events
-- where events is the outline of a large batch and nothing, or nothing and the data. The data of a large one is not
-- touched.
local call = redis.call
local stub = redis.pcall('HMGET', KEYS[1], 'settled', 'added', 'started', 'result', 'void', 'secret')
-- A key that is not a hash is foreign.
if stub.err then return { 'missing' } end
if stub[1] then return { 'settled', stub[2], stub[3], stub[6], stub[1], stub[4] } end
if stub[5] then return { 'void', false, false, stub[6], stub[4] } end
local job = call('HMGET', KEYS[1], 'timestamp', 'processedOn')
if not job[1] then return { 'missing' } end
-- Finished, and not yet replaced by its stub.
if call('ZSCORE', KEYS[2], ARGV[1]) then
  local ended = call('HMGET', KEYS[1], 'finishedOn', 'returnvalue')
  return { 'settled', job[1], job[2], stub[6], ended[1], ended[2] }
end
local function present (state, ...) return { state, job[1], job[2], stub[6], ... } end
local outline = call('HGET', KEYS[1], 'outline')
local data = not outline and call('HGET', KEYS[1], 'data')
if call('ZSCORE', KEYS[3], ARGV[1]) then return present('failed', outline, data) end
local score = call('ZSCORE', KEYS[4], ARGV[1])
if score then return present('delayed', score, outline, data) end
-- The list of active batches is short. Stalled batches go into `wait`, all others into `prioritized`.
if not call('ZSCORE', KEYS[5], ARGV[1]) and call('LPOS', KEYS[6], ARGV[1]) then return present('active', outline, data) end
return present('waiting', outline, data)
