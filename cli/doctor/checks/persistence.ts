import { error, ok, warning, type Check, type Finding } from '../finding.ts'
import { detailsOf, setting } from '../redis-details.ts'

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  const { info, settings } = redis
  const isAppendOnly = settings?.appendonly ?? (info === undefined ? undefined : info.aof_enabled === '1' ? 'yes' : 'no')
  if (isAppendOnly === undefined) {
    return [warning('it is unknown how Redis persists: neither CONFIG nor INFO may be read', 'what a 202 is worth depends on it', 'look it up in the console of the provider: appendonly has to be yes')]
  }
  if (isAppendOnly !== 'yes') {
    const hasSnapshots = (settings?.save ?? '') !== ''
    return [error(
      hasSnapshots ? 'no append-only file, only snapshots now and then' : 'no persistence: no append-only file',
      hasSnapshots ? 'a restart of Redis loses what was accepted since the last snapshot, minutes of it: a 202 is worth that much' : 'a restart of Redis loses the whole queue: a 202 means that the event is in memory and nothing more',
      'CONFIG SET appendonly yes, and in redis.conf: appendonly yes'
    )]
  }
  return [fsync(setting(redis, 'appendfsync')), ...troubles(info ?? {}, settings ?? {})]
}

function fsync (policy: string | undefined): Finding {
  if (policy === 'always') return ok('appendonly with appendfsync always: a 202 is on the disk of Redis')
  if (policy === 'everysec') return ok('appendonly with appendfsync everysec: a crash of the machine loses a second or two of what was answered 202')
  if (policy === undefined) {
    return warning('appendonly, but appendfsync is unknown: CONFIG is forbidden', 'with always a 202 is on the disk, with everysec a crash of the machine loses a second or two of them', 'look it up in the console of the provider')
  }
  return warning(`appendonly with appendfsync ${policy}`, 'the kernel writes when it likes: a crash of the machine loses half a minute of what was answered 202', 'CONFIG SET appendfsync everysec, or always')
}

function troubles (info: Readonly<Record<string, string>>, settings: Readonly<Record<string, string>>): Finding[] {
  const found: Finding[] = []
  if (info.aof_last_write_status !== undefined && info.aof_last_write_status !== 'ok') {
    found.push(error(`the last write to the append-only file failed: ${info.aof_last_write_status}`, 'Redis refuses writes until it succeeds', 'look at the disk of Redis: df -h, and its log'))
  }
  if (settings['no-appendfsync-on-rewrite'] === 'yes') {
    found.push(warning('no-appendfsync-on-rewrite is yes', 'while the file is rewritten nothing is synced: a crash then loses what was accepted since it began', 'CONFIG SET no-appendfsync-on-rewrite no'))
  }
  return found
}

export default check
