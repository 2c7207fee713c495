import { error, ok, warning, type Check, type Finding } from '../finding.ts'
import { detailsOf, setting } from '../redis-details.ts'

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  const { info, settings } = redis
  const isAppendOnly = settings?.appendonly ??
    (info === undefined ? undefined : info.aof_enabled === '1' ? 'yes' : 'no')
  if (isAppendOnly === undefined) {
    return [
      warning(
        'the persistence of Redis is unknown: Redis refuses CONFIG and INFO',
        'the durability of a 202 depends on it',
        'look it up in the console of the provider: appendonly has to be yes'
      )
    ]
  }
  if (isAppendOnly !== 'yes') {
    const hasSnapshots = (settings?.save ?? '') !== ''
    return [error(
      hasSnapshots ? 'no append-only file, only occasional snapshots' : 'no persistence: no append-only file',
      hasSnapshots
        ? 'a restart of Redis loses the events accepted since the last snapshot, often minutes of them, despite ' +
          'their 202'
        : 'a restart of Redis loses the whole queue: a 202 only means that the event is in memory',
      'CONFIG SET appendonly yes, and set it in redis.conf: appendonly yes'
    )]
  }
  return [fsync(setting(redis, 'appendfsync')), ...troubles(info ?? {}, settings ?? {})]
}

function fsync (policy: string | undefined): Finding {
  if (policy === 'always')
    return ok('appendonly with appendfsync always: an event answered 202 is on the disk of Redis')
  if (policy === 'everysec')
    return ok('appendonly with appendfsync everysec: a crash of the machine loses one or two seconds of events answered 202')
  if (policy === undefined) {
    return warning(
      'appendonly, but appendfsync is unknown: CONFIG is forbidden',
      'with always an event answered 202 is on the disk; with everysec a crash of the machine loses one or two ' +
      'seconds of them',
      'look it up in the console of the provider'
    )
  }
  return warning(
    `appendonly with appendfsync ${policy}`,
    'the kernel decides when to write: a crash of the machine loses half a minute of events answered 202',
    'CONFIG SET appendfsync everysec, or always'
  )
}

function troubles (info: Readonly<Record<string, string>>, settings: Readonly<Record<string, string>>): Finding[] {
  const found: Finding[] = []
  if (info.aof_last_write_status !== undefined && info.aof_last_write_status !== 'ok') {
    found
      .push(error(
        `the last write to the append-only file failed: ${info.aof_last_write_status}`,
        'Redis refuses writes until it succeeds',
        'check the disk of Redis (df -h) and its log'
      ))
  }
  if (settings['no-appendfsync-on-rewrite'] === 'yes') {
    found
      .push(warning(
        'no-appendfsync-on-rewrite is yes',
        'Redis syncs nothing during a rewrite of the file: a crash then loses the events accepted since the ' +
        'rewrite began',
        'CONFIG SET no-appendfsync-on-rewrite no'
      ))
  }
  return found
}

export default check
