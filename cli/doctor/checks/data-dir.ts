import { size } from '../../paint.ts'
import { error, ok, warning, type Check } from '../finding.ts'

const check: Check = ({ dataDir, config }) => {
  const { path, existing, isWritable, isOpen, freeBytes } = dataDir
  const { SPOOL_MAX_BYTES: needed, SPOOL_CLASSES: classes, REDIS_URL: redisUrl } = config
  const isNeeded = classes.size > 0 || redisUrl === undefined
  const place = `DATA_DIR ${path}${existing === path ? '' : `, to be created in ${existing}`}`
  if (!isNeeded) return [ok('DATA_DIR is not used: the spool is off and Redis is not embedded')]
  if (!isWritable) {
    return [
      error(
        `this user cannot write ${place}`,
        redisUrl === undefined
          ? 'the embedded Redis and the spool keep their files there'
          : 'critical events cannot be spooled while Redis is away',
        `chown it to the user of the service, or set DATA_DIR to another folder`
      )
    ]
  }
  if (isOpen) {
    return [
      warning(
        `other users can write to ${place}`,
        'they can remove and replace the files of Redis and of the spool',
        `chmod go-w ${path}`
      )
    ]
  }
  if (classes.size > 0 && freeBytes < needed) {
    return [
      warning(
        `${place} has ${size(freeBytes)} free; the spool may use SPOOL_MAX_BYTES=${needed} (${size(needed)})`,
        'the disk fills up before the spool does, which affects everything else on that disk',
        `free space on the disk, or set SPOOL_MAX_BYTES=${Math.max(4_096, Math.floor(freeBytes / 2 / 4_096) * 4_096)}`
      )
    ]
  }
  return [ok(`${place} can be written and has ${size(freeBytes)} free`)]
}

export default check
