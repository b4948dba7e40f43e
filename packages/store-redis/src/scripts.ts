import { createHash } from 'node:crypto'

/** A Lua script, and the name by which a server that has seen it runs it. */
export interface Script {
  readonly source: string
  readonly sha: string
}

function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

// One server's clock for everybody, in milliseconds. Text, because not every client is given numbers as numbers.
const now = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`

/**
 * KEYS: the record. ARGV: for how long it stays without a further read (milliseconds, 0: for ever).
 *
 * A script rather than HMGET, because clients may send a plain read to a replica, and a replica may be behind.
 */
export const readScript: Script = script(`${now}
local found = redis.call('HMGET', KEYS[1], 'version', 'record', 'writtenAt', 'format')
if found[2] and ARGV[1] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { string.format('%.0f', now), found[1], found[2], found[3], found[4] }`)

/**
 * KEYS: the record. ARGV: the version that must be current, the new one, the record as JSON (empty: delete), for how long a version of
 * "nothing there" may be used, for how long a deleted record's version stays, for how long a record stays unused (0: for ever), the
 * channel. Returns 'written' or 'stale'.
 *
 * The versions before the current one are kept for a few writes: a client that lost its connection sends again what it has no reply to,
 * and is told what came of it the first time.
 *
 * A deleted record leaves its version behind for a while. After that, and before the first write, the version of "nothing there" is the
 * time at which somebody looked; it is refused before a version that was current since then can have gone, and when it is as far ahead,
 * as after the server's clock was set back.
 */
export const compareAndSetScript: Script = script(`local found = redis.call('HMGET', KEYS[1], 'version', 'before')
local current, before = found[1], found[2] or ''
-- The client has sent it twice. Written again: WAIT then covers the first time too, on whatever connection.
if current == ARGV[2] then
  redis.call('HSET', KEYS[1], 'version', current)
  return 'written'
end
-- The same, when others have written in between: it has happened, and must not be done over what they have decided.
if string.find(before, ARGV[2], 1, true) then return 'written' end
${now}
if current then
  if current ~= ARGV[1] then return 'stale' end
else
  local looked = tonumber(string.match(ARGV[1], '^absent%-(%d+)$'))
  if not looked or math.abs(now - looked) >= tonumber(ARGV[4]) then return 'stale' end
end
-- Eight of 22 characters, and a space behind each.
if current then before = string.sub(current .. ' ' .. before, 1, 184) end
if ARGV[3] == '' then
  redis.call('HSET', KEYS[1], 'version', ARGV[2], 'before', before)
  redis.call('HDEL', KEYS[1], 'record', 'writtenAt')
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
else
  local writtenAt = string.format('%.0f', now)
  redis.call('HSET', KEYS[1], 'version', ARGV[2], 'before', before, 'record', ARGV[3], 'writtenAt', writtenAt)
  if ARGV[6] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[6]) else redis.call('PERSIST', KEYS[1]) end
end
-- A hint may be lost; a write must not be lost with it.
redis.pcall('PUBLISH', ARGV[7], '')
return 'written'`)
