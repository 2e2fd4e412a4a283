"""What Redis does with the streams of topics, each script at once and without anything in between.

An entry's id is ``<epoch's first microsecond>-<seq>``. Number 0 is no frame: it wakes those who wait for one, so
that they see that an epoch has begun.
"""

_EPOCHS = """
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')

local function present(meta)
  local found = redis.call('HMGET', meta, 'epoch', 'seq', 'began', 'run')
  if found[1] and found[4] == run then
    return {epoch = found[1], seq = tonumber(found[2]), began = found[3]}
  end
  return nil, found[3]
end

local function start(meta, log, suffix)
  local _, earlier = present(meta)
  earlier = earlier or redis.call('HGET', meta, 'began')
  if not earlier then redis.call('DEL', log) end
  local clock = redis.call('TIME')
  local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
  if earlier and now <= tonumber(earlier) then now = tonumber(earlier) + 1 end
  local began = string.format('%.0f', now)
  local epoch = began .. '-' .. suffix
  redis.call('HSET', meta, 'epoch', epoch, 'seq', 0, 'began', began, 'run', run)
  redis.call('XADD', log, began .. '-0', 'e', epoch)
  return {epoch = epoch, seq = 0, began = began}
end
"""

# KEYS: the writer's newest batch, then meta and log of each topic.
# ARGV: batch number, suffix of new epochs, frames to keep, seconds to keep, number of topics,
#       then for each topic its opening and 1 where it begins anew, then topic index and body of each message.
APPEND = (
    _EPOCHS
    + """
if redis.call('GET', KEYS[1]) == ARGV[1] then return 0 end
local topics, count, at = {}, tonumber(ARGV[5]), 6
for i = 1, count do
  local meta, log = KEYS[2 * i], KEYS[2 * i + 1]
  local topic = ARGV[at + 1] ~= '1' and present(meta) or start(meta, log, ARGV[2])
  topic.opening = ARGV[at] .. topic.epoch .. '","seq":'
  topics[i] = topic
  at = at + 2
end
while at < #ARGV do
  local i = tonumber(ARGV[at])
  local topic = topics[i]
  topic.seq = topic.seq + 1
  local frame = topic.opening .. string.format('%.0f', topic.seq) .. ',' .. ARGV[at + 1]
  local id = topic.began .. '-' .. string.format('%.0f', topic.seq)
  redis.call('XADD', KEYS[2 * i + 1], 'MAXLEN', '~', ARGV[3], id, 'f', frame)
  at = at + 2
end
for i = 1, count do
  redis.call('HSET', KEYS[2 * i], 'seq', string.format('%.0f', topics[i].seq))
  redis.call('EXPIRE', KEYS[2 * i], ARGV[4])
  redis.call('EXPIRE', KEYS[2 * i + 1], ARGV[4])
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[4])
return 1
"""
)

# KEYS: meta, log. ARGV: suffix of a new epoch, seconds to keep.
HEAD = (
    _EPOCHS
    + """
local topic = present(KEYS[1])
if not topic then
  topic = start(KEYS[1], KEYS[2], ARGV[1])
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  redis.call('EXPIRE', KEYS[2], ARGV[2])
end
return {topic.epoch, topic.seq}
"""
)

# KEYS: meta, log. ARGV: epoch, number after which, limit. Answers nil where the frames are gone.
READ = (
    _EPOCHS
    + """
local topic, after = present(KEYS[1]), tonumber(ARGV[2])
if not topic or topic.epoch ~= ARGV[1] or after > topic.seq or after < 0 then return false end
if after == topic.seq then return {} end
local first = topic.began .. '-' .. string.format('%.0f', after + 1)
local found = redis.call('XRANGE', KEYS[2], first, '+', 'COUNT', ARGV[3])
if #found == 0 or found[1][1] ~= first then return false end
local frames = {}
for i, entry in ipairs(found) do frames[i] = entry[2][2] end
return frames
"""
)

# KEYS: meta, log. ARGV: how many. Answers the epoch, the number of the newest frame, then frames, newest first.
TAIL = (
    _EPOCHS
    + """
local topic = present(KEYS[1])
if not topic then return {} end
local answer = {topic.epoch, topic.seq}
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[2], '+', topic.began .. '-1', 'COUNT', ARGV[1])) do
  answer[#answer + 1] = entry[2][2]
end
return answer
"""
)
