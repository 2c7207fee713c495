-- Adds what one process has counted to the statements of organizations, once: after a lost answer the process repeats
-- the call with the same number. If all places are in use, a new organization gets that of the one with the least
-- weight. It inherits that weight, since it may have been missed that often, and the statement that ends goes to the
-- others: the Space-Saving algorithm, as in services/frequency/frequent.ts.
--
-- A weight is a time: that at which a single event would count as much. So weights fade although nobody touches them.
--
-- A statement is packed numbers: when it began, when it was booked last (ms), its counts, and the same ones faded.
--
-- KEYS: 1 statements, 2 weights, 3 ranking by present events, 4 number of the last booking of this process
-- ARGV: 1 number of this booking, 2 life of that number (ms), 3 most statements, 4 counts of a statement, 5 half-life
--   of faded counts (ms), 6 half-life of weights (ms), 7 version of the names that the process knows, 8 the counts of
--   the others, with spaces; then name, received events, age of the counts (ms) and the counts of each organization
-- Answers the version of the names, and the names if they have changed.
local call = redis.call
-- A damaged key is an error before any booking: the caller repairs it and calls again.
call('HLEN', KEYS[1])
call('ZCARD', KEYS[2])
call('ZCARD', KEYS[3])
local last = tonumber(call('GET', KEYS[4]) or 0) or 0
-- A full Redis refuses a script if its first write takes memory.
call('DEL', KEYS[4])
local count, halfLifeMs, weightHalfLifeMs = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local width = 2 + 2 * count
local format = '<' .. string.rep('d', width)
local time = call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

local function read (field, ageMs)
  local text = call('HGET', KEYS[1], field)
  if text and #text == 8 * width then return { struct.unpack(format, text) } end
  local statement = { nowMs - ageMs, nowMs }
  for i = 3, width do statement[i] = 0 end
  return statement
end
local function write (field, statement)
  call('HSET', KEYS[1], field, struct.pack(format, unpack(statement, 1, width)))
end
local function add (statement, counts, faded)
  local kept = 0.5 ^ (math.max(0, nowMs - statement[2]) / halfLifeMs)
  statement[2] = nowMs
  for i = 1, count do
    statement[2 + i] = statement[2 + i] + counts[i]
    statement[2 + count + i] = statement[2 + count + i] * kept + (faded or counts)[i]
  end
end

-- Adds events to a weight, both as times: log2(2^a + 2^b).
local function raise (key, name, events, halfLife)
  local score = nowMs + halfLife * math.log(events) / math.log(2)
  local before = tonumber(call('ZSCORE', key, name))
  if before then
    local high, low = math.max(before, score), math.min(before, score)
    score = high + halfLife * math.log(1 + 2 ^ ((low - high) / halfLife)) / math.log(2)
  end
  call('ZADD', key, score, name)
end

-- No field of an organization begins so.
local OTHERS, others = '*others', nil
local function addToOthers (counts, faded)
  others = others or read(OTHERS, 0)
  add(others, counts, faded)
end

-- Ends the statement with the least weight and returns that weight.
local function endLeast ()
  local name, weight = unpack(call('ZPOPMIN', KEYS[2]))
  local field = 'o' .. name
  local ended = read(field, 0)
  local kept = 0.5 ^ (math.max(0, nowMs - ended[2]) / halfLifeMs)
  local counts, faded = {}, {}
  for i = 1, count do counts[i], faded[i] = ended[2 + i], ended[2 + count + i] * kept end
  addToOthers(counts, faded)
  call('HDEL', KEYS[1], field)
  call('ZREM', KEYS[3], name)
  return weight
end

local isChanged = false
if last < tonumber(ARGV[1]) then
  local rest = {}
  for events in string.gmatch(ARGV[8], '%S+') do rest[#rest + 1] = tonumber(events) end
  if #rest == count then addToOthers(rest) end
  for i = 9, #ARGV, 3 + count do
    local name, received, ageMs = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
    local counts = {}
    for j = 1, count do counts[j] = tonumber(ARGV[i + 2 + j]) end
    local field = 'o' .. name
    local isKnown = call('HEXISTS', KEYS[1], field) == 1
    if not isKnown and received == 0 then addToOthers(counts)
    else
      if not isKnown then
        isChanged = true
        local weight
        while call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) do weight = endLeast() end
        if weight then call('ZADD', KEYS[2], weight, name) end
      end
      local statement = read(field, ageMs)
      add(statement, counts)
      write(field, statement)
      if received > 0 then
        raise(KEYS[2], name, received, weightHalfLifeMs)
        raise(KEYS[3], name, received, halfLifeMs)
      end
    end
  end
  if others then write(OTHERS, others) end
end
call('SET', KEYS[4], ARGV[1], 'PX', ARGV[2])

local version = call('HGET', KEYS[1], 'names')
if isChanged or not version then
  version = string.format('%.0f', math.max(nowMs, (tonumber(version) or 0) + 1))
  call('HSET', KEYS[1], 'names', version)
end
return { version, version ~= ARGV[7] and call('ZRANGE', KEYS[2], 0, -1) }
