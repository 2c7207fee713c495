-- Gives a batch that was just added its place in a fair order (services/organizations/fair-order.ts), and charges its
-- flows. BullMQ orders waiting jobs by rank * 2^32 + count; here the count is a tag. Does nothing if the add did
-- nothing, or the batch was booked before: a second try does not charge twice.
--
-- The counter of BullMQ follows the highest tag. So a batch that is added without a tag comes behind all that wait, and
-- the first one with a tag behind all without one. Below the first tag of a rank is room for batches that go first, and
-- the upper half of a rank is for batches without a tag: those that would have a higher tag are in order of time there,
-- until nothing of the rank waits and tags begin at the bottom again.
-- KEYS: 1 prioritized, 2 job, 3 finishes of the flows, 4 counter of priorities
-- ARGV: 1 job id, 2 rank, then name, charge of the first event and charge of all events of each flow
-- Answers the lowest tag that waited and the finish of each flow, or nothing.
local call = redis.call
local given = tonumber(call('ZSCORE', KEYS[1], ARGV[1]))
if not given or call('HEXISTS', KEYS[2], 'events') == 1 then return {} end
local lowest = ARGV[2] * SCORES_PER_RANK
local highest = lowest + SCORES_PER_RANK - 1
local function text (number) return string.format('%.17g', number) end

local waiting = call('ZRANGEBYSCORE', KEYS[1], lowest + 1, highest, 'WITHSCORES', 'LIMIT', 0, 2)
local now = waiting[waiting[1] == ARGV[1] and 4 or 2]
now = now and tonumber(now)
-- Flows that end before the lowest tag have nothing that waits.
call('ZREMRANGEBYSCORE', KEYS[3], lowest, now and '(' .. text(now) or highest)
local first = now and call('ZSCORE', KEYS[3], ARGV[2])
if not first and (not now or call('ZCOUNT', KEYS[3], lowest, highest) == 0) then
  -- Nothing waits, or nothing with a tag. All flows begin behind it.
  now = now and given or lowest + 1
  call('ZADD', KEYS[3], text(now), ARGV[2])
end
now = math.max(now, tonumber(first or 0))
local limit = math.max(now, lowest + SCORES_PER_RANK / 2)
local function within (number) return math.min(number, limit) end

local names = {}
for i = 3, #ARGV, 3 do
  names[#names + 1] = ARGV[2] .. ':' .. ARGV[i]
  names[#names + 1] = ARGV[2] .. '>' .. ARGV[i]
end
-- Lua passes some thousand arguments at most.
local function inParts (values, run)
  for i = 1, #values, 2000 do run(unpack(values, i, math.min(i + 1999, #values))) end
end
local known = {}
inParts(names, function (...)
  for _, score in ipairs(call('ZMSCORE', KEYS[3], ...)) do known[#known + 1] = tonumber(score or 0) end
end)
local tag, finishes, reply = now, {}, { text(now - lowest) }
for i = 3, #ARGV, 3 do
  local flow = (i - 3) / 3
  local start = math.max(now, known[2 * flow + 1])
  finishes[flow + 1] = within(start + ARGV[i + 2])
  tag = math.max(tag, start + ARGV[i + 1], known[2 * flow + 2])
  reply[flow + 2] = text(finishes[flow + 1] - lowest)
end
tag = tag < limit and tag or math.max(limit, given)
local changed, floor = {}, text(within(tag + LEAST_CHARGE))
for flow, finish in ipairs(finishes) do
  changed[#changed + 1] = text(finish)
  changed[#changed + 1] = names[2 * flow - 1]
  if finish < tag then
    changed[#changed + 1] = floor
    changed[#changed + 1] = names[2 * flow]
  end
end
inParts(changed, function (...) call('ZADD', KEYS[3], ...) end)
call('ZADD', KEYS[1], text(tag), ARGV[1])
if tag > given then call('SET', KEYS[4], string.format('%.0f', math.ceil(tag - lowest))) end
return reply
